package import LedgerService
import PumpCore

/// What `close` and `reopen` did, or what is still open.
package enum ClosingReport {
    package static func json(_ answer: ClosingAnswer) -> JSONValue {
        .object(
            [.init("schema", "pumpledger.close/1")] + HeadingLines.json(answer.heading) + [
                .init("isClosed", .bool(answer.closing != nil)),
                .init("closing", answer.closing.map(ClosingLines.closing) ?? .null),
                .init("billableLines", .integer(answer.billableLines)),
                .init("containers", .integer(answer.containers)),
                .init("reconcileLines", .integer(answer.reconcileLines)),
                .init(
                    "open",
                    .array(
                        answer.open.map { point in
                            .object([
                                .init("kind", .string(point.kind.rawValue)), .init("order", .optional(point.order)),
                                .init("pump", .optional(point.pump)), .init("hcpcs", .optional(point.hcpcs)),
                                .init("message", .string(point.what)), .init("remedy", .string(point.remedy)),
                            ])
                        })),
            ])
    }

    package static func sheet(_ answer: ClosingAnswer) -> Sheet {
        let period = answer.heading.period
        var heading: [String]
        if let closing = answer.closing {
            heading = [
                "Closed: \(period)",
                "By \(closing.closedBy) at \(ReportTime(zone: answer.heading.zone).text(closing.closedAt)), with "
                    + "\(answer.billableLines) billable lines, \(answer.containers) containers, "
                    + "\(answer.reconcileLines) lines of reconciliation; rules \(answer.heading.rules)",
            ]
            if let reason = closing.accepted, !answer.open.isEmpty {
                heading.append("Accepted over \(counted(answer.open.count, "open point")): \(reason)")
            }
        } else {
            heading = ["NOT closed: \(counted(answer.open.count, "point")) open in \(period)"]
        }
        return Sheet(
            heading: heading,
            columns: [
                .init("open"), .init("what"), .init("what to do"), .init("order", inText: false),
                .init("pump", inText: false), .init("code", inText: false),
            ],
            rows: answer.open.map { point in
                [
                    .text(point.kind.rawValue), .text(point.what), .text(point.remedy), .optional(point.order),
                    .optional(point.pump), .optional(point.hcpcs),
                ]
            },
            footing: answer.closing == nil
                ? [
                    "Settle them, or say why it may be closed as it is: pumpledger close --period "
                        + "\(period.from)..\(period.to) --accept REASON"
                ]
                : ["What arrives later shows in its reports as adjustments."])
    }

    package static func json(_ answer: ReopeningAnswer) -> JSONValue {
        .object(
            [
                .init("schema", "pumpledger.reopen/1"),
                .init(
                    "period",
                    .object([
                        .init("from", .string(answer.period.from.description)),
                        .init("to", .string(answer.period.to.description)),
                    ])), .init("reason", .string(answer.reason)),
                .init("reopenedAt", .string(answer.reopenedAt.description)),
                .init("reopenedBy", .string(answer.reopenedBy)),
                .init("closing", ClosingLines.closing(answer.closing)),
            ] + ClosingLines.json(answer.closing).filter { $0.name == "adjustments" })
    }

    package static func sheet(_ answer: ReopeningAnswer) -> Sheet {
        let time = ReportTime(zone: answer.zone)
        return Sheet(
            heading: [
                "Reopened: \(answer.period)",
                "By \(answer.reopenedBy) at \(time.text(answer.reopenedAt)): \(answer.reason)",
                "It had been closed by \(answer.closing.closedBy) at \(time.text(answer.closing.closedAt)); that stays on record.",
                "Its reports are computed anew from now on.",
            ], columns: [], rows: [])
    }
}
