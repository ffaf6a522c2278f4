import GRDB

/// The settings of the one connection that reads and writes.
///
/// A record is acknowledged to the pump's session once it is on the disk, so every commit must reach the disk:
/// write-ahead log with `synchronous=FULL`. GRDB's own WAL set-up ends with `synchronous=NORMAL`, so it isn't used; both
/// are set here after the connection is open, and read back.
enum Durability {
    /// `PRAGMA synchronous`: 2 is FULL, 3 is EXTRA.
    static let fullySynchronous = 2

    static func configuration() -> Configuration {
        var configuration = Configuration()
        configuration.label = "ledger"
        configuration.foreignKeysEnabled = true
        // Nobody else writes; a person with the sqlite3 shell may hold a lock for a moment.
        configuration.busyMode = .timeout(5)
        configuration.prepareDatabase { db in
            // The file may come from elsewhere: nothing in its schema is believed, and no page is mapped into memory.
            try db.execute(
                sql: """
                    PRAGMA trusted_schema = OFF;
                    PRAGMA cell_size_check = ON;
                    PRAGMA mmap_size = 0;
                    PRAGMA recursive_triggers = ON;
                    PRAGMA temp_store = MEMORY;
                    """)
        }
        return configuration
    }

    static func set(_ db: Database) throws {
        try db.execute(sql: "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;")
    }

    /// Throws unless a commit on this connection survives a power cut.
    static func confirm(_ db: Database, path: String) throws {
        for setting in try problems(db) {
            throw LedgerError.notDurable(
                path: path, setting: setting.name, found: setting.found, wanted: setting.wanted)
        }
    }

    struct Setting: Hashable, Sendable {
        var name: String
        var found: String
        var wanted: String
    }

    /// The settings that are not as they must be.
    static func problems(_ db: Database) throws -> [Setting] {
        let wanted = [
            ("journal_mode", "wal"), ("synchronous", String(fullySynchronous)), ("foreign_keys", "1"),
            // Without it, INSERT OR REPLACE would delete rows behind the triggers' back.
            ("recursive_triggers", "1"), ("trusted_schema", "0"),
        ]
        return try wanted.compactMap { name, value in
            let found = try String.fetchOne(db, sql: "PRAGMA \(name)") ?? "unknown"
            return found == value ? nil : Setting(name: name, found: found, wanted: value)
        }
    }
}
