import GRDB
package import PumpCore

extension Ledger {
    /// Reads the logs of several pumps in one look at the file. While `body` runs nobody else reads or writes, so it
    /// reads and leaves the work on what it read for later.
    package func readLogs(_ body: (LogReader) throws -> Void) throws(LedgerError) {
        try read { db in try body(LogReader(db: db)) }
    }
}

/// A look at the file, for one log after the other. It is worth nothing once `Ledger.readLogs` has returned.
package struct LogReader {
    let db: Database

    /// One pump's whole log, merged from every download. Nil for a pump that is not on record.
    package func log(of pump: PumpIdentity) throws -> PumpLog? {
        guard let reading = try MergedReading(of: pump, db) else { return nil }
        return PumpLog(
            pump: reading.pump, records: try reading.entries(), gaps: reading.gapPlacement.gaps(),
            clocks: try PumpQuery.clocks(reading.pumpNumber, db),
            lastReadAt: try PumpQuery.lastReadAt(reading.pumpNumber, db))
    }
}
