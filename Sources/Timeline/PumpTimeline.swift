package import PumpCore

/// One pump's log with corrected times: what the counting core reads.
package struct PumpTimeline: Sendable {
    package var pump: PumpIdentity
    /// What the family's events say about containers.
    package var signs: ContainerSigns
    /// In the log's own order, oldest first, superseded ones included.
    package var records: [TimedRecord]
    package var gaps: [TimedGap]
    /// The log is known to be complete up to here, gaps apart: the last read where the pump's clock was read beside the
    /// host's, else the last record. Nil where no time can be corrected.
    package var completeThrough: Instant?
    /// The same on the patient's wall clock; without corrected times, the last record's own time.
    package var completeThroughCivil: CivilDateTime?
    /// Seconds by which the pump's clock was ahead of the patient's wall clock (or, for a counter, nil) at the newest
    /// reading.
    package var clockAheadSeconds: Int?

    package init(
        pump: PumpIdentity, signs: ContainerSigns, records: [TimedRecord], gaps: [TimedGap] = [],
        completeThrough: Instant? = nil, completeThroughCivil: CivilDateTime? = nil, clockAheadSeconds: Int? = nil
    ) {
        self.pump = pump
        self.signs = signs
        self.records = records
        self.gaps = gaps
        self.completeThrough = completeThrough
        self.completeThroughCivil = completeThroughCivil
        self.clockAheadSeconds = clockAheadSeconds
    }

    /// True where there are records and none of them has a corrected time: reports then say "uncorrected".
    package var isUncorrected: Bool { !records.isEmpty && records.allSatisfy { $0.correctedAt == nil } }

    /// Corrects a log. `zones` are the home zones of the patients to whom the pump was assigned, empty where it belongs
    /// to nobody. The raw times stay as they are.
    package init(_ log: PumpLog, signs: ContainerSigns, zones: [ZoneSpan]) {
        var correction = TimeCorrection(log, zones: zones, entriesAreOrdered: signs == .attested)
        let times = correction.run()
        var timed: [TimedRecord] = []
        timed.reserveCapacity(log.records.count)
        for index in log.records.indices where index < times.count {
            let time = times[index]
            timed.append(
                TimedRecord(
                    record: log.records[index], correctedAt: time.instant, civil: time.civil, method: time.method,
                    uncertaintySeconds: time.uncertaintySeconds, isDoubtful: time.isDoubtful))
        }
        let edges = EdgeTimes(timed)
        var gaps = edges.timed(log.gaps, pump: log.pump.serial)
        for jump in correction.jumps {
            let gap = edges.timed(jumpBefore: jump, pump: log.pump.serial)
            if gaps.last != gap { gaps.append(gap) }
        }
        gaps.sort { ($0.fromCivil?.wallSeconds ?? Int.min) < ($1.fromCivil?.wallSeconds ?? Int.min) }

        var completeThrough = edges.lastInstant
        var completeThroughCivil = edges.lastCivil
        let hosts = log.clocks.compactMap(\.host)
        if let newest = hosts.max() {
            let read = max(log.lastReadAt ?? newest, newest)
            if completeThrough.map({ $0 < read }) ?? true {
                completeThrough = read
                completeThroughCivil = correction.civil(read)
            }
        }
        self.init(
            pump: log.pump, signs: signs, records: timed, gaps: gaps, completeThrough: completeThrough,
            completeThroughCivil: completeThroughCivil, clockAheadSeconds: correction.clockAheadSeconds)
    }
}

/// The times of a log's records, for turning gaps between records into intervals.
private struct EdgeTimes {
    let records: [TimedRecord]

    init(_ records: [TimedRecord]) { self.records = records }

    /// The latest corrected time: records may be a little out of order.
    var lastInstant: Instant? {
        records.suffix(Self.look).compactMap(\.correctedAt).max() ?? records.compactMap(\.correctedAt).max()
    }

    var lastCivil: CivilDateTime? {
        records.suffix(Self.look).compactMap(\.civil).max() ?? records.compactMap(\.civil).max()
    }

    private static let look = 64

    func timed(_ gaps: [LogGap], pump: String) -> [TimedGap] {
        guard !gaps.isEmpty else { return [] }
        var wanted = Set<RecordKey>()
        for gap in gaps {
            if let key = gap.after { wanted.insert(key) }
            if let key = gap.before { wanted.insert(key) }
        }
        var places: [RecordKey: Int] = [:]
        for index in records.indices where wanted.contains(records[index].record.key) {
            places[records[index].record.key] = index
        }
        return gaps.map { gap in
            let left = gap.after.flatMap { places[$0] }.flatMap { nearest(to: $0, by: -1) }
            let right = gap.before.flatMap { places[$0] }.flatMap { nearest(to: $0, by: 1) }
            return TimedGap(
                pump: pump, from: left?.correctedAt, to: right?.correctedAt, fromCivil: left?.civil,
                toCivil: right?.civil, reason: TimedGap.Reason(gap.reason), missing: gap.missing, detail: gap.detail)
        }
    }

    /// The doubt about a jump reaches from the last time that can be believed to the next one.
    func timed(jumpBefore index: Int, pump: String) -> TimedGap {
        let left = index > 0 ? nearest(to: index - 1, by: -1, believed: true) : nil
        let right = nearest(to: index, by: 1, believed: true)
        let isBackwards = (left?.civil).flatMap { l in (right?.civil).map { $0 < l } } ?? false
        let (first, last) = isBackwards ? (right, left) : (left, right)
        return TimedGap(
            pump: pump, from: first?.correctedAt, to: last?.correctedAt, fromCivil: first?.civil, toCivil: last?.civil,
            reason: .clockJump)
    }

    /// The record at `index`, or the next one in that direction that has a time.
    private func nearest(to index: Int, by step: Int, believed: Bool = false) -> TimedRecord? {
        var at = index
        while records.indices.contains(at) {
            let record = records[at]
            if record.civil != nil || record.correctedAt != nil, !believed || !record.isDoubtful { return record }
            at += step
        }
        return nil
    }
}
