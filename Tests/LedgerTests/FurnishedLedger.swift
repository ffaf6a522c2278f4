import PumpCore

@testable import Ledger

extension Ledger {
    /// A ledger with at least one row in every table.
    static func furnished(_ folder: TemporaryFolder) throws -> Ledger {
        let ledger = try folder.ledger()
        let session = try ledger.begin(session: .onPaper(at: 1))
        try ledger.note(
            identity: PumpIdentity(serial: "P1", driver: "paper", model: "M", firmware: "1"), in: session)
        try ledger.note(clock: ClockReading(session: session, device: .counter(seconds: 5), host: nil))
        _ = try ledger.append(LogBatch(records: LogOnPaper.records("abC")), in: session)
        try ledger.note(gap: LogGap(after: nil, before: nil, from: nil, to: nil, reason: .unread), in: session)
        try ledger.end(session, SessionEnd(.complete, endedAt: Instant(secondsSince1970: 2)))
        _ = try ledger.appendRegister(
            [
                RegisterEntry(
                    table: "patients", key: "P", columns: ["patient_id": "P", "payer": "x"], file: "patients.csv",
                    line: 2)
            ],
            importedAt: Instant(secondsSince1970: 3), by: "me")
        // A session that still goes on is part of the mark.
        _ = try ledger.begin(session: .onPaper(at: 4))
        let closing = try ledger.close(.onPaper(mark: try ledger.mark()))
        _ = try ledger.append(
            adjustments: ["one"], to: closing, after: nil, upTo: try ledger.mark(), at: Instant(secondsSince1970: 5))
        try ledger.reopen(closing, at: Instant(secondsSince1970: 6), by: .onPaper, reason: "because")
        try ledger.append(
            visit: VisitMark(
                at: Instant(secondsSince1970: 7), by: .onPaper, records: 3, newest: RecordKey("r:1"), through: nil),
            of: .onPaper)
        let entry = try ledger.audit(
            at: Instant(secondsSince1970: 8), by: .onPaper, action: "close", arguments: ["period": "1970-01"],
            outcome: nil)
        try ledger.audit(entry, outcome: "done")
        let forged = try ledger.begin(session: .onPaper(at: 9))
        _ = try ledger.append(LogBatch(records: LogOnPaper.records("Cx")), in: forged)
        try ledger.end(forged, SessionEnd(.partial, endedAt: Instant(secondsSince1970: 9)))
        _ = try ledger.disown(forged, at: Instant(secondsSince1970: 10), by: .onPaper, reason: "forged")
        try ledger.checkpoint(at: Instant(secondsSince1970: 11))
        return ledger
    }
}
