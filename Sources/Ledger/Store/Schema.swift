import GRDB

/// The tables, as steps that only go forward. A file of a later step is refused, not guessed at.
enum Schema {
    /// `PLDG`, in the header of every ledger.
    static let applicationID = 0x504C_4447

    static let steps = [
        SchemaStep1.sql, SchemaStep2.sql, SessionIndexes.sql, SchemaStep4.sql, RegisterLinks.sql,
    ]

    static var version: Int { steps.count }

    /// What kind of file this is, read before anything is written to it.
    static func identify(_ db: Database, path: String) throws {
        let application = try Int.fetchOne(db, sql: "PRAGMA application_id") ?? 0
        let version = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
        if application == applicationID {
            guard version <= Schema.version else {
                throw LedgerError.newerSchema(path: path, found: version, known: Schema.version)
            }
            return
        }
        // A new file, or one whose first step never committed, has nothing in it and no name.
        let isEmpty = try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_master") == 0
        guard application == 0, version == 0, isEmpty else { throw LedgerError.notALedger(path: path) }
    }

    /// Brings the file up to this program's version, in one transaction.
    static func migrate(_ db: Database) throws {
        let found = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
        guard found < version else { return }
        try db.inTransaction(.immediate) {
            for step in steps[found...] { try db.execute(sql: step) }
            for table in try tables(db) { try forbidChanges(of: table, db) }
            try ChainAdoption.adopt(db)
            try db.execute(sql: "PRAGMA application_id = \(applicationID); PRAGMA user_version = \(version);")
            return .commit
        }
    }

    static func tables(_ db: Database) throws -> [String] {
        try String.fetchAll(
            db, sql: "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name")
    }

    /// Rows are added and never changed: every table of a ledger is a table of record.
    private static func forbidChanges(of table: String, _ db: Database) throws {
        for (name, change) in guards(of: table) {
            try db.execute(
                sql: """
                    CREATE TRIGGER IF NOT EXISTS \(name) BEFORE \(change) ON \(table)
                    BEGIN SELECT RAISE(ABORT, 'rows of \(table) are never changed'); END
                    """)
        }
    }

    /// Name and event of the triggers that guard a table.
    static func guards(of table: String) -> [(name: String, change: String)] {
        [("\(table)_is_not_updated", "UPDATE"), ("\(table)_is_not_deleted", "DELETE")]
    }
}
