package import LedgerService
import PumpCore
import Supplies

/// What would not stand about claims and deliveries: for a person one paragraph a finding, for a spreadsheet one row.
package struct ScrubReport: Sendable {
    private let answer: ScrubAnswer

    package init(_ answer: ScrubAnswer) { self.answer = answer }

    package var json: JSONValue {
        .object(
            [.init("schema", "pumpledger.scrub/1")] + HeadingLines.json(answer.heading) + [
                .init(
                    "looked",
                    .object([
                        .init("claimLines", .integer(answer.claimLines)),
                        .init("deliveries", .integer(answer.deliveries)),
                    ])),
                .init("findings", .array(answer.entries.map(Self.json))),
            ])
    }

    private static func json(_ entry: ScrubAnswer.Entry) -> JSONValue {
        let finding = entry.finding
        return .object([
            .init("id", .string(entry.id)), .init("severity", .string(finding.severity.rawValue)),
            .init("rule", .string(finding.rule)), .init("patient", .string(finding.patient)),
            .init("order", .string(finding.order)), .init("hcpcs", .optional(finding.hcpcs)),
            .init("claim", .optional(finding.claim)), .init("delivery", .optional(finding.delivery)),
            .init("line", .string(finding.line)), .init("message", .string(finding.message)),
            .init("fix", .string(finding.fix)), .init("source", .string(finding.source)),
            .init("citation", .string(finding.citation.citation)),
            .init("saidBy", .string(finding.citation.mark == .payer ? "payer" : "derived")),
            .init("rules", .string(finding.citation.set)),
        ])
    }

    /// For a spreadsheet.
    package var sheet: Sheet {
        Sheet(
            heading: above,
            columns: [
                .init("severity"), .init("rule"), .init("patient"), .init("order"), .init("code"), .init("claim"),
                .init("delivery"), .init("line"), .init("message"), .init("fix"), .init("source"), .init("citation"),
                .init("id"),
            ],
            rows: answer.entries.map { entry in
                let finding = entry.finding
                return [
                    .text(finding.severity.rawValue), .text(finding.rule), .text(finding.patient),
                    .text(finding.order), .optional(finding.hcpcs), .optional(finding.claim),
                    .optional(finding.delivery), .text(finding.line), .text(finding.message), .text(finding.fix),
                    .text(finding.source), .text(finding.citation.citation), .text(entry.id),
                ]
            }, footing: HeadingLines.below(answer.heading))
    }

    /// For a terminal.
    package var paragraphs: [Sheet] {
        [Sheet(heading: above, columns: [], rows: [])]
            + answer.entries.map { entry in
                let finding = entry.finding
                return Sheet(
                    heading: [
                        "\(finding.severity.rawValue.uppercased()) \(finding.rule), \(finding.line)",
                        "  \(finding.message.prefix(1).uppercased() + finding.message.dropFirst()).",
                        "  Fix: \(finding.fix).",
                        "  From \(finding.source). Why: pumpledger explain \(entry.id)",
                    ], columns: [], rows: [])
            }
            + [Sheet(heading: HeadingLines.below(answer.heading), columns: [], rows: [])]
    }

    private var above: [String] {
        HeadingLines.above(answer.heading, title: "Findings about claims and deliveries") + [summary]
    }

    private var summary: String {
        let looked =
            "\(counted(answer.claimLines, "billed line")) and "
            + (answer.deliveries == 1 ? "1 delivery" : "\(answer.deliveries) deliveries")
        if answer.entries.isEmpty {
            return answer.claimLines + answer.deliveries == 0
                ? "Nothing was billed or delivered in this period, as far as the register says."
                : "\(looked) looked at: nothing to mend."
        }
        let parts = [
            counted(answer.count(.error), "error"), counted(answer.count(.warning), "warning"),
            counted(answer.count(.note), "note"),
        ]
        return "\(looked) looked at: " + parts.joined(separator: ", ") + "."
    }
}
