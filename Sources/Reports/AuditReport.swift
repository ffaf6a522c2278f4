package import LedgerService
import PumpCore

/// Who did and read what.
package struct AuditReport: Sendable {
    private let answer: AuditAnswer

    package init(_ answer: AuditAnswer) { self.answer = answer }

    package var json: JSONValue {
        .object([
            .init("schema", "pumpledger.audit/1"), .init("from", .optional(answer.from?.description)),
            .init("to", .optional(answer.to?.description)), .init("zone", .string(answer.zone)),
            .init(
                "entries",
                .array(
                    answer.lines.map { line in
                        .object([
                            .init("seq", .integer(line.number)), .init("at", .string(line.at.description)),
                            .init("user", .string(line.user)), .init("uid", .integer(Int(line.uid))),
                            .init("action", .string(line.action)),
                            .init(
                                "arguments",
                                .object(
                                    line.arguments.sorted { $0.key < $1.key }.map { .init($0.key, .string($0.value)) })),
                            .init("outcome", .optional(line.outcome)),
                        ])
                    })),
        ])
    }

    package var sheet: Sheet {
        let time = ReportTime(zone: answer.zone)
        let span =
            switch (answer.from, answer.to) {
            case (let from?, let to?): ", \(from) to \(to), both days included"
            case (let from?, nil): ", from \(from) on"
            case (nil, let to?): ", up to and with \(to)"
            case (nil, nil): ""
            }
        return Sheet(
            heading: ["Who did and read what\(span); times by this machine's clock, printed in \(answer.zone)"]
                + (answer.lines.isEmpty ? ["Nothing in this time."] : []),
            columns: [
                .init("seq", number: true), .init("at"), .init("user"), .init("what"), .init("about"), .init("outcome"),
                .init("uid", number: true, inText: false), .init("at_utc", inText: false),
            ],
            rows: answer.lines.map { line in
                [
                    .integer(line.number), .text(time.text(line.at)), .text(line.user), .text(line.action),
                    .text(
                        line.arguments.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(
                            separator: ", ")),
                    .text(line.outcome ?? "cut short, or not finished"), .integer(Int(line.uid)),
                    .text(line.at.description),
                ]
            })
    }
}
