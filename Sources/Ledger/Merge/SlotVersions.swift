import PumpCore

/// What was read at one place of a log. Nearly always one content; two and more where the pump updated it.
struct SlotVersions: Sendable {
    struct Version: Sendable {
        /// The row that holds it.
        var row: Int
        /// The batch that read it first.
        var batch: Int
        /// The batch that read it last, in the order in which they came into the ledger.
        var lastBatch: Int
        /// The newest place that a download with this version read: the log only grows, so the version that was seen
        /// beside newer records is the newer one.
        var reach: Int
    }

    private(set) var first: Version?
    private var others: [Version] = []

    var isEmpty: Bool { first == nil }

    mutating func add(row: Int, batch: Int, reach: Int, in evidence: PumpEvidence) {
        guard let known = first else {
            first = Version(row: row, batch: batch, lastBatch: batch, reach: reach)
            return
        }
        if known.row == row {
            first = Self.merge(known, batch, reach, evidence)
        } else if let index = others.firstIndex(where: { $0.row == row }) {
            others[index] = Self.merge(others[index], batch, reach, evidence)
        } else {
            others.append(Version(row: row, batch: batch, lastBatch: batch, reach: reach))
        }
    }

    private static func merge(_ known: Version, _ batch: Int, _ reach: Int, _ evidence: PumpEvidence) -> Version {
        Version(
            row: known.row, batch: evidence.isEarlierReading(batch, than: known.batch) ? batch : known.batch,
            lastBatch: max(known.lastBatch, batch), reach: max(known.reach, reach))
    }

    /// Oldest version first.
    ///
    /// Where every version was read at a known time, the one that was read first is the oldest: an old file imported
    /// again does not make an old version new. Otherwise the one seen beside the newest records is the newest. What is
    /// left undecided goes by content: any order, but the same on every hub.
    func sorted(in evidence: PumpEvidence) -> [Version] {
        guard let first else { return [] }
        guard !others.isEmpty else { return [first] }
        let all = [first] + others
        let times = all.map { evidence.batches[$0.batch].readAt }
        let areTimed = times.allSatisfy { $0 != nil }
        return all.sorted { a, b in
            let (t, u) = (evidence.batches[a.batch].readAt, evidence.batches[b.batch].readAt)
            if areTimed, let t, let u, t != u { return t < u }
            if a.reach != b.reach { return a.reach < b.reach }
            if t != u { return t.map { t in u.map { t < $0 } ?? false } ?? true }
            return evidence.rows[a.row].digest < evidence.rows[b.row].digest
        }
    }

    /// Oldest version first, where people state the records: what was stated last holds, also when it was stated before
    /// and taken back in between.
    func sortedAsStated(in evidence: PumpEvidence) -> [Version] {
        guard let first else { return [] }
        guard !others.isEmpty else { return [first] }
        func statedAt(_ version: Version) -> Instant {
            let batch = evidence.batches[version.lastBatch]
            return batch.readAt ?? evidence.sessions[batch.session].startedAt
        }
        return ([first] + others).sorted { (statedAt($0), $0.lastBatch) < (statedAt($1), $1.lastBatch) }
    }
}
