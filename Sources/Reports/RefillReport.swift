package import LedgerService
import PumpCore
import Supplies

/// Whose supply runs out when, and from which day on a refill may be asked about and delivered.
package struct RefillReport: Sendable {
    private let answer: RefillAnswer

    package init(_ answer: RefillAnswer) { self.answer = answer }

    private func id(_ line: RefillLine) -> String { RefillID(day: answer.day, order: line.order).description }

    package var json: JSONValue {
        .object(
            [.init("schema", "pumpledger.refill-due/1"), .init("on", .string(answer.day.description))]
                + HeadingLines.json(answer.heading) + [.init("lines", .array(answer.lines.map(json)))])
    }

    private func json(_ line: RefillLine) -> JSONValue {
        let supply: [JSONValue.Field] = [
            .init("id", .string(id(line))), .init("order", .string(line.order)),
            .init("patient", .string(line.patient)), .init("hcpcs", .string(line.hcpcs)),
            .init("onHand", .integer(line.onHand)), .init("daysLeft", .optional(line.daysLeft)),
            .init("expectedEnd", .optional(line.expectedEnd?.description)),
            .init("earliestContact", .optional(line.earliestContact?.description)),
            .init("earliestDelivery", .optional(line.earliestDelivery?.description)),
        ]
        return .object(
            supply + [
                .init("unknown", .object([.init("low", .integer(0)), .init("high", .integer(line.unknown))])),
                .init("earliestEnd", .optional(line.earliestEnd?.description)),
                .init(
                    "need",
                    line.need.map {
                        .object([
                            .init("containers", .integer($0.containers)),
                            .init("hours", .decimal(RefillLine.Need.number($0.hours))),
                        ])
                    } ?? .null),
                .init("action", .string(line.action.rawValue)),
                .init("deliveredOn", .optional(line.deliveredOn?.description)),
                .init("contactedOn", .optional(line.contactedOn?.description)),
                .init("affirmedBy", .optional(line.affirmedBy)),
                .init("counted", .optional(line.counted)),
                .init("countedOn", .optional(line.countedOn?.description)),
                .init("orderEnds", .optional(line.orderEnds?.description)),
                .init("rule", .string("\(line.rule.id) of \(line.rule.set)")),
                .init(
                    "holds",
                    .array(
                        line.holds.map {
                            .object([
                                .init("rule", .string($0.rule)), .init("reason", .string($0.reason)),
                                .init("column", .optional($0.column)),
                            ])
                        })),
            ])
    }

    package var sheet: Sheet {
        Sheet(
            heading: HeadingLines.above(answer.heading, titled: "Supply left at the start of \(answer.day)")
                + (answer.lines.isEmpty ? ["No order holds on this day. Is the register imported?"] : []),
            columns: [
                .init("order"), .init("patient"), .init("code"), .init("on hand", number: true), .init("need"),
                .init("days left", number: true), .init("expected end"), .init("worst case"), .init("ask from"),
                .init("deliver from"),
                .init("now"), .init("last delivered"), .init("last asked"), .init("counted", number: true),
                .init("counted on"), .init("order ends"), .init("affirmed by", inText: false),
                .init("unknown", number: true, inText: false),
                .init("holds", inText: false), .init("rules", inText: false), .init("id", inText: false),
            ],
            rows: answer.lines.map { line in
                [
                    .text(line.order), .text(line.patient), .text(line.hcpcs), .integer(line.onHand),
                    .optional(line.need?.description), .optional(line.daysLeft),
                    .optional(line.expectedEnd?.description),
                    .optional(line.unknown > 0 ? line.earliestEnd?.description : nil),
                    .optional(line.earliestContact?.description),
                    .optional(line.earliestDelivery?.description), .text(Self.words(line.action)),
                    .optional(line.deliveredOn?.description), .optional(line.contactedOn?.description),
                    .optional(line.counted), .optional(line.countedOn?.description),
                    .optional(line.orderEnds?.description), .optional(line.affirmedBy), .integer(line.unknown),
                    .text(line.holds.map { "\($0.rule): \($0.reason)" }.joined(separator: "; ")),
                    .text(line.rule.set), .text(id(line)),
                ]
            },
            footing: below)
    }

    private var below: [String] {
        var lines = answer.lines.flatMap { line -> [String] in
            let name = "order \(line.order), \(line.hcpcs)"
            return line.holds.map { "HOLD \($0.rule), \(name): \($0.reason)" }
                + (line.unknown > 0
                    ? [
                        "\(name): up to \(line.unknown) more may be gone in time that was not read"
                            + (line.earliestEnd.map { "; then the supply ends on \($0)" } ?? "")
                            + ". Read the pump, or count the shelf."
                    ] : [])
        }
        lines += HeadingLines.below(answer.heading, marksEnd: false)
        if let first = answer.lines.first { lines.append("Why (so for each order): pumpledger explain \(id(first))") }
        return lines
    }

    private static func words(_ action: RefillLine.Action) -> String {
        switch action {
        case .out: "OUT"
        case .deliver: "deliver"
        case .ask: "ask"
        case .wait: "wait"
        case .enough: "enough"
        case .cannotAssess: "cannot assess"
        }
    }
}
