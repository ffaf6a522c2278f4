import GRDB
package import PumpCore

/// A pump in one look: what is on record of it, and how it was last read.
package struct PumpSummary: Hashable, Sendable {
    package var pump: PumpIdentity
    package var recordCount: Int
    package var first: LogRecord?
    package var last: LogRecord?
    /// Unbroken stretches of its log; between two of them lies a gap.
    package var stretchCount: Int
    package var gaps: [LogGap]
    package var sessionCount: Int
    package var lastSession: SessionDetail?
    /// When the log was last read to its newest record.
    package var lastReadAt: Instant?
    package var clock: ClockReading?
}

extension Ledger {
    /// The names of the pumps on record, by serial, then driver, each with the model and firmware that it named last.
    package func pumpIdentities() throws(LedgerError) -> [PumpIdentity] {
        try read { db in
            try Int.fetchAll(db, sql: "SELECT id FROM pump ORDER BY serial, driver").map {
                try PumpQuery.identity($0, db)
            }
        }
    }

    /// Every pump ever seen, by serial, then driver.
    package func pumps() throws(LedgerError) -> [PumpSummary] {
        try read { db in
            let numbers = try Int.fetchAll(db, sql: "SELECT id FROM pump ORDER BY serial, driver")
            return try numbers.map { number in
                let reading = try MergedReading(number, db)
                let count = reading.log.entries.count
                let sessions = try SessionQuery.sessions(ofPump: number, limit: 1, db)
                return PumpSummary(
                    pump: reading.pump, recordCount: count, first: count > 0 ? try reading.record(0) : nil,
                    last: count > 0 ? try reading.record(count - 1) : nil,
                    stretchCount: reading.log.stretches.count, gaps: reading.gapPlacement.gaps(),
                    sessionCount: reading.evidence.sessions.count, lastSession: sessions.first,
                    lastReadAt: try PumpQuery.lastReadAt(number, db), clock: try PumpQuery.clocks(number, db).last)
            }
        }
    }
}
