package import LedgerService
import PumpCore
import Supplies

/// One line a container: used, when, how much, why counted or not.
package struct UsageReport: Sendable {
    private let answer: UsageAnswer

    package init(_ answer: UsageAnswer) { self.answer = answer }

    package var json: JSONValue {
        .object(
            [.init("schema", "pumpledger.usage/1")] + HeadingLines.json(answer.heading) + [
                .init("lines", .array(answer.lines.map(Self.json)))
            ])
    }

    private static func json(_ line: ContainerUse) -> JSONValue {
        func moment(_ moment: Moment?, _ name: String) -> [JSONValue.Field] {
            [
                .init(name, .optional(moment?.utc?.description)),
                .init(name + "Civil", .optional(moment?.civil.description)),
            ]
        }
        let head: [JSONValue.Field] = [
            .init("container", .string(line.id)), .init("order", .optional(line.order)),
            .init("pump", .string(line.pump)), .init("pumps", .strings(line.pumps)),
            .init("channel", .integer(line.channel)), .init("containerId", .optional(line.containerID)),
        ]
        let times =
            moment(line.attached, "attachedAt") + moment(line.firstFlow, "firstFlowAt")
            + moment(line.ended, "endedAt")
        return .object(
            head + times + [
                .init("volumeMl", line.milliliters.map { .decimal(String($0)) } ?? .null),
                .init("class", .string(line.containerClass.rawValue)),
                .init("reseats", .integer(line.reseats)),
                .init("slots", .strings(line.slots.map(\.description))),
                .init("doses", .optional(line.doses)),
                .init("date", .optional(line.date?.description)),
                .init("counted", .string(line.counted.rawValue)),
                .init("reason", .string(line.reason)),
                .init("rule", .string(line.rule)),
                .init("uncorrected", .bool(line.isUncorrected)),
                .init("doubtfulTime", .bool(line.isTimeDoubtful)),
                .init("records", .strings(line.records.map(\.text))),
            ])
    }

    package var sheet: Sheet {
        Sheet(
            heading: HeadingLines.above(answer.heading, title: "Containers used")
                + (answer.lines.isEmpty ? ["No container in this period."] : []),
            columns: [
                .init("order"), .init("pump"), .init("attached"), .init("first flow"), .init("ended"), .init("volume"),
                .init("doses", number: true), .init("counted"), .init("rule"), .init("why"), .init("id"),
                .init("class", inText: false), .init("container_id", inText: false), .init("channel", inText: false),
                .init("attached_utc", inText: false), .init("first_flow_utc", inText: false),
                .init("ended_utc", inText: false), .init("volume_ml", number: true, inText: false),
                .init("reseats", number: true, inText: false), .init("records", inText: false),
            ],
            rows: answer.lines.map { line in
                [
                    .optional(line.order), .text(line.pump), .optional(line.attached.map { ReportTime.text($0.civil) }),
                    .optional(line.firstFlow.map { ReportTime.text($0.civil) }),
                    .optional(line.ended.map { ReportTime.text($0.civil) }), .optional(line.volume?.description),
                    .optional(line.doses), .text(line.counted.rawValue), .text(line.rule), .text(line.reason),
                    .text(line.id), .text(line.containerClass.rawValue), .optional(line.containerID),
                    .integer(line.channel), .optional(line.attached?.utc?.description),
                    .optional(line.firstFlow?.utc?.description), .optional(line.ended?.utc?.description),
                    .optional(line.milliliters.map { String($0) }), .integer(line.reseats),
                    .text(line.records.map(\.text).joined(separator: " ")),
                ]
            },
            footing: [
                "Times are the patient's wall clock"
                    + (answer.lines.contains(where: \.isUncorrected)
                        ? ", or the pump's own where nothing corrects it." : ".")
            ] + HeadingLines.below(answer.heading))
    }
}
