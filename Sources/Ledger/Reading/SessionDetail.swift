import GRDB
package import PumpCore

/// A session as it stands on record.
package struct SessionDetail: Hashable, Sendable {
    package var id: SessionID
    package var start: SessionStart
    /// Nil for a session that was cut short, or that still goes on.
    package var end: SessionEnd?
    package var batchCount: Int
    /// Records that it saw, new or not.
    package var recordsSeen: Int
}

extension Ledger {
    package func session(_ id: SessionID) throws(LedgerError) -> SessionDetail? {
        try read { db in try SessionQuery.session(id, db) }
    }

    /// The sessions of a pump, newest first.
    package func sessions(of pump: PumpIdentity) throws(LedgerError) -> [SessionDetail] {
        try read { db in
            let number = try Int.fetchOne(
                db, sql: "SELECT id FROM pump WHERE driver = ? AND serial = ?", arguments: [pump.driver, pump.serial])
            return try number.map { try SessionQuery.sessions(ofPump: $0, limit: nil, db) } ?? []
        }
    }
}

enum SessionQuery {
    private static let columns = """
        SELECT name, driver, serial, session.model, session.firmware, link, origin, positions, ring_size, decoder,
            started_at, session.read_at, outcome, to_newest, ended_at, ending.read_at, detail,
            (SELECT count(*) FROM batch WHERE batch.session = session.id),
            (SELECT coalesce(sum(records), 0) FROM batch WHERE batch.session = session.id)
        FROM session JOIN pump ON pump.id = pump LEFT JOIN ending ON ending.session = session.id
        """

    static func session(_ id: SessionID, _ db: Database) throws -> SessionDetail? {
        try Row.fetchOne(db, sql: columns + " WHERE name = ?", arguments: [id.text]).map(detail)
    }

    /// Newest first.
    static func sessions(ofPump pump: Int, limit: Int?, _ db: Database) throws -> [SessionDetail] {
        try Row.fetchAll(
            db, sql: columns + " WHERE pump = ? ORDER BY started_at DESC, session.id DESC LIMIT ?",
            arguments: [pump, limit ?? -1]
        ).map(detail)
    }

    private static func detail(_ row: Row) -> SessionDetail {
        func instant(_ column: Int) -> Instant? {
            let seconds: Int? = row[column]
            return seconds.map { Instant(secondsSince1970: $0) }
        }
        let outcome: String? = row[12]
        return SessionDetail(
            id: SessionID(row[0]),
            start: SessionStart(
                pump: PumpIdentity(serial: row[2], driver: row[1], model: row[3], firmware: row[4]), link: row[5],
                origin: SessionStart.Origin(rawValue: row[6]) ?? .imported,
                positions: LogPositions(row[7], ringSize: row[8]), decoderVersion: row[9],
                startedAt: Instant(secondsSince1970: row[10]), readAt: instant(11)),
            end: outcome.flatMap { SessionEnd.Outcome(rawValue: $0) }.map {
                SessionEnd(
                    $0, readToNewest: row[13], endedAt: instant(14) ?? Instant(secondsSince1970: 0),
                    readAt: instant(15), detail: row[16])
            },
            batchCount: row[17], recordsSeen: row[18])
    }
}
