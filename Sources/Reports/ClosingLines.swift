import LedgerService
import PumpCore

/// What every report of a closed period prints about its closing, and about what arrived later.
enum ClosingLines {
    static func above(_ note: ClosingNote, zone: String) -> [String] {
        [
            "CLOSED by \(note.closedBy) at \(ReportTime(zone: zone).text(note.closedAt)): the lines are as they were then"
                + (note.accepted.map { "; accepted over open points: \($0)" } ?? "")
        ]
    }

    static func below(_ note: ClosingNote) -> [String] {
        guard !note.adjustments.isEmpty else { return ["No adjustment since it was closed."] }
        return note.adjustments.map { line in
            let counts = [("used", line.used), ("supported", line.supported), ("payable", line.payable)]
                .map { "\($0.0) \(signed($0.1))" }.joined(separator: ", ")
            return "ADJUSTMENT \(line.on), order \(line.order), \(line.hcpcs): \(counts). \(line.reason)"
        }
    }

    /// `+2`, `−1` with the sign that every terminal has, `0`; a dash where it cannot be assessed.
    static func signed(_ number: Int?) -> String {
        guard let number else { return "–" }
        return number > 0 ? "+\(number)" : String(number)
    }

    static func json(_ note: ClosingNote) -> [JSONValue.Field] {
        [.init("closed", closing(note)), .init("adjustments", .array(note.adjustments.map(json)))]
    }

    static func closing(_ note: ClosingNote) -> JSONValue {
        .object([
            .init("at", .string(note.closedAt.description)), .init("by", .string(note.closedBy)),
            .init("uid", .integer(Int(note.uid))), .init("accepted", .optional(note.accepted)),
            .init("program", .string(note.program)), .init("digest", .string(note.digest)),
        ])
    }

    private static func json(_ line: Adjustment) -> JSONValue {
        .object([
            .init("order", .string(line.order)), .init("hcpcs", .string(line.hcpcs)),
            .init("on", .string(line.on.description)), .init("used", .optional(line.used)),
            .init("supported", .optional(line.supported)), .init("payable", .optional(line.payable)),
            .init("prepared", .optional(line.prepared)), .init("review", .optional(line.review)),
            .init("over", .optional(line.over)), .init("reason", .string(line.reason)),
            .init("records", .strings(line.records.map(\.text))), .init("rows", .strings(line.rows)),
        ])
    }
}
