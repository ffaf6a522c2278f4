import GRDB
import GRDBSQLite
import PumpCore

/// What `verify` found.
package struct LedgerCheck: Hashable, Sendable {
    package var schema: Int
    package var pumpCount: Int
    package var sessionCount: Int
    package var recordCount: Int
    package var chain: ChainCheck
    /// Plain sentences, each naming the row. Empty: nothing is wrong.
    package var problems: [String]

    /// What was looked at, for a person.
    package static let what = [
        "the file's pages and indexes, and references between its rows",
        "the guards against changing a row, and the settings that make a commit survive a power cut",
        "every record's digest against its bytes, and every run against the records that it saw",
        "every closed period against the digest of what was frozen",
        "the chain over all that was put on record, entry by entry, and the signatures of its checkpoints",
    ]

    package var isSound: Bool { problems.isEmpty }
}

extension Ledger {
    /// The SQLite that this program runs with.
    package static var sqliteVersion: String { String(cString: sqlite3_libversion()) }

    /// Reads the whole file and recomputes what can be recomputed: pages and indexes, references, the guards against
    /// change, the durable settings, every digest, every run, every event, every row of the register.
    ///
    /// `kept` is a checkpoint that somebody kept away from this machine: the ledger must still hold what it held then.
    package func verify(against kept: KeptCheckpoint? = nil) throws(LedgerError) -> LedgerCheck {
        try read { db in
            let check = LedgerVerification(db: db)
            let chain = try ChainVerification(db: db, kept: kept).check()
            return LedgerCheck(
                schema: try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0, pumpCount: try check.count("pump"),
                sessionCount: try check.count("session"), recordCount: try check.count("record"),
                chain: chain, problems: try check.problems() + chain.problems)
        }
    }
}

private struct LedgerVerification {
    let db: Database

    func count(_ table: String) throws -> Int { try Int.fetchOne(db, sql: "SELECT count(*) FROM \(table)") ?? 0 }

    func problems() throws -> [String] {
        // A file that SQLite itself finds broken is not asked for more.
        let broken = try String.fetchAll(db, sql: "PRAGMA integrity_check(20)").filter { $0 != "ok" }
        guard broken.isEmpty else { return broken }
        let found =
            try settings() + guards() + references() + runs() + records() + register() + ClosingDigest.problems(db)
        // A log is only put together from sound parts.
        return try found.isEmpty ? logs() : found
    }

    private func settings() throws -> [String] {
        try Durability.problems(db).map { "SQLite's \($0.name) is \($0.found) instead of \($0.wanted)" }
    }

    private func guards() throws -> [String] {
        let present = Set(try String.fetchAll(db, sql: "SELECT name FROM sqlite_master WHERE type = 'trigger'"))
        return try Schema.tables(db).flatMap { table in
            Schema.guards(of: table).filter { !present.contains($0.name) }.map {
                "table \(table) can be changed: the trigger \($0.name) is missing"
            }
        }
    }

    private func references() throws -> [String] {
        try Row.fetchAll(db, sql: "PRAGMA foreign_key_check").map { row in
            let table: String = row[0]
            let parent: String = row[2]
            return "a row of \(table) refers to a row of \(parent) that is not there"
        }
    }

    private func runs() throws -> [String] {
        let strays = try Row.fetchAll(
            db,
            sql: """
                SELECT name, run.batch FROM run JOIN session ON session.id = run.session
                WHERE run.first >> 32 <> pump OR run.last >> 32 <> pump
                """
        ).map { row in "session \(row[0] as String), batch \(row[1] as Int): its run holds another pump's records" }
        let counts = try Row.fetchAll(
            db,
            sql: """
                SELECT name, number, records,
                    (SELECT coalesce(sum(last - first + 1), 0) FROM run
                        WHERE run.session = batch.session AND run.batch = number) AS seen
                FROM batch JOIN session ON session.id = batch.session WHERE records <> seen
                """
        ).map { row in
            "session \(row[0] as String), batch \(row[1] as Int): \(row[2] as Int) records were read and "
                + "\(row[3] as Int) are on record"
        }
        return strays + counts
    }

    private func records() throws -> [String] {
        var problems: [String] = []
        let pumps = try Row.fetchAll(db, sql: "SELECT id, driver, serial FROM pump ORDER BY id")
        for pump in pumps {
            var digester = RecordDigester(driver: pump[1], serial: pump[2])
            let ids = RecordIDs.range(ofPump: pump[0])
            let query = try HotStatement(
                db, "SELECT id, digest, position, raw, kind, details FROM record WHERE id >= ? AND id < ? ORDER BY id")
            query.bind(1, ids.lowerBound)
            query.bind(2, ids.upperBound)
            defer { query.reset() }
            var expected = ids.lowerBound
            while try query.step() {
                let id = query.int(0)
                if id != expected { problems.append("record \(expected) is missing") }
                expected = id + 1
                let digest = digester.digest(position: query.optionalInt(2), raw: query.bytes(3))
                if digest.bytes != query.bytes(1) {
                    problems.append("record \(id) does not hold the bytes that its digest was made of")
                }
                if EventText.event(kind: query.text(4), details: query.optionalBytes(5)) == nil {
                    problems.append("record \(id): its decoded event cannot be read")
                }
            }
        }
        return problems
    }

    /// Every record must have a place in its pump's log: one that no run saw was not stored by this program.
    private func logs() throws -> [String] {
        try Int.fetchAll(db, sql: "SELECT id FROM pump ORDER BY id").flatMap { number in
            let reading = try MergedReading(number, db)
            let placed = Set(reading.log.entries.map { reading.evidence.rows[$0.row].digest })
            let start = RecordIDs.range(ofPump: number).lowerBound
            let disowned = try Disowning.records(ofPump: number, db)
            return reading.evidence.rows.enumerated().filter { row in
                !placed.contains(row.element.digest) && !disowned.contains { $0.contains(start + row.offset) }
            }.map {
                "record \(start + $0.offset): no session says that it saw it"
            }
        }
    }

    private func register() throws -> [String] {
        try Row.fetchAll(db, sql: "SELECT list, key, content FROM register_row ORDER BY id").filter { row in
            FlatJSON.read(Array((row[2] as String).utf8)) == nil
        }.map { row in "register: a row of \(row[0] as String) with key \(row[1] as String) cannot be read" }
            + RegisterLinks.problems(db)
    }
}
