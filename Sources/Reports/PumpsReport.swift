package import LedgerService
import PumpCore

/// Every pump ever seen, and how far its log is known.
package struct PumpsReport: Sendable {
    private let answer: PumpsAnswer

    package init(_ answer: PumpsAnswer) { self.answer = answer }

    package var json: JSONValue {
        .object([
            .init("schema", "pumpledger.pumps/1"),
            .init("zone", .string(answer.zone)),
            .init(
                "pumps",
                .array(
                    answer.lines.map { line in
                        .object([
                            .init("pump", .string(line.pump.serial)),
                            .init("driver", .string(line.pump.driver)),
                            .init("model", .optional(line.pump.model)),
                            .init("firmware", .optional(line.pump.firmware)),
                            .init("simulated", .bool(line.pump.isSimulated)),
                            .init("state", .string(line.state)),
                            .init("port", .optional(line.port)),
                            .init("order", .optional(line.order)),
                            .init("records", .integer(line.records)),
                            .init("sessions", .integer(line.sessions)),
                            .init("lastReadAt", .optional(line.lastReadAt?.description)),
                            .init("completeThrough", .optional(line.completeThrough?.description)),
                            .init("newestDeviceTime", .optional(line.newestDeviceTime?.description)),
                            .init("clockOffsetSeconds", .optional(line.clockOffsetSeconds)),
                            .init("isComplete", .bool(line.isComplete)),
                            .init("gaps", .array(line.gaps.map(HeadingLines.json))),
                        ])
                    })),
        ])
    }

    package var sheet: Sheet {
        let time = ReportTime(zone: answer.zone)
        return Sheet(
            heading: answer.lines.isEmpty
                ? ["No pump has been read yet. Plug one in, or see: pumpledger replay --help"]
                : [counted(answer.lines.count, "pump") + "; times printed in \(answer.zone)"],
            columns: [
                .init("pump"), .init("driver"), .init("model"), .init("order"), .init("state"),
                .init("records", number: true), .init("last read"), .init("complete through"), .init("clock"),
                .init("gaps", number: true),
            ],
            rows: answer.lines.map { line in
                [
                    .text(line.pump.serial + (line.pump.isSimulated ? " (simulated)" : "")), .text(line.pump.driver),
                    .optional(line.pump.model), .optional(line.order), .text(line.state), .integer(line.records),
                    .optional(line.lastReadAt.map(time.text)),
                    .optional(
                        line.completeThrough.map(time.text)
                            ?? (line.wasEverWhole ? line.newestDeviceTime : nil).map { "\($0) by the pump's own clock" }
                    ),
                    .optional(line.clockOffsetSeconds.map(Self.offset)), Self.gaps(line),
                ]
            },
            footing: answer.lines.flatMap { line in
                line.gaps.map { "Pump \(line.pump.serial): " + HeadingLines.words($0) }
            })
    }

    /// Over records that were not read nobody can say that there is none.
    private static func gaps(_ line: PumpsAnswer.Line) -> Sheet.Cell {
        if line.isComplete { return .integer(line.gaps.count) }
        return .text(line.gaps.isEmpty ? "not known" : "at least \(line.gaps.count)")
    }

    /// `12 s slow`, `3 min fast`, `right`.
    private static func offset(_ seconds: Int) -> String {
        let size = abs(seconds)
        if size < 5 { return "right" }
        let amount = size < 120 ? "\(size) s" : size < 7200 ? "\(size / 60) min" : "\(size / 3600) h"
        return amount + (seconds > 0 ? " slow" : " fast")
    }
}
