import PumpCore

/// The log of one pump as all its downloads together tell it: which record stands where, in which version.
///
/// A pure function of the evidence, and of nothing else: neither the order in which downloads arrived nor the numbers
/// of the rows that hold them decide anything, so two ledgers with the same downloads have the same log.
struct MergedLog: Sendable {
    struct Entry: Hashable, Sendable {
        /// Index in the evidence's rows.
        var row: Int
        /// The batch that read it first, in this place.
        var batch: Int
        /// How many equal records stand before it: the ordinal of its key.
        var ordinal: Int
        /// True where it is a newer version of the entry before it.
        var replacesPrevious: Bool
    }

    /// Oldest first.
    var entries: [Entry] = []
    /// Unbroken stretches, as ranges of `entries`. Between two of them lies a gap.
    var stretches: [Range<Int>] = []
    /// Which entries each batch touched, by its index in the evidence: first and last, and their stretch. Nil for
    /// batches without records.
    var spans: [Span?] = []

    struct Span: Hashable, Sendable {
        var stretch: Int
        var first: Int
        var last: Int
    }

    init(_ evidence: PumpEvidence) {
        guard !evidence.rows.isEmpty else {
            spans = Array(repeating: nil, count: evidence.batches.count)
            return
        }
        if let log = MergedLog(toldOnce: evidence) {
            self = log
            return
        }
        switch evidence.positions {
        case .series: self = SeriesMerge(evidence).log
        case .none, .ring: self = RunMerge(evidence).log
        }
    }

    init() {}

    /// Most pumps: one download told the whole log, batch behind batch, and no two of its records are equal. It stands as
    /// it was told. Nil for everything else.
    private init?(toldOnce evidence: PumpEvidence) {
        guard evidence.rowsDiffer else { return nil }
        var next = 0
        var previous: PumpEvidence.Batch?
        for (index, batch) in evidence.batches.enumerated() {
            guard let rows = batch.rows.first, batch.rows.count == 1, rows.lowerBound == next else { return nil }
            if let previous {
                guard batch.adjacency == .followsPrevious, batch.session == previous.session, !previous.isCutShort
                else { return nil }
            }
            if evidence.positions == .series {
                for row in rows where row > 0 {
                    guard let position = evidence.rows[row].position, let before = evidence.rows[row - 1].position,
                        position == before + 1
                    else { return nil }
                }
            }
            entries.reserveCapacity(evidence.rows.count)
            for row in rows { entries.append(Entry(row: row, batch: index, ordinal: 0, replacesPrevious: false)) }
            spans.append(Span(stretch: 0, first: rows.lowerBound, last: rows.upperBound))
            next = rows.upperBound + 1
            previous = batch
        }
        guard next == evidence.rows.count else { return nil }
        stretches = [0..<next]
    }

    /// Numbers the entries that are equal: `contents` gives the first row that is equal to a row.
    mutating func countEqualEntries(contents: [Int]) {
        var seen = Array(repeating: 0, count: contents.count)
        for index in entries.indices {
            let content = contents[entries[index].row]
            entries[index].ordinal = seen[content]
            seen[content] += 1
        }
    }
}

extension PumpEvidence {
    /// For each row the first one with the same digest: rows hold equal records twice where one download did.
    func contents() -> [Int] {
        var first: [RecordDigest: Int] = [:]
        first.reserveCapacity(rows.count)
        return rows.indices.map { index in
            if let known = first[rows[index].digest] { return known }
            first[rows[index].digest] = index
            return index
        }
    }
}
