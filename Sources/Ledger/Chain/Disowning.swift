import GRDB
package import PumpCore

/// A download that somebody took out of every count: of a forged pump, a test, a wrong serial number.
package struct Disowned: Hashable, Sendable {
    package var session: SessionID
    package var pump: PumpIdentity
    package var at: Instant
    package var by: LedgerPerson
    package var reason: String
    /// Records that no other download saw.
    package var recordsOfItsOwn: Int
}

extension Ledger {
    /// Takes a session out of the pump's log, on record. What it stored stays where it is; what another session saw too
    /// keeps counting. A later download of the same pump reads the rest again.
    package func disown(
        _ session: SessionID, at: Instant, by person: LedgerPerson, reason: String
    ) throws(LedgerError) -> Disowned {
        try write { db in
            guard
                let row = try Row.fetchOne(
                    db, sql: "SELECT session.id, pump FROM session WHERE name = ?", arguments: [session.text])
            else { throw LedgerError.unknownSession(session) }
            let (number, pump): (Int, Int) = (row[0], row[1])
            if let earlier = try Row.fetchOne(
                db, sql: "SELECT disowned_by, disowned_at FROM disowning WHERE session = ?", arguments: [number])
            {
                throw LedgerError.disownedAlready(
                    session, by: earlier[0], at: Instant(secondsSince1970: earlier[1]))
            }
            let before = try MergedReading(pump, db).log.entries.count
            try db.execute(
                sql: "INSERT INTO disowning (session, disowned_at, disowned_by, uid, reason) VALUES (?, ?, ?, ?, ?)",
                arguments: [number, at.secondsSince1970, person.user, Int(person.uid), reason])
            try Chain.append(.disowning(Int(db.lastInsertedRowID)), db)
            let reading = try MergedReading(pump, db)
            return Disowned(
                session: session, pump: reading.pump, at: at, by: person, reason: reason,
                recordsOfItsOwn: before - reading.log.entries.count)
        }
    }

    /// Who took a session out of every count, and why; nil for one that counts.
    package func disowning(of session: SessionID) throws(LedgerError) -> (
        by: LedgerPerson, at: Instant, reason: String
    )? {
        try read { db in
            try Row.fetchOne(
                db,
                sql: """
                    SELECT disowned_by, uid, disowned_at, reason FROM disowning JOIN session ON session.id = session
                    WHERE name = ?
                    """, arguments: [session.text]
            ).map { (LedgerPerson(user: $0[0], uid: $0[1]), Instant(secondsSince1970: $0[2]), $0[3]) }
        }
    }
}

enum Disowning {
    /// Of the table `session`, in a query: that it counts.
    static let isOwned = "session.id NOT IN (SELECT disowning.session FROM disowning)"

    /// What the disowned sessions of a pump saw, as ranges of ids.
    static func records(ofPump pump: Int, _ db: Database) throws -> [ClosedRange<Int>] {
        try Row.fetchAll(
            db,
            sql: """
                SELECT first, last FROM disowning JOIN session ON session.id = disowning.session
                JOIN run ON run.session = session.id WHERE pump = ?
                """, arguments: [pump]
        ).map { row in
            let (first, last): (Int, Int) = (row[0], row[1])
            return first...last
        }
    }
}
