import GRDB
package import PumpCore

extension Ledger {
    /// Puts a request on record, with its outcome where it is known already. One small row, on the disk when it returns
    /// like everything else here: a reading that nobody can find again was not put on record.
    @discardableResult
    package func audit(
        at: Instant, by person: LedgerPerson, action: String, arguments: [String: String], outcome: String?
    ) throws(LedgerError) -> Int64 {
        var json = FlatJSON.Writer()
        for (name, value) in arguments.sorted(by: { $0.key < $1.key }) { json.add(named: name, value) }
        let text = json.finished().map { String(decoding: $0, as: UTF8.self) } ?? "{}"
        return try write { db in
            try db.cachedStatement(
                sql: "INSERT INTO audit (at, user, uid, action, arguments, outcome) VALUES (?, ?, ?, ?, ?, ?)"
            ).execute(arguments: [at.secondsSince1970, person.user, Int(person.uid), action, text, outcome])
            let number = db.lastInsertedRowID
            try Chain.append(.audit(Int(number)), db)
            return number
        }
    }

    /// How a request ended that was put on record before it began.
    package func audit(_ number: Int64, outcome: String) throws(LedgerError) {
        try write { db in
            try db.execute(
                sql: "INSERT INTO audit_outcome (audit, outcome) VALUES (?, ?)", arguments: [number, outcome])
            try Chain.append(.auditOutcome(audit: Int(number)), db)
        }
    }

    /// The entries of a time, oldest first; nil ends are open, both are inclusive.
    package func auditEntries(from: Instant?, to: Instant?) throws(LedgerError) -> [AuditEntry] {
        try read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT id, at, user, uid, action, arguments, coalesce(audit_outcome.outcome, audit.outcome)
                    FROM audit LEFT JOIN audit_outcome ON audit_outcome.audit = id
                    WHERE at >= coalesce(?1, at) AND at <= coalesce(?2, at) ORDER BY id
                    """, arguments: [from?.secondsSince1970, to?.secondsSince1970]
            ).map { row in
                let text: String = row[5]
                guard let members = FlatJSON.read(Array(text.utf8)) else {
                    throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "an audit entry cannot be read")
                }
                var arguments: [String: String] = [:]
                for case (let name, .text(let value)) in members { arguments[name] = value }
                return AuditEntry(
                    number: row[0], at: Instant(secondsSince1970: row[1]),
                    by: LedgerPerson(user: row[2], uid: row[3]), action: row[4], arguments: arguments,
                    outcome: row[6])
            }
        }
    }
}
