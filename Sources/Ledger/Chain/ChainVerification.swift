import GRDB

/// What `verify` found out about the chain.
package struct ChainCheck: Hashable, Sendable {
    package var origin: String
    package var entries: Int
    /// After the last entry.
    package var head: [UInt8]
    package var checkpoints: Int
    /// Entries that no checkpoint holds yet.
    package var unsigned: Int
    /// Of the newest checkpoint.
    package var verifierKey: String?
    package var problems: [String]
}

/// Goes along the chain, from the first entry to the last, and computes each head anew.
struct ChainVerification {
    let db: Database
    /// One that somebody kept elsewhere.
    var kept: KeptCheckpoint?

    func check() throws -> ChainCheck {
        let origin = try CheckpointQuery.origin(db)
        let end = try Chain.end(db)
        let checkpoints = try CheckpointQuery.checkpoints(db, where: "1 ORDER BY checkpoint.number")
        var problems = try entries()
        problems += strays(checkpoints, try Int.fetchOne(db, sql: "SELECT count(*) FROM checkpoint") ?? 0)
        problems += try against(kept, origin: origin, end: end, checkpoints)
        return ChainCheck(
            origin: origin, entries: end.number, head: end.head, checkpoints: checkpoints.count,
            unsigned: end.number - (checkpoints.last?.number ?? 0), verifierKey: checkpoints.last?.verifierKey,
            problems: problems)
    }

    /// The first bad entry is named; what is chained to it says nothing of its own.
    private func entries() throws -> [String] {
        let query = try HotStatement(db, "SELECT number, kind, a, b, c, d, head FROM chain ORDER BY number")
        defer { query.reset() }
        var previous = Chain.beginning
        var expected = 1
        var rows: [String: Int] = [:]
        while try query.step() {
            let number = query.int(0)
            guard number == expected else {
                return ["chain: entry \(expected) is missing; entry \(number) comes in its place"]
            }
            guard let subject = ChainSubject(columns: (1...5).map { query.int($0) }) else {
                return ["chain: entry \(number) is of a kind that this program does not write"]
            }
            let head = try Chain.head(of: subject, number: number, after: previous, db) { rows[$0, default: 0] += 1 }
            guard query.equals(6, head) else {
                return ["chain: entry \(number), \(subject.name), is not what was put on record"]
            }
            previous = head
            expected += 1
        }
        return try ChainSubject.tables.compactMap { table in
            let count = try Int.fetchOne(db, sql: "SELECT count(*) FROM \(table)") ?? 0
            let chained = rows[table, default: 0]
            return count == chained
                ? nil : "chain: table \(table) has \(count) rows, and \(chained) of them were put on record"
        }
    }

    private func strays(_ checkpoints: [Checkpoint], _ count: Int) -> [String] {
        var problems = checkpoints.filter { !$0.isSigned }.prefix(1).map {
            "checkpoint \($0.number), of \($0.at): its signature does not fit"
        }
        if count != checkpoints.count {
            problems.append("\(count - checkpoints.count) checkpoints are of entries that are not there")
        }
        return problems
    }

    private func against(
        _ kept: KeptCheckpoint?, origin: String, end: Chain.End, _ checkpoints: [Checkpoint]
    ) throws -> [String] {
        guard let kept else { return [] }
        guard kept.origin == origin else {
            return ["the kept checkpoint is of another ledger (\(kept.origin)); this one is \(origin)"]
        }
        guard checkpoints.contains(where: { kept.isSigned(by: $0.publicKey) }) else {
            return ["the kept checkpoint is signed by no key that this ledger knows"]
        }
        guard kept.number <= end.number else {
            return [
                "the ledger ends with entry \(end.number), and the kept checkpoint is of entry \(kept.number): what came "
                    + "after entry \(end.number) was cut off, or an old copy was put in the ledger's place"
            ]
        }
        let query = try HotStatement(db, "SELECT head FROM chain WHERE number = ?")
        query.bind(1, kept.number)
        defer { query.reset() }
        guard try query.step(), query.equals(0, kept.head) else {
            return [
                "entry \(kept.number) is not the one that the kept checkpoint is of: the past was made anew, or an old copy "
                    + "was put in the ledger's place and went on"
            ]
        }
        return []
    }
}
