import GRDB
import PumpCore

/// Small questions about one pump that need no merged log.
enum PumpQuery {
    static func number(of pump: PumpIdentity, _ db: Database) throws -> Int? {
        let query = try HotStatement(db, "SELECT id FROM pump WHERE driver = ? AND serial = ?")
        query.bind(text: pump.driver, 1)
        query.bind(text: pump.serial, 2)
        defer { query.reset() }
        return try query.step() ? query.int(0) : nil
    }

    /// The pump with the model and firmware that it named last.
    static func identity(_ pump: Int, _ db: Database) throws -> PumpIdentity {
        let query = try HotStatement(
            db,
            """
            WITH named AS (
                SELECT started_at, session.id AS session, 0 AS note, model, firmware FROM session
                WHERE pump = ?1 AND \(Disowning.isOwned)
                UNION ALL
                SELECT started_at, session.id, identity.id, identity.model, identity.firmware
                FROM session JOIN identity ON identity.session = session.id
                WHERE pump = ?1 AND \(Disowning.isOwned)
            )
            SELECT driver, serial,
                (SELECT model FROM named WHERE model IS NOT NULL
                    ORDER BY started_at DESC, session DESC, note DESC LIMIT 1),
                (SELECT firmware FROM named WHERE firmware IS NOT NULL
                    ORDER BY started_at DESC, session DESC, note DESC LIMIT 1)
            FROM pump WHERE id = ?1
            """)
        query.bind(1, pump)
        defer { query.reset() }
        guard try query.step() else {
            throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "pump \(pump) is not there")
        }
        return PumpIdentity(
            serial: query.text(1), driver: query.text(0), model: query.optionalText(2), firmware: query.optionalText(3))
    }

    // Made once: a month asks them of every pump.
    private static let lastReading = """
        SELECT max(ending.read_at) FROM session JOIN ending ON session.id = ending.session
        WHERE pump = ? AND to_newest AND \(Disowning.isOwned)
        """

    private static let clockReadings = """
        SELECT name, civil, counter, host_at FROM session JOIN clock ON session.id = clock.session
        WHERE pump = ? AND \(Disowning.isOwned) ORDER BY host_at, civil, counter, name
        """

    static func lastReadAt(_ pump: Int, _ db: Database) throws -> Instant? {
        let query = try HotStatement(db, lastReading)
        query.bind(1, pump)
        defer { query.reset() }
        return try query.step() ? query.optionalInt(0).map { Instant(secondsSince1970: $0) } : nil
    }

    /// By the host's clock; readings without a host time come first.
    static func clocks(_ pump: Int, _ db: Database) throws -> [ClockReading] {
        let query = try HotStatement(db, clockReadings)
        query.bind(1, pump)
        defer { query.reset() }
        var clocks: [ClockReading] = []
        while try query.step() {
            guard let device = DeviceTime(civil: query.optionalInt(1), counter: query.optionalInt(2)) else { continue }
            clocks.append(
                ClockReading(
                    session: SessionID(query.text(0)), device: device,
                    host: query.optionalInt(3).map { Instant(secondsSince1970: $0) }))
        }
        return clocks
    }
}
