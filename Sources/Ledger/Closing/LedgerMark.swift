import GRDB
package import PumpCore

/// How far the ledger reached at a moment: the largest number of each kind of row, and the sessions that still went on.
/// Rows are only added, so what arrived after it can be asked for without looking at what was there.
package struct LedgerMark: Hashable, Sendable {
    package var session: Int
    package var clock: Int
    package var gap: Int
    package var registerRow: Int
    package var disowning: Int
    /// Batches so far of each session without an end. Those that were cut short stay here for good; they are few.
    package var batchesOfOpenSessions: [Int: Int]
}

/// What arrived after a mark.
package struct Arrivals: Hashable, Sendable {
    /// Serial of each pump of which something was read, and when the newest of it came.
    package var pumps: [String: Instant] = [:]
    /// New rows and new versions of rows of the register.
    package var rows: [RegisterVersion] = []
    /// The versions that they took the place of.
    package var replaced: [RegisterVersion] = []

    package var isEmpty: Bool { pumps.isEmpty && rows.isEmpty }
}

extension Ledger {
    package func mark() throws(LedgerError) -> LedgerMark { try read { db in try MarkQuery.now(db) } }

    /// True where `arrivals` would find nothing. It looks at the largest numbers, and at the few sessions that went on then.
    package func hasNothingNew(since mark: LedgerMark) throws(LedgerError) -> Bool {
        try read { db in try MarkQuery.isNow(mark, db) }
    }

    package func arrivals(since mark: LedgerMark) throws(LedgerError) -> Arrivals {
        try read { db in try MarkQuery.arrivals(since: mark, db) }
    }
}

enum MarkQuery {
    /// A session that still goes on is among the newest; years of ended ones are not looked through for it.
    private static let oldestOpen = 10_000

    private static func largest(_ table: String, _ db: Database) throws -> Int {
        try Int.fetchOne(db, sql: "SELECT coalesce(max(id), 0) FROM \(table)") ?? 0
    }

    static func isNow(_ mark: LedgerMark, _ db: Database) throws -> Bool {
        guard try largest("session", db) == mark.session, try largest("clock", db) == mark.clock,
            try largest("gap", db) == mark.gap, try largest("register_row", db) == mark.registerRow,
            try largest("disowning", db) == mark.disowning
        else { return false }
        return try !mark.batchesOfOpenSessions.contains { try hasGoneOn($0.key, batches: $0.value, db) }
    }

    private static func hasGoneOn(_ session: Int, batches: Int, _ db: Database) throws -> Bool {
        try Bool.fetchOne(
            db,
            sql: """
                SELECT EXISTS (SELECT 1 FROM ending WHERE session = ?1)
                    OR EXISTS (SELECT 1 FROM batch WHERE session = ?1 AND number >= ?2)
                """, arguments: [session, batches]) ?? false
    }

    static func now(_ db: Database) throws -> LedgerMark {
        let open = try Row.fetchAll(
            db,
            sql: """
                SELECT id, (SELECT coalesce(max(number) + 1, 0) FROM batch WHERE batch.session = session.id)
                FROM session WHERE id > (SELECT coalesce(max(id), 0) FROM session) - ?
                    AND NOT EXISTS (SELECT 1 FROM ending WHERE ending.session = session.id)
                """, arguments: [oldestOpen])
        return LedgerMark(
            session: try largest("session", db), clock: try largest("clock", db), gap: try largest("gap", db),
            registerRow: try largest("register_row", db),
            disowning: try largest("disowning", db),
            batchesOfOpenSessions: Dictionary(open.map { ($0[0], $0[1]) }, uniquingKeysWith: { $1 }))
    }

    /// The number of the mark's row.
    static func store(_ mark: LedgerMark, _ db: Database) throws -> Int64 {
        try db.execute(
            sql: "INSERT INTO mark (session, clock, gap, register_row, disowning) VALUES (?, ?, ?, ?, ?)",
            arguments: [mark.session, mark.clock, mark.gap, mark.registerRow, mark.disowning])
        let number = db.lastInsertedRowID
        for (session, batches) in mark.batchesOfOpenSessions.sorted(by: { $0.key < $1.key }) {
            try db.execute(
                sql: "INSERT INTO mark_session (mark, session, batches) VALUES (?, ?, ?)",
                arguments: [number, session, batches])
        }
        return number
    }

    static func load(_ number: Int64, _ db: Database) throws -> LedgerMark {
        guard
            let row = try Row.fetchOne(
                db, sql: "SELECT session, clock, gap, register_row, disowning FROM mark WHERE id = ?",
                arguments: [number])
        else { throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "mark \(number) is not there") }
        let open = try Row.fetchAll(
            db, sql: "SELECT session, batches FROM mark_session WHERE mark = ?", arguments: [number])
        return LedgerMark(
            session: row[0], clock: row[1], gap: row[2], registerRow: row[3], disowning: row[4],
            batchesOfOpenSessions: Dictionary(open.map { ($0[0], $0[1]) }, uniquingKeysWith: { $1 }))
    }

    static func arrivals(since mark: LedgerMark, _ db: Database) throws -> Arrivals {
        var arrivals = Arrivals()
        var sessions = Set(
            try Int.fetchAll(db, sql: "SELECT id FROM session WHERE id > ?", arguments: [mark.session])
                + Int.fetchAll(db, sql: "SELECT session FROM clock WHERE id > ?", arguments: [mark.clock])
                + Int.fetchAll(db, sql: "SELECT session FROM gap WHERE id > ?", arguments: [mark.gap]))
        for (session, batches) in mark.batchesOfOpenSessions where try hasGoneOn(session, batches: batches, db) {
            sessions.insert(session)
        }
        for session in sessions.sorted() {
            guard
                let row = try Row.fetchOne(
                    db.cachedStatement(
                        sql: """
                            SELECT serial, max(started_at, coalesce((SELECT ended_at FROM ending WHERE session = ?1), started_at))
                            FROM session JOIN pump ON pump.id = pump WHERE session.id = ?1
                            """), arguments: [session])
            else { continue }
            let at = Instant(secondsSince1970: row[1])
            arrivals.pumps[row[0], default: at] = max(at, arrivals.pumps[row[0]] ?? at)
        }
        // A download that was taken out changes what its pump's log says, at the moment when somebody said so.
        for row in try Row.fetchAll(
            db,
            sql: """
                SELECT serial, disowned_at FROM disowning JOIN session ON session.id = disowning.session
                JOIN pump ON pump.id = pump WHERE disowning.id > ?
                """, arguments: [mark.disowning])
        {
            let at = Instant(secondsSince1970: row[1])
            arrivals.pumps[row[0], default: at] = max(at, arrivals.pumps[row[0]] ?? at)
        }
        arrivals.rows = try Ledger.versions(db, where: "register_row.id > ?", [mark.registerRow])
        arrivals.replaced = try arrivals.rows.filter { $0.version > 1 }.flatMap { row in
            try Ledger.versions(
                db, where: "list = ? AND key = ? AND version = ?", [row.entry.table, row.entry.key, row.version - 1])
        }
        return arrivals
    }
}
