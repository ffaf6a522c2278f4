import PumpCore

/// Follows the history pages of one session and says how each lies to the one before it.
///
/// Page numbers move when page 0 fills: what was page 0 is then page 1, with more behind it. So a page that comes after
/// its newer neighbour lies directly before it only if it does not begin with the neighbour's own records.
struct PageTrail: Sendable {
    enum Placement: Hashable, Sendable {
        /// Nothing is known about how it lies to the page before.
        case apart
        /// Its newest record comes directly before the oldest one of the page before.
        case precedesPrevious
        /// The numbers moved: it is the page before once more, perhaps with newer records behind.
        case again(grown: Bool)
    }

    private struct Step: Sendable {
        var number: Int
        var records: [RawRecord]
    }

    private var last: Step?

    /// Forgets the page before: something between it and the next one was not read.
    mutating func interrupt() { last = nil }

    /// The oldest record so far, where the trail is not interrupted.
    var oldest: RawRecord? { last?.records.first }

    /// - Parameter page: a clock set that its newest record begins and the page before ends is joined.
    mutating func place(_ page: inout PageReading, number: Int) -> Placement {
        defer {
            if !page.records.isEmpty || page.undecoded != nil {
                last = Step(number: number, records: page.records)
            }
        }
        guard let last, number == last.number + 1, let neighbour = last.records.first else { return .apart }
        if page.records.starts(with: last.records, by: { $0.isSame(as: $1) }), page.records.count >= last.records.count
        {
            return .again(grown: page.records.count > last.records.count || page.undecoded != nil)
        }
        guard page.undecoded == nil, let newest = page.records.indices.last else { return .apart }
        ClockSet.join(&page.records[newest], followedBy: neighbour)
        return .precedesPrevious
    }
}

extension LogBatch.Adjacency {
    init(_ placement: PageTrail.Placement) {
        self = placement == .precedesPrevious ? .precedesPrevious : .unknown
    }
}
