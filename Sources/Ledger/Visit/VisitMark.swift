import GRDB
package import PumpCore

/// How far a pump's log was known when a nurse looked at it. It bears on no count.
package struct VisitMark: Hashable, Sendable {
    package var at: Instant
    package var by: LedgerPerson
    /// Records of the pump's merged log.
    package var records: Int
    /// The newest one of them.
    package var newest: RecordKey?
    /// Up to where the log was complete.
    package var through: Instant?

    package init(at: Instant, by: LedgerPerson, records: Int, newest: RecordKey?, through: Instant?) {
        self.at = at
        self.by = by
        self.records = records
        self.newest = newest
        self.through = through
    }
}

extension Ledger {
    package func append(visit: VisitMark, of pump: PumpIdentity) throws(LedgerError) {
        try write { db in
            guard let number = try Self.number(of: pump, db) else { throw LedgerError.unknownPump(pump) }
            try db.execute(
                sql: """
                    INSERT INTO visit (pump, visited_at, visited_by, uid, records, newest_key, through_at)
                    VALUES (?, ?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    number, visit.at.secondsSince1970, visit.by.user, Int(visit.by.uid), visit.records,
                    visit.newest?.text, visit.through?.secondsSince1970,
                ])
            try Chain.append(.visit(Int(db.lastInsertedRowID)), db)
        }
    }

    /// In the order in which they were put on record.
    package func visits(of pump: PumpIdentity) throws(LedgerError) -> [VisitMark] {
        try read { db in
            guard let number = try Self.number(of: pump, db) else { return [] }
            return try Row.fetchAll(
                db,
                sql: """
                    SELECT visited_at, visited_by, uid, records, newest_key, through_at FROM visit WHERE pump = ?
                    ORDER BY id
                    """, arguments: [number]
            ).map { row in
                let newest: String? = row[4]
                let through: Int? = row[5]
                return VisitMark(
                    at: Instant(secondsSince1970: row[0]), by: LedgerPerson(user: row[1], uid: row[2]), records: row[3],
                    newest: newest.map(RecordKey.init), through: through.map { Instant(secondsSince1970: $0) })
            }
        }
    }

    private static func number(of pump: PumpIdentity, _ db: Database) throws -> Int? {
        try Int.fetchOne(
            db, sql: "SELECT id FROM pump WHERE driver = ? AND serial = ?", arguments: [pump.driver, pump.serial])
    }
}
