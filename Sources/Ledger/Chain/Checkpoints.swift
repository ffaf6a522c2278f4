import Crypto
import Foundation
import GRDB
package import PumpCore

extension Ledger {
    /// Signs the chain as it stands now and stores that; nil where nothing was put on record since the last checkpoint, or
    /// ever.
    @discardableResult
    package func checkpoint(at: Instant) throws(LedgerError) -> Checkpoint? {
        let key = try CheckpointKey.load(checkpointKeyPath)
        return try write { db in
            let end = try Chain.end(db)
            guard end.number > (try CheckpointQuery.newestNumber(db)) else { return nil }
            let origin = try CheckpointQuery.origin(db)
            let body = Checkpoint.body(origin: origin, number: end.number, head: end.head, at: at)
            let signature = Array(try key.privateKey.signature(for: body))
            try db.execute(
                sql: "INSERT INTO checkpoint (number, at, public_key, signature) VALUES (?, ?, ?, ?)",
                arguments: [end.number, at.secondsSince1970, Data(key.publicKey), Data(signature)])
            return Checkpoint(
                origin: origin, number: end.number, head: end.head, at: at, publicKey: key.publicKey,
                signature: signature)
        }
    }

    package func newestCheckpoint() throws(LedgerError) -> Checkpoint? {
        try read { db in try CheckpointQuery.checkpoints(db, where: "1 ORDER BY checkpoint.number DESC LIMIT 1").first }
    }

    /// Entries of the chain, and how many of them no checkpoint holds yet.
    package func chainLength() throws(LedgerError) -> (entries: Int, unsigned: Int) {
        try read { db in
            let end = try Chain.end(db).number
            return (end, end - (try CheckpointQuery.newestNumber(db)))
        }
    }
}

enum CheckpointQuery {
    static func origin(_ db: Database) throws -> String {
        guard let name = try String.fetchOne(db, sql: "SELECT name FROM origin WHERE id = 1") else {
            throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "the ledger has lost its name")
        }
        return name
    }

    static func newestNumber(_ db: Database) throws -> Int {
        try Int.fetchOne(db.cachedStatement(sql: "SELECT coalesce(max(number), 0) FROM checkpoint")) ?? 0
    }

    /// Oldest first, unless the condition says otherwise.
    static func checkpoints(_ db: Database, where condition: String) throws -> [Checkpoint] {
        let origin = try origin(db)
        return try Row.fetchAll(
            db,
            sql: """
                SELECT checkpoint.number, head, at, public_key, signature
                FROM checkpoint JOIN chain ON chain.number = checkpoint.number WHERE \(condition)
                """
        ).map { row in
            let (head, key, signature): (Data, Data, Data) = (row[1], row[3], row[4])
            return Checkpoint(
                origin: origin, number: row[0], head: Array(head), at: Instant(secondsSince1970: row[2]),
                publicKey: Array(key), signature: Array(signature))
        }
    }
}
