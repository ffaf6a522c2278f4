import GRDB
package import PumpCore

extension Ledger {
    /// Reads the logs of several pumps in one look at the file, beside others who do the same. While `body` runs what
    /// others write is kept in the file's journal, so it reads and leaves the work on what it read for later.
    package func readLogs(_ body: (LogReader) throws -> Void) throws(LedgerError) {
        try lookBeside { db in try body(LogReader(db: db)) }
    }
}

/// A look at the file, for one log after the other. It is worth nothing once `Ledger.readLogs` has returned.
package struct LogReader {
    let db: Database

    /// How much of each record is read.
    package enum Depth: Sendable {
        case everything
        /// What the counting rules look at. Raw bytes, opcodes, offsets, labels, makers' codes and programmed quantities
        /// are left out.
        case counting
    }

    /// One pump's whole log, merged from every download. Nil for a pump that is not on record.
    package func log(of pump: PumpIdentity, depth: Depth = .everything) throws -> PumpLog? {
        guard
            let reading = try MergedReading(
                of: pump, db, records: depth == .counting ? EventReader.Depth.counting : .everything)
        else { return nil }
        return PumpLog(
            pump: reading.pump, records: try reading.entries(), gaps: reading.gapPlacement.gaps(),
            clocks: try PumpQuery.clocks(reading.pumpNumber, db),
            lastReadAt: try PumpQuery.lastReadAt(reading.pumpNumber, db))
    }

    /// Every pump ever seen, by serial, then driver.
    package func pumpNames() throws -> [(serial: String, driver: String)] {
        let query = try HotStatement(db, "SELECT serial, driver FROM pump ORDER BY serial, driver")
        defer { query.reset() }
        var pumps: [(serial: String, driver: String)] = []
        while try query.step() { pumps.append((query.text(0), query.text(1))) }
        return pumps
    }

    /// Downloads, replays and imports of a pump.
    package func sessionCount(of pump: PumpIdentity) throws -> Int {
        let query = try HotStatement(
            db, "SELECT count(*) FROM session JOIN pump ON pump.id = pump WHERE driver = ? AND serial = ?")
        query.bind(text: pump.driver, 1)
        query.bind(text: pump.serial, 2)
        defer { query.reset() }
        return try query.step() ? query.int(0) : 0
    }
}
