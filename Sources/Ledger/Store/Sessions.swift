import GRDB
package import PumpCore

extension Ledger {
    /// Puts a session on record and gives it its name. On the disk when it returns.
    package func begin(session start: SessionStart) throws(LedgerError) -> SessionID {
        let id = SessionID.random()
        try write { db in
            let pump = try pumpNumber(start.pump, db)
            let (positions, ringSize) = start.positions.columns
            try db.execute(
                sql: """
                    INSERT INTO session (name, pump, model, firmware, link, origin, positions, ring_size, decoder,
                        started_at, read_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    id.text, pump, start.pump.model, start.pump.firmware, start.link, start.origin.rawValue,
                    positions, ringSize, start.decoderVersion, start.startedAt.secondsSince1970,
                    start.readAt?.secondsSince1970,
                ])
            try Chain.append(.session(Int(db.lastInsertedRowID)), db)
        }
        return id
    }

    /// What the pump said of itself after the session had begun. Another pump's name is refused.
    package func note(identity: PumpIdentity, in session: SessionID) throws(LedgerError) {
        try write { db in
            let open = try OpenSession(session, db)
            guard identity.serial == open.pump.serial, identity.driver == open.pump.driver else {
                throw LedgerError.otherPump(session, expected: open.pump, found: identity)
            }
            try db.execute(
                sql: "INSERT INTO identity (session, model, firmware) VALUES (?, ?, ?)",
                arguments: [open.number, identity.model, identity.firmware])
            try Chain.append(.identity(Int(db.lastInsertedRowID)), db)
        }
    }

    /// The pump's clock beside the host's; the session is the reading's own.
    package func note(clock: ClockReading) throws(LedgerError) {
        try write { db in
            let open = try OpenSession(clock.session, db)
            try db.execute(
                sql: "INSERT INTO clock (session, civil, counter, host_at) VALUES (?, ?, ?, ?)",
                arguments: [
                    open.number, clock.device.civil?.wallSeconds, clock.device.counterSeconds,
                    clock.host?.secondsSince1970,
                ])
            try Chain.append(.clock(Int(db.lastInsertedRowID)), db)
        }
    }

    /// A hole that the driver found. It lies between the batch stored before and the one stored after this call.
    package func note(gap: LogGap, in session: SessionID) throws(LedgerError) {
        try write { db in
            let open = try OpenSession(session, db)
            try db.execute(
                sql: """
                    INSERT INTO gap (session, batches, reason, after_key, before_key, from_civil, from_counter, to_civil,
                        to_counter, missing, detail) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    open.number, open.batchCount, gap.reason.rawValue, gap.after?.text, gap.before?.text,
                    gap.from?.civil?.wallSeconds, gap.from?.counterSeconds, gap.to?.civil?.wallSeconds,
                    gap.to?.counterSeconds, gap.missing, gap.detail,
                ])
            try Chain.append(.gap(Int(db.lastInsertedRowID)), db)
        }
    }

    /// Ends a session. One that stored nothing new is a reading all the same, and moves the pump's last reading on.
    package func end(_ session: SessionID, _ end: SessionEnd) throws(LedgerError) {
        try write { db in
            let open = try OpenSession(session, db)
            try db.execute(
                sql: """
                    INSERT INTO ending (session, outcome, to_newest, ended_at, read_at, detail)
                    VALUES (?1, ?2, ?3, ?4, coalesce(?5, (SELECT max(read_at) FROM batch WHERE session = ?1),
                        (SELECT read_at FROM session WHERE id = ?1)), ?6)
                    """,
                arguments: [
                    open.number, end.outcome.rawValue, end.readToNewest, end.endedAt.secondsSince1970,
                    end.readAt?.secondsSince1970, end.detail,
                ])
            try Chain.append(.ending(session: open.number), db)
        }
    }

    /// The number of a pump's row, made where it is missing.
    private func pumpNumber(_ pump: PumpIdentity, _ db: Database) throws -> Int {
        try db.execute(
            sql: "INSERT INTO pump (driver, serial) VALUES (?, ?) ON CONFLICT DO NOTHING",
            arguments: [pump.driver, pump.serial])
        if db.changesCount > 0 { try Chain.append(.pump(Int(db.lastInsertedRowID)), db) }
        return try Int.fetchOne(
            db, sql: "SELECT id FROM pump WHERE driver = ? AND serial = ?", arguments: [pump.driver, pump.serial]) ?? 0
    }
}

/// A session that can still take something in.
struct OpenSession {
    let number: Int
    let pumpNumber: Int
    let pump: PumpIdentity
    let positions: LogPositions
    let decoderVersion: Int
    let batchCount: Int

    init(_ id: SessionID, _ db: Database) throws {
        let statement = try db.cachedStatement(
            sql: """
                SELECT session.id, pump, driver, serial, positions, ring_size, decoder,
                    (SELECT coalesce(max(number) + 1, 0) FROM batch WHERE batch.session = session.id),
                    EXISTS (SELECT 1 FROM ending WHERE ending.session = session.id)
                FROM session JOIN pump ON pump.id = pump WHERE name = ?
                """)
        guard let row = try Row.fetchOne(statement, arguments: [id.text]) else {
            throw LedgerError.unknownSession(id)
        }
        guard row[8] == 0 else { throw LedgerError.endedSession(id) }
        number = row[0]
        pumpNumber = row[1]
        pump = PumpIdentity(serial: row[3], driver: row[2])
        positions = LogPositions(row[4], ringSize: row[5])
        decoderVersion = row[6]
        batchCount = row[7]
    }
}

extension LogPositions {
    var columns: (name: String, ringSize: Int?) {
        switch self {
        case .none: ("none", nil)
        case .ring(let size): ("ring", size)
        case .series: ("series", nil)
        }
    }

    /// The table's CHECK lets in no other names.
    init(_ name: String, ringSize: Int?) {
        switch (name, ringSize) {
        case ("ring", let size?): self = .ring(size: size)
        case ("series", _): self = .series
        default: self = .none
        }
    }
}

extension SessionID {
    /// 80 random bits, as 16 digits and letters without those that look alike. Hubs need not ask each other.
    static func random() -> SessionID {
        let digits = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)
        return SessionID(String(decoding: (0..<16).map { _ in digits[Int.random(in: 0..<32)] }, as: UTF8.self))
    }
}
