import PumpCore

struct CorrectedTime {
    var instant: Instant?
    var civil: CivilDateTime?
    var method: ClockMethod = .none
    var uncertaintySeconds = 0
    var isDoubtful = false
}

/// Corrects the times of one pump's log. Raw times stay as they are.
///
/// Without a reading of the clock, a calendar clock is taken for the wall clock of the patient's home zone, with
/// daylight saving (contract, Counting 1). With a reading, the newest stretch is moved by what the reading shows; a
/// calendar clock that belongs to no patient, and every counter, by elapsed time. See `ClockWalk` for what lies before.
struct TimeCorrection {
    private let log: PumpLog
    private var cursor: ZoneCursor
    private let entriesAreOrdered: Bool
    private var times: [CorrectedTime]
    /// Records before which the clock jumped without a word.
    private(set) var jumps: [Int] = []
    private(set) var clockAheadSeconds: Int?

    /// `entriesAreOrdered` says that each record was written after the one before it, to the second: of entries that
    /// people number this is so, of records that a pump stores when they end it is not.
    init(_ log: PumpLog, zones: [ZoneSpan], entriesAreOrdered: Bool) {
        self.log = log
        self.entriesAreOrdered = entriesAreOrdered
        cursor = ZoneCursor(zones)
        times = [CorrectedTime](repeating: CorrectedTime(), count: log.records.count)
    }

    mutating func run() -> [CorrectedTime] {
        let (calendar, counter) = ClockItem.items(of: log)
        for (items, counters) in [(calendar, false), (counter, true)] {
            guard !items.isEmpty else { continue }
            let anchors = ClockAnchor.anchors(of: log, items: items, counters: counters)
            let found = ClockJumps(items) { isRepeatedHour($0, counters: counters) }
            var walk = ClockWalk(items: items, jumps: found, anchors: anchors, isCounter: counters, cursor: cursor)
            walk.run()
            var stretches = walk.stretches
            doubt(&stretches, items, found)
            convert(items, stretches, outliers: found.outliers)
            jumps += found.before.union(found.outliers).map { items[$0].record }
            if !counters, let newest = anchors.last { clockAheadSeconds = ahead(newest) }
        }
        jumps.sort()
        return times
    }

    /// An instant on the wall clock of the patient who has the pump then.
    func civil(_ instant: Instant) -> CivilDateTime? {
        var cursor = cursor
        return cursor.zone(atWall: instant.secondsSince1970)?.civil(instant)
    }

    private func isRepeatedHour(_ seconds: Int, counters: Bool) -> Bool {
        var cursor = cursor
        guard !counters, let zone = cursor.zone(atWall: seconds),
            case .twice = zone.read(CivilDateTime(wallSeconds: seconds))
        else { return false }
        return true
    }

    private mutating func ahead(_ anchor: ClockAnchor) -> Int? {
        guard let zone = cursor.zone(atWall: anchor.device) else { return nil }
        return anchor.device - zone.civil(anchor.host).wallSeconds
    }

    // MARK: Doubt

    /// Decides which pieces between jumps can be believed. A piece in which the clock was read or set is. Any other one
    /// keeps its own reading: doubtful where that cannot be true beside its neighbours, else only less certain.
    private func doubt(_ stretches: inout [ClockStretch], _ items: [ClockItem], _ found: ClockJumps) {
        guard !found.before.isEmpty else { return }
        /// The wall time at which the next piece that can be believed begins.
        var next: Int?
        var end = stretches.count
        while end > 0 {
            var start = end - 1
            while start > 0, !found.before.contains(stretches[start].items.lowerBound) { start -= 1 }
            let piece = start..<end
            let isLast = end == stretches.count
            let isProven = stretches[piece].contains { $0.method == .clockReading || $0.method == .clockChange }
            let first = items[stretches[start].items.lowerBound]
            let last = items[stretches[end - 1].items.upperBound - 1]
            var isDoubtful = false
            if !isProven {
                let wasReset =
                    start > 0 && looksReset(first.seconds, after: items[stretches[start].items.lowerBound - 1].seconds)
                let isLongBefore = next.map { $0 - last.seconds > ClockJumps.longestIdle } ?? false
                let isBeyondNext = next.map { last.seconds - $0 > ClockStretch.uncomparedSeconds } ?? false
                isDoubtful = wasReset || isLongBefore || isBeyondNext
                if !isLast || isDoubtful {
                    for index in piece {
                        stretches[index].isDoubtful = isDoubtful
                        stretches[index].uncertaintySeconds = ClockStretch.unexplainedSeconds
                    }
                }
            }
            if !isDoubtful { next = wallSeconds(first.seconds, under: stretches[start].law) ?? next }
            end = start
        }
    }

    /// A clock that lost its time begins with a new year, in a year that has passed.
    private func looksReset(_ seconds: Int, after before: Int) -> Bool {
        let date = CivilDateTime(wallSeconds: seconds).date
        let (year, month, day) = date.components
        return month == 1 && day == 1 && year < CivilDateTime(wallSeconds: before).date.year
    }

    private func wallSeconds(_ seconds: Int, under law: ClockLaw) -> Int? {
        switch law {
        case .unknown: nil
        case .wall(let shift): seconds + shift
        case .elapsed(let shift): civil(Instant(secondsSince1970: seconds + shift))?.wallSeconds
        }
    }

    // MARK: Conversion

    private mutating func convert(_ items: [ClockItem], _ stretches: [ClockStretch], outliers: Set<Int>) {
        for stretch in stretches {
            /// The latest instant of the stretch so far: in the repeated hour the log's order decides.
            var latest: Int?
            for index in stretch.items {
                let item = items[index]
                var time = CorrectedTime()
                time.method = stretch.method
                time.isDoubtful = stretch.isDoubtful || outliers.contains(index)
                time.uncertaintySeconds = stretch.uncertainty(at: item.seconds)
                switch stretch.law {
                case .unknown:
                    if case .civil(let civil)? = log.records[item.record].record.deviceTime { time.civil = civil }
                case .elapsed(let shift):
                    let instant = Instant(secondsSince1970: item.seconds + shift)
                    time.instant = instant
                    time.civil =
                        cursor.zone(atWall: instant.secondsSince1970)?.civil(instant)
                        ?? log.records[item.record].record.deviceTime?.civil
                case .wall(let shift):
                    read(item.seconds + shift, after: latest, into: &time)
                }
                if let instant = time.instant?.secondsSince1970, item.tellsOrder, !outliers.contains(index) {
                    latest = max(latest ?? instant, instant)
                }
                times[item.record] = time
            }
        }
    }

    /// Reads a wall-clock time in the home zone. UTC never runs backwards in the repeated hour: a time that would lie
    /// before the record before it is the second one. A time in the missing hour moves one hour on.
    private mutating func read(_ wall: Int, after latest: Int?, into time: inout CorrectedTime) {
        let civil = CivilDateTime(wallSeconds: wall)
        time.civil = civil
        if let offset = cursor.steadyOffset(ofWall: wall) {
            time.instant = Instant(secondsSince1970: wall - offset)
            return
        }
        guard let zone = cursor.zone(atWall: wall) else { return }
        switch zone.read(civil) {
        case .once(let instant): time.instant = instant
        case .never(let moved):
            time.instant = moved
            time.civil = zone.civil(moved)
        case .twice(let first, let second):
            let slack = entriesAreOrdered ? 0 : ClockJumps.slack
            if let latest, first.secondsSince1970 < latest - slack {
                time.instant = second
            } else {
                time.instant = first
                time.uncertaintySeconds += second.seconds(since: first)
            }
        }
    }
}
