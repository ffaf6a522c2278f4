import PumpCore

/// A record that bears a time of the pump's own clock, reduced to what correcting it needs.
struct ClockItem {
    /// Its place in the log.
    let record: Int
    /// Wall seconds of a calendar clock, or a counter's seconds.
    let seconds: Int
    /// For a record that says that the clock was set: new reading less old one.
    var change: Int?
    /// A clock change of which the log does not say how far it went.
    var isUntoldChange = false
    /// Read in a session that read the pump's clock and was not told its own: nothing corrects it.
    var isWithoutHost = false
    /// Daily totals bear the day that they sum up, and nobody knows what unknown records bear: neither says that the
    /// clock went backwards.
    var tellsOrder = true
}

/// One reading of the pump's clock beside the host's, at its place in the log.
struct ClockAnchor {
    /// The last item that was in the log when the clock was read.
    let item: Int
    /// What the pump's clock showed, in the items' unit.
    let device: Int
    let host: Instant
}

extension ClockItem {
    /// The items of a log that have a calendar's time, and those that have a counter's.
    static func items(of log: PumpLog) -> (calendar: [ClockItem], counter: [ClockItem]) {
        let hostless = sessionsWithoutHost(log)
        var calendar: [ClockItem] = []
        var counter: [ClockItem] = []
        for index in log.records.indices {
            guard let time = log.records[index].record.deviceTime else { continue }
            let kind = log.records[index].record.event.kind
            var item: ClockItem
            switch time {
            case .counter(let seconds): item = ClockItem(record: index, seconds: seconds)
            case .civil(let civil):
                item = ClockItem(record: index, seconds: civil.wallSeconds)
                if kind == .clockChanged {
                    item.change = newTime(ofChangeAt: index, in: log).map { $0.wallSeconds - civil.wallSeconds }
                    item.isUntoldChange = item.change == nil
                }
            }
            item.tellsOrder = kind != .counter && kind != .unknown
            if !hostless.isEmpty {
                item.isWithoutHost =
                    log.records[index].readAt == nil && hostless.contains(log.records[index].session)
            }
            switch time {
            case .counter: counter.append(item)
            case .civil:
                if calendar.isEmpty { calendar.reserveCapacity(log.records.count) }
                calendar.append(item)
            }
        }
        return (calendar, counter)
    }

    /// Some families say old and new time in two records; the second one may lie on another page than the first.
    private static func newTime(ofChangeAt index: Int, in log: PumpLog) -> CivilDateTime? {
        let event = log.records[index].event
        if let time = event.newTime { return time }
        if let time = event.note.flatMap({ CivilDateTime($0) }) { return time }
        guard index + 1 < log.records.count else { return nil }
        let next = log.records[index + 1].event
        return next.kind == .note || next.kind == .clockChanged ? next.newTime : nil
    }

    private static func sessionsWithoutHost(_ log: PumpLog) -> Set<SessionID> {
        guard !log.clocks.isEmpty else { return [] }
        let known = Set(log.clocks.lazy.filter { $0.host != nil }.map(\.session))
        return Set(log.clocks.lazy.map(\.session)).subtracting(known)
    }
}

extension ClockAnchor {
    /// The readings of one kind, oldest first. A reading belongs behind the newest record that its session, or one
    /// before it, had read: what a later session filled in further back does not move it.
    static func anchors(of log: PumpLog, items: [ClockItem], counters: Bool) -> [ClockAnchor] {
        let readings = log.clocks.compactMap { reading -> (session: SessionID, device: Int, host: Instant)? in
            guard let host = reading.host else { return nil }
            switch reading.device {
            case .counter(let seconds): return counters ? (reading.session, seconds, host) : nil
            case .civil(let civil): return counters ? nil : (reading.session, civil.wallSeconds, host)
            }
        }.sorted { $0.host < $1.host }
        guard !readings.isEmpty, !items.isEmpty else { return [] }
        var newest: [SessionID: Int] = [:]
        var last: SessionID?
        for (place, item) in items.enumerated().reversed() {
            let session = log.records[item.record].session
            guard session != last else { continue }
            last = session
            if newest[session] == nil { newest[session] = place }
        }
        var reached = -1
        var anchors: [ClockAnchor] = []
        for (number, reading) in readings.enumerated() {
            reached = max(reached, newest[reading.session] ?? -1)
            // The newest reading saw the whole log, also where it added nothing to it.
            let place = number == readings.count - 1 ? max(reached, items.count - 1) : reached
            if place >= 0 { anchors.append(ClockAnchor(item: place, device: reading.device, host: reading.host)) }
        }
        return anchors
    }
}
