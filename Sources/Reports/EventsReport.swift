package import LedgerService
import PumpCore

/// Records as the ledger keeps them, one a line.
package struct EventsReport: Sendable {
    private let answer: EventsAnswer
    private let showsRaw: Bool

    package init(_ answer: EventsAnswer, showsRaw: Bool = false) {
        self.answer = answer
        self.showsRaw = showsRaw
    }

    /// One JSON object a record and line; `[]` where there is none.
    package var jsonLines: String {
        answer.lines.isEmpty ? "[]\n" : answer.lines.map { Self.json($0).compact + "\n" }.joined()
    }

    package static func json(_ line: EventsAnswer.Line) -> JSONValue {
        let record = line.record
        var fields: [JSONValue.Field] = [
            .init("pump", .string(record.pump.serial)),
            .init("key", .string(record.key.text)),
            .init("session", .string(record.session.text)),
        ]
        fields += DecodeReport.fields(record.record, driver: record.pump.driver, position: record.position)
        fields += [
            .init("readAt", .optional(record.readAt?.description)),
            .init("correctedAt", .optional(line.correctedAt?.description)),
            .init("clockMethod", .string(line.clockMethod)),
            .init("uncertaintySeconds", .integer(line.uncertaintySeconds)),
            .init("doubtful", .bool(line.isDoubtful)),
            .init("decoderVersion", .integer(record.decoderVersion)),
            .init("supersedes", .optional(record.supersedes?.text)),
        ]
        return .object(fields)
    }

    package var sheet: Sheet {
        let time = ReportTime(zone: answer.zone)
        return Sheet(
            heading: [
                counted(answer.lines.count, "record")
                    + ", in the order of the pump's log; times printed in \(answer.zone)"
            ],
            columns: [
                .init("pump"), .init("#", number: true), .init("device time"), .init("corrected"), .init("kind"),
                .init("says"), .init("key"), .init("raw", inText: showsRaw), .init("clock", inText: false),
                .init("session", inText: false), .init("read at", inText: false),
            ],
            rows: answer.lines.map { line in
                [
                    .text(line.record.pump.serial), .integer(line.record.position),
                    .optional(line.record.record.deviceTime?.description),
                    .optional(line.correctedAt.map(time.text)), .text(line.record.event.kind.rawValue),
                    .text(Self.words(line.record)), .text(line.record.key.text),
                    .text(line.record.record.raw.hex), .text(line.clockMethod), .text(line.record.session.text),
                    .optional(line.record.readAt?.description),
                ]
            },
            footing: answer.gaps.map { "Pump \($0.pump): " + HeadingLines.words($0) })
    }

    private static func words(_ record: LogRecord) -> String {
        let words = EventFields.words(record.event)
        guard record.supersedes != nil else { return words }
        return words.isEmpty ? "replaces the one above" : words + "; replaces the one above"
    }
}
