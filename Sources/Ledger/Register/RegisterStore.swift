import GRDB
package import PumpCore

extension Ledger {
    /// Puts rows of the register on record, all or none. A row with a new key is added; one with a known key and other
    /// content is a new version; one with the same content is nothing. Keys that are absent stay as they are.
    ///
    /// `dryRun` tells what would change and stores nothing.
    package func appendRegister(
        _ entries: [RegisterEntry], importedAt: Instant, by person: String, dryRun: Bool = false
    ) throws(LedgerError) -> RegisterChange {
        let entries = try Self.withoutRepeats(entries)
        let step = { (db: Database) in
            let (change, versions) = try Self.compare(entries, db)
            if !dryRun, !versions.isEmpty { try Self.store(versions, importedAt, person, db) }
            return change
        }
        return dryRun ? try read(step) : try write(step)
    }

    /// The newest version of every row, by table, then key.
    package func currentRegister() throws(LedgerError) -> [RegisterVersion] {
        try read { db in
            try Self.versions(
                db,
                where: """
                    version = (SELECT max(version) FROM register_row AS newer
                        WHERE newer.list = register_row.list AND newer.key = register_row.key)
                    """)
        }
    }

    /// As `currentRegister`, but at most `count` rows at a time and all of them from one look at the file. While `take`
    /// runs nobody else reads or writes.
    package func readCurrentRegister(
        atOnce count: Int, _ take: ([RegisterVersion]) throws -> Void
    ) throws(LedgerError) {
        try look { db in
            var last: RegisterVersion?
            repeat {
                let rows = try Self.versions(
                    db,
                    where: """
                        version = (SELECT max(version) FROM register_row AS newer
                            WHERE newer.list = register_row.list AND newer.key = register_row.key)
                            AND (list, key) > (?, ?)
                        """,
                    [last?.entry.table ?? "", last?.entry.key ?? ""], limit: count)
                try take(rows)
                last = rows.count < count ? nil : rows.last
            } while last != nil
        }
    }

    /// Every version of one row, oldest first.
    package func registerHistory(table: String, key: String) throws(LedgerError) -> [RegisterVersion] {
        try read { db in try Self.versions(db, where: "list = ? AND key = ?", [table, key]) }
    }

    // MARK: -

    /// Equal rows of one key count once; different ones contradict each other.
    private static func withoutRepeats(_ entries: [RegisterEntry]) throws(LedgerError) -> [RegisterEntry] {
        var seen: [[String]: RegisterEntry] = [:]
        var kept: [RegisterEntry] = []
        for entry in entries {
            if let earlier = seen[[entry.table, entry.key]] {
                guard earlier.columns == entry.columns else {
                    throw .contradictingRows(
                        list: entry.table, key: entry.key, file: entry.file, lines: [earlier.line, entry.line])
                }
                continue
            }
            seen[[entry.table, entry.key]] = entry
            kept.append(entry)
        }
        return kept
    }

    private static func compare(
        _ entries: [RegisterEntry], _ db: Database
    ) throws -> (RegisterChange, [(entry: RegisterEntry, version: Int)]) {
        var change = RegisterChange()
        var stored: [(entry: RegisterEntry, version: Int)] = []
        for entry in entries {
            let newest = try versions(db, where: "list = ? AND key = ?", [entry.table, entry.key]).last
            switch newest {
            case nil:
                change.added.append(entry)
                stored.append((entry, 1))
            case let old? where old.entry.columns == entry.columns: change.unchanged += 1
            case let old?:
                change.changed.append(RegisterChange.Changed(old: old, new: entry))
                stored.append((entry, old.version + 1))
            }
        }
        return (change, stored)
    }

    private static func store(
        _ versions: [(entry: RegisterEntry, version: Int)], _ importedAt: Instant, _ person: String, _ db: Database
    ) throws {
        try db.execute(
            sql: "INSERT INTO register_import (imported_at, imported_by) VALUES (?, ?)",
            arguments: [importedAt.secondsSince1970, person])
        let number = db.lastInsertedRowID
        var rows: ClosedRange<Int>?
        let insert = try db.cachedStatement(
            sql: """
                INSERT INTO register_row (import, list, key, version, content, file, line) VALUES (?, ?, ?, ?, ?, ?, ?)
                """)
        for (entry, version) in versions {
            try insert.execute(arguments: [
                number, entry.table, entry.key, version, content(of: entry), entry.file, entry.line,
            ])
            let row = Int(db.lastInsertedRowID)
            rows = (rows?.lowerBound ?? row)...row
            try RegisterLinks.store(entry, row: Int64(row), db)
        }
        if let rows { try Chain.append(.registerImport(Int(number), rows: rows), db) }
    }

    /// The columns in the order of their names, so that equal rows are equal text.
    private static func content(of entry: RegisterEntry) -> String {
        var json = FlatJSON.Writer()
        for (name, value) in entry.columns.sorted(by: { $0.key < $1.key }) { json.add(named: name, value) }
        return json.finished().map { String(decoding: $0, as: UTF8.self) } ?? "{}"
    }

    static func versions(
        _ db: Database, where condition: String, _ arguments: StatementArguments = [], limit: Int? = nil
    ) throws -> [RegisterVersion] {
        let statement = try db.cachedStatement(
            sql: """
                SELECT list, key, content, file, line, version, imported_at, imported_by
                FROM register_row JOIN register_import ON register_import.id = import
                WHERE \(condition) ORDER BY list, key, version LIMIT \(limit ?? -1)
                """)
        return try Row.fetchAll(statement, arguments: arguments).map { row in
            let content: String = row[2]
            guard let members = FlatJSON.read(Array(content.utf8)) else {
                throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "a register row cannot be read")
            }
            var columns: [String: String] = [:]
            for case (let name, .text(let value)) in members { columns[name] = value }
            return RegisterVersion(
                entry: RegisterEntry(table: row[0], key: row[1], columns: columns, file: row[3], line: row[4]),
                version: row[5], importedAt: Instant(secondsSince1970: row[6]), importedBy: row[7])
        }
    }
}
