import PumpCore

/// Which segments of the store are to be transferred, newest first, and what of them goes to the ledger. It asks nobody
/// itself.
struct SegmentReading: Sendable {
    /// On the first visit to a pump the nurse waits for this many events; the rest is read while there is time.
    static let newestOnFirstVisit = 1_024

    /// A segment and the numbers of its events.
    struct Segment: Hashable, Sendable {
        var instance: UInt16
        var numbers: ClosedRange<Int>
    }

    enum Problem: Error, Hashable, Sendable {
        /// The list of segments contradicts itself, or is cut.
        case garbled
        /// The entries have another form than this driver knows.
        case otherEntries
    }

    /// What a part of a segment comes to.
    enum Taken: Hashable, Sendable {
        /// Nothing new in it: it can be acknowledged at once.
        case nothingNew
        case batch(LogBatch)
        /// It was here before.
        case repeated
        /// It contradicts what is known of the segment: not believed.
        case garbled
    }

    private let known: KnownLog
    private let segments: [Segment]
    /// Segments to come, the next one first.
    private var pending: [Segment]
    private(set) var current: Segment?
    /// Entries of the current segment that came.
    private var arrived = 0
    /// Numbers that are to be stored, each stretch with the record before it.
    private var wanted: [ClosedRange<Int>]
    private var isFirstBatchOfSegment = true
    /// The oldest record of the segment before, to show that this one's newest is its neighbour.
    private var seam: RawRecord?
    private var firstOfCurrent: RawRecord?
    private var delivered = 0
    private(set) var isAnotherLog = false
    private let newestKnown: Int?

    init(_ infos: [SegmentInfo], known: KnownLog) throws(Problem) {
        self.known = known
        segments = try Self.segments(infos)
        let newest = known.newest.last?.devicePosition
        let highest = segments.last?.numbers.upperBound
        // Fewer events than the ledger has: the numbers began anew.
        if let newest, let highest, highest < newest { isAnotherLog = true }
        newestKnown = isAnotherLog ? nil : newest
        wanted = Self.wanted(segments, stored: isAnotherLog ? [] : known.confirmed)
        let wanted = wanted
        pending = segments.reversed().filter { segment in wanted.contains { $0.overlaps(segment.numbers) } }
    }

    private static func segments(_ infos: [SegmentInfo]) throws(Problem) -> [Segment] {
        var segments: [Segment] = []
        for info in infos {
            guard let usage = number(info.attributes, Nomenclature.AttributeID.segmentUsage) else { throw .garbled }
            guard usage > 0 else { continue }
            guard let mapBytes = info.attributes.value(Nomenclature.AttributeID.segmentMap),
                let map = try? SegmentMap(bytes: mapBytes)
            else { throw .garbled }
            guard map.describesSameEntries(as: EventLog.map),
                let first = number(info.attributes, EventLog.PrivateAttribute.firstNumber)
            else { throw .otherEntries }
            let (last, isTooMuch) = first.addingReportingOverflow(usage - 1)
            guard !isTooMuch, last <= Int(UInt32.max) else { throw .garbled }
            segments.append(Segment(instance: info.instance, numbers: first...last))
        }
        segments.sort { $0.numbers.lowerBound < $1.numbers.lowerBound }
        for (a, b) in zip(segments, segments.dropFirst()) {
            guard a.numbers.upperBound + 1 == b.numbers.lowerBound, a.instance != b.instance else { throw .garbled }
        }
        return segments
    }

    private static func number(_ attributes: [Attribute], _ id: UInt16) -> Int? {
        guard let value = attributes.value(id), value.count == 4 else { return nil }
        var reader = ByteReader(value)
        return reader.uint32().map(Int.init)
    }

    /// What the store has and the ledger has not, each stretch one record longer at its old end: the neighbour that is
    /// stored already.
    private static func wanted(_ segments: [Segment], stored: [ClosedRange<Int>]) -> [ClosedRange<Int>] {
        guard let lowest = segments.first?.numbers.lowerBound, let highest = segments.last?.numbers.upperBound else {
            return []
        }
        var wanted: [ClosedRange<Int>] = []
        var next = lowest
        func want(upTo last: Int) { if next <= last { wanted.append(max(lowest, next - 1)...last) } }
        for range in stored.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            guard range.upperBound >= next else { continue }
            want(upTo: min(range.lowerBound - 1, highest))
            next = range.upperBound + 1
            if next > highest { break }
        }
        want(upTo: highest)
        return wanted
    }

    // MARK: What comes next

    mutating func nextSegment() -> Segment? {
        current = pending.isEmpty ? nil : pending.removeFirst()
        arrived = 0
        isFirstBatchOfSegment = true
        seam = firstOfCurrent
        firstOfCurrent = nil
        return current
    }

    /// True when what comes next, the current segment included, is older than what the ledger had.
    var isPastNewest: Bool {
        guard let current else { return true }
        if known.newest.isEmpty { return delivered >= Self.newestOnFirstVisit }
        return newestKnown.map { current.numbers.upperBound <= $0 } ?? false
    }

    var progress: SessionOutput {
        let left =
            pending.reduce(0) { $0 + $1.numbers.count } + (current.map { max(0, $0.numbers.count - arrived) } ?? 0)
        return .progress(done: delivered, total: delivered + left)
    }

    /// Events that were overwritten before anybody read them.
    var lost: LogGap? {
        guard let newestKnown, let lowest = segments.first?.numbers.lowerBound, lowest > newestKnown + 1 else {
            return nil
        }
        return LogGap(
            after: nil, before: nil, from: known.newest.last?.deviceTime, to: nil, reason: .overwritten,
            missing: lowest - newestKnown - 1)
    }

    // MARK: What arrived

    mutating func take(_ part: SegmentPart) -> Taken {
        guard let segment = current, part.place.segment == segment.instance else { return .garbled }
        let index = Int(part.place.index)
        let count = Int(part.place.count)
        if index < arrived { return index + count <= arrived ? .repeated : .garbled }
        guard index == arrived, count > 0, let records = EventLog.records(part.entries), records.count == count,
            records.first?.devicePosition == segment.numbers.lowerBound + index
        else { return .garbled }
        // Whoever says "last" before all is here has lost something on the way.
        if part.place.has(SegmentPlace.Status.last), index + count < segment.numbers.count { return .garbled }
        // A log that goes on while it is read may grow, and not without end.
        guard index + count <= segment.numbers.count + Self.mostGrowth else { return .garbled }
        arrived += count
        return deliver(records, of: segment)
    }

    private static let mostGrowth = 1_024

    private mutating func deliver(_ records: [RawRecord], of segment: Segment) -> Taken {
        if let anchor = known.newest.last, !isAnotherLog,
            records.contains(where: { $0.devicePosition == anchor.devicePosition && $0.raw != anchor.raw })
        {
            becomeAnotherLog(from: segment)
        }
        if firstOfCurrent == nil { firstOfCurrent = records.first }
        let last = segment.numbers.upperBound
        var new = records.filter { record in
            guard let number = record.devicePosition else { return false }
            return number > last || wanted.contains { $0.contains(number) }
        }
        guard let newest = new.last?.devicePosition else { return .nothingNew }
        delivered += new.count
        if let seam, let next = seam.devicePosition, newest + 1 == next { new.append(seam) }
        defer { isFirstBatchOfSegment = false }
        return .batch(LogBatch(records: new, adjacency: isFirstBatchOfSegment ? .unknown : .followsPrevious))
    }

    /// The numbers are the ledger's, and the events are others: all of them are read.
    private mutating func becomeAnotherLog(from segment: Segment) {
        isAnotherLog = true
        guard let lowest = segments.first?.numbers.lowerBound, let highest = segments.last?.numbers.upperBound else {
            return
        }
        wanted = [lowest...highest]
        // This one once more: what came of it before was taken for known.
        pending = segments.reversed().filter { $0.numbers.upperBound <= segment.numbers.upperBound }
    }
}
