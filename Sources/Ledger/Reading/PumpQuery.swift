import GRDB
import PumpCore

/// Small questions about one pump that need no merged log.
enum PumpQuery {
    /// The pump with the model and firmware that it named last.
    static func identity(_ pump: Int, _ db: Database) throws -> PumpIdentity {
        let statement = try db.cachedStatement(
            sql: """
                WITH named AS (
                    SELECT started_at, session.id AS session, 0 AS note, model, firmware FROM session WHERE pump = ?1
                    UNION ALL
                    SELECT started_at, session.id, identity.id, identity.model, identity.firmware
                    FROM identity JOIN session ON session.id = identity.session WHERE pump = ?1
                )
                SELECT driver, serial,
                    (SELECT model FROM named WHERE model IS NOT NULL
                        ORDER BY started_at DESC, session DESC, note DESC LIMIT 1),
                    (SELECT firmware FROM named WHERE firmware IS NOT NULL
                        ORDER BY started_at DESC, session DESC, note DESC LIMIT 1)
                FROM pump WHERE id = ?1
                """)
        guard let row = try Row.fetchOne(statement, arguments: [pump]) else {
            throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "pump \(pump) is not there")
        }
        return PumpIdentity(serial: row[1], driver: row[0], model: row[2], firmware: row[3])
    }

    static func lastReadAt(_ pump: Int, _ db: Database) throws -> Instant? {
        try Int.fetchOne(
            db,
            sql: """
                SELECT max(ending.read_at) FROM ending JOIN session ON session.id = ending.session
                WHERE pump = ? AND to_newest
                """,
            arguments: [pump]
        ).map { Instant(secondsSince1970: $0) }
    }

    /// By the host's clock; readings without a host time come first.
    static func clocks(_ pump: Int, _ db: Database) throws -> [ClockReading] {
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT name, civil, counter, host_at FROM clock JOIN session ON session.id = clock.session
                WHERE pump = ? ORDER BY host_at, civil, counter, name
                """,
            arguments: [pump])
        return rows.compactMap { row in
            let host: Int? = row[3]
            return DeviceTime(civil: row[1], counter: row[2]).map {
                ClockReading(
                    session: SessionID(row[0]), device: $0, host: host.map { Instant(secondsSince1970: $0) })
            }
        }
    }
}
