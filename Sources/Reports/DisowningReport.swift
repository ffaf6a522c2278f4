package import LedgerService
import PumpCore

/// A download that counts no more.
package enum DisowningReport {
    package static func json(_ answer: DisowningAnswer) -> JSONValue {
        .object([
            .init("schema", "pumpledger.disown/1"),
            .init("session", .string(answer.session.text)),
            .init("pump", .string(answer.pump)),
            .init("disownedAt", .string(answer.at.description)),
            .init("disownedBy", .string(answer.by)),
            .init("reason", .string(answer.reason)),
            .init("records", .integer(answer.records)),
        ])
    }

    package static func sheet(_ answer: DisowningAnswer) -> Sheet {
        let time = ReportTime(zone: answer.zone)
        return Sheet(
            heading: [
                "Disowned: session \(answer.session.text) of pump \(answer.pump)",
                "By \(answer.by) at \(time.text(answer.at)): \(answer.reason)",
                answer.records == 0
                    ? "Every record that it saw was seen by another download too: no count changes."
                    : "\(counted(answer.records, "record")) that only this download saw count no more.",
                "Nothing was deleted. Closed periods show the difference as an adjustment.",
            ], columns: [], rows: [])
    }
}
