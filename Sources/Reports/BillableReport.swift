package import LedgerService
import PumpCore
import Register
import Supplies

/// One line an order and HCPCS code: what the rules support.
package struct BillableReport: Sendable {
    private let answer: BillableAnswer

    package init(_ answer: BillableAnswer) { self.answer = answer }

    private func id(_ line: BillableLine) -> String {
        LineID(period: answer.heading.period, order: line.order, hcpcs: line.hcpcs).description
    }

    package var json: JSONValue {
        .object(
            [.init("schema", "pumpledger.billable/1")] + HeadingLines.json(answer.heading) + [
                .init("lines", .array(answer.lines.map(json)))
            ])
    }

    private func json(_ line: BillableLine) -> JSONValue {
        let identity: [JSONValue.Field] = [
            .init("id", .string(id(line))), .init("order", .string(line.order)),
            .init("patient", .string(line.patient)), .init("payer", .string(line.payer)),
            .init("rules", .string(line.ruleSet)), .init("pump", .optional(line.pump)),
            .init("pumps", .strings(line.pumps)), .init("simulated", .bool(isSimulated(line))),
            .init("pumpHcpcs", .optional(line.pumpHcpcs)), .init("hcpcs", .string(line.hcpcs)),
            .init("mode", .string(line.mode.rawValue)),
        ]
        let counts: [JSONValue.Field] = [
            .init("prepared", .optional(line.prepared)), .init("used", .optional(line.used)),
            .init("doses", .optional(line.doses)), .init("ceiling", .optional(line.ceiling)),
            .init("fewest", .optional(line.fewest)), .init("supported", .optional(line.supported)),
            .init("excused", .integer(line.excused)), .init("review", .integer(line.review)),
            .init("over", .optional(line.over)), .init("avoidable", .optional(line.avoidable)),
            .init(
                "unknown",
                .object([.init("low", .integer(line.unknown.low)), .init("high", .integer(line.unknown.high))])),
            .init("payable", .optional(line.payable)), .init("basis", .string(line.basis.rawValue)),
        ]
        return .object(
            identity + counts + [
                .init(
                    "holds",
                    .array(
                        line.holds.map {
                            .object([
                                .init("rule", .string($0.rule)), .init("reason", .string($0.reason)),
                                .init("column", .optional($0.column)),
                            ])
                        })),
                .init("notes", .strings(line.notes)),
                .init("containers", .strings(Array(line.containers))),
                .init("ruleIds", .strings(line.rules.map(\.id))),
                .init("fee", line.fee.map(fee) ?? .null),
            ])
    }

    /// National amounts in US dollars a unit, as the user's own fee schedule has them.
    private func fee(_ fee: FeeReference) -> JSONValue {
        .object([
            .init("ceiling", fee.ceiling.map { .decimal($0) } ?? .null),
            .init("floor", fee.floor.map { .decimal($0) } ?? .null), .init("category", .string(fee.category)),
            .init("jurisdiction", .string(fee.jurisdiction)), .init("source", .string(fee.source)),
        ])
    }

    private func isSimulated(_ line: BillableLine) -> Bool {
        answer.heading.coverage.contains { $0.isSimulated && line.pumps.contains($0.pump) }
    }

    package var sheet: Sheet {
        Sheet(
            heading: HeadingLines.above(answer.heading, title: "Billable supplies")
                + (answer.lines.isEmpty ? ["No order in this period. Is the register imported?"] : []),
            columns: [
                .init("order"), .init("patient"), .init("pump"), .init("code"), .init("mode"),
                .init("prepared", number: true), .init("used", number: true), .init("doses", number: true),
                .init("ceiling", number: true), .init("fewest", number: true), .init("supported", number: true),
                .init("excused", number: true), .init("review", number: true), .init("over", number: true),
                .init("avoidable", number: true), .init("unknown"), .init("payable", number: true),
                .init("basis", inText: false), .init("holds", inText: false), .init("rules", inText: false),
                .init("id", inText: false),
            ],
            rows: answer.lines.map { line in
                let mark = isSimulated(line) ? " SIMULATED" : ""
                return [
                    .text(line.order), .text(line.patient), .optional(line.pump.map { $0 + mark }), .text(line.hcpcs),
                    .text(line.mode.rawValue), .optional(line.prepared), .optional(line.used), .optional(line.doses),
                    .optional(line.ceiling), .optional(line.fewest), .optional(line.supported),
                    .integer(line.excused), .integer(line.review), .optional(line.over), .optional(line.avoidable),
                    .text(
                        line.unknown.isZero ? "0" : "\(line.unknown.low) to \(line.unknown.high)"),
                    .optional(line.payable), .text(line.basis.rawValue),
                    .text(line.holds.map { "\($0.rule): \($0.reason)" }.joined(separator: "; ")), .text(line.ruleSet),
                    .text(id(line)),
                ]
            },
            footing: answer.lines.flatMap { line in
                line.holds.map { "HOLD \($0.rule), order \(line.order), \(line.hcpcs): \($0.reason)" }
                    + line.notes.map { "order \(line.order), \(line.hcpcs): \($0)" }
            } + HeadingLines.below(answer.heading)
                + answer.lines.map { "Why: pumpledger explain \(id($0))" })
    }
}
