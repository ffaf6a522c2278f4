import GRDB

/// A ledger that is older than its chain: what it holds is put into one, as if it had been put on record in this moment.
/// The chain can say nothing of what happened to it before.
enum ChainAdoption {
    static func adopt(_ db: Database) throws {
        guard try Chain.end(db).number == 0 else { return }
        for subject in try subjects(db) { try Chain.append(subject, db) }
    }

    private static func subjects(_ db: Database) throws -> [ChainSubject] {
        func numbers(_ sql: String) throws -> [Int] { try Int.fetchAll(db, sql: sql) }
        let pumps = try numbers("SELECT id FROM pump ORDER BY id")
        var subjects = pumps.map { ChainSubject.pump($0) }
        for pump in pumps {
            let ids = RecordIDs.range(ofPump: pump)
            let range = try Row.fetchOne(
                db, sql: "SELECT min(id), max(id) FROM record WHERE id >= ? AND id < ?",
                arguments: [ids.lowerBound, ids.upperBound])
            if let range, let first = range[0] as Int?, let last = range[1] as Int? {
                subjects.append(.adoptedRecords(first...last))
            }
        }
        subjects += try numbers("SELECT id FROM session ORDER BY id").map { .session($0) }
        subjects += try Row.fetchAll(db, sql: "SELECT session, number FROM batch ORDER BY session, number").map {
            .batch(session: $0[0], number: $0[1], records: 0..<0)
        }
        subjects += try numbers("SELECT id FROM identity ORDER BY id").map { .identity($0) }
        subjects += try numbers("SELECT id FROM clock ORDER BY id").map { .clock($0) }
        subjects += try numbers("SELECT id FROM gap ORDER BY id").map { .gap($0) }
        subjects += try numbers("SELECT session FROM ending ORDER BY session").map { .ending(session: $0) }
        subjects += try Row.fetchAll(
            db, sql: "SELECT import, min(id), max(id) FROM register_row GROUP BY import ORDER BY import"
        ).map { row in
            let (first, last): (Int, Int) = (row[1], row[2])
            return .registerImport(row[0], rows: first...last)
        }
        var books: Set<String> = []
        subjects += try Row.fetchAll(db, sql: "SELECT id, mark, rule_book FROM closing ORDER BY id").map { row in
            .closing(row[0], mark: row[1], bringsRules: books.insert(row[2]).inserted)
        }
        subjects += try numbers("SELECT closing FROM reopening ORDER BY closing").map { .reopening(closing: $0) }
        subjects += try Row.fetchAll(db, sql: "SELECT id, mark FROM closing_check ORDER BY id").map {
            .closingCheck($0[0], mark: $0[1])
        }
        subjects += try numbers("SELECT id FROM visit ORDER BY id").map { .visit($0) }
        subjects += try numbers("SELECT id FROM audit ORDER BY id").map { .audit($0) }
        subjects += try numbers("SELECT id FROM disowning ORDER BY id").map { .disowning($0) }
        subjects += try numbers("SELECT audit FROM audit_outcome ORDER BY audit").map { .auditOutcome(audit: $0) }
        return subjects
    }
}
