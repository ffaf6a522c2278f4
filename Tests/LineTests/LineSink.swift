import PumpCore
import PumpDrivers
import Station
import TestSupport

/// A ledger in memory, for one pump at a time.
actor LineSink: RecordSink {
    private(set) var ledger = FakeLedger()
    private(set) var openings: [SessionOpening] = []
    private(set) var outcomes: [SessionOutcome] = []
    private(set) var clocks: [ClockReading] = []
    private(set) var gaps: [LogGap] = []
    private(set) var faults: [SessionFault] = []

    func begin(_ opening: SessionOpening) -> BegunSession {
        openings.append(opening)
        let known = ledger.known()
        return BegunSession(id: SessionID("s\(openings.count)"), known: known)
    }

    func append(_ batch: LogBatch, to session: SessionID) -> BatchReceipt { ledger.store(batch) }
    func note(_ reading: ClockReading) { clocks.append(reading) }
    func note(_ gap: LogGap, in session: SessionID) { gaps.append(gap) }
    func note(_ fault: SessionFault, in session: SessionID) { faults.append(fault) }
    func noteNewestStored(in session: SessionID) {}
    func end(_ session: SessionID, _ outcome: SessionOutcome, at: Instant) {
        outcomes.append(outcome)
        if outcome == .complete { ledger.settle() }
    }

    var log: [RawRecord] { ledger.log }
    var raw: [[UInt8]] { ledger.log.map(\.raw) }
}
