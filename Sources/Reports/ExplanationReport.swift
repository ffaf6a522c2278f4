package import LedgerService
import PumpCore

/// Why a number is what it is: from the sentence down to the raw bytes and up to the rule's citation.
package enum ExplanationReport {
    package static func json(_ answer: ExplanationAnswer) -> JSONValue {
        .object([
            .init("schema", "pumpledger.explain/1"),
            .init("id", .string(answer.id)),
            .init("kind", .string(answer.kind)),
            .init("because", .strings(answer.sentences)),
            .init("register", .strings(answer.register)),
            .init(
                "parts",
                .array(
                    answer.parts.map {
                        .object([.init("id", .string($0.id)), .init("because", .string($0.sentence))])
                    })),
            .init(
                "records",
                .array(
                    answer.records.map { record in
                        guard case .object(var fields) = EventsReport.json(record.line) else { return .null }
                        fields.append(.init("seenBy", .strings(record.seenBy)))
                        return .object(fields)
                    })),
            .init(
                "rules",
                .array(
                    answer.rules.map {
                        .object([
                            .init("id", .string($0.id)), .init("text", .string($0.text)),
                            .init("citation", .string($0.citation)),
                            .init("saidBy", .string($0.saidByPayer ? "payer" : "derived")),
                        ])
                    })),
            .init("gaps", .array(answer.gaps.map(HeadingLines.json))),
        ])
    }

    package static func sheets(_ answer: ExplanationAnswer) -> [Sheet] {
        var sheets = [Sheet(heading: ["\(answer.kind) \(answer.id)"] + answer.sentences, columns: [], rows: [])]
        if !answer.register.isEmpty {
            sheets.append(
                Sheet(
                    heading: [answer.kind == "record" ? "It was read by:" : "It rests on these register rows:"]
                        + answer.register, columns: [], rows: []))
        }
        if !answer.parts.isEmpty {
            sheets.append(
                Sheet(
                    heading: [
                        ["container", "record"].contains(answer.kind)
                            ? "It is part of (explain any of them):" : "It is made of (explain any of them):"
                    ], columns: [.init("id"), .init("because")],
                    rows: answer.parts.map { [.text($0.id), .text($0.sentence)] }))
        }
        if !answer.records.isEmpty {
            sheets.append(
                Sheet(
                    heading: ["Records of the pump's log:"],
                    columns: [
                        .init("key"), .init("device time"), .init("corrected (UTC)"), .init("kind"), .init("raw bytes"),
                        .init("read by"),
                    ],
                    rows: answer.records.map { record in
                        [
                            .text(record.line.record.key.text),
                            .optional(record.line.record.record.deviceTime?.description),
                            .optional(record.line.correctedAt?.description),
                            .text(record.line.record.event.kind.rawValue), .text(record.line.record.record.raw.hex),
                            .text(record.seenBy.joined(separator: "; ")),
                        ]
                    }))
        }
        sheets += answer.rules.map { rule in
            Sheet(
                heading: [
                    "Rule \(rule.id) (\(rule.saidByPayer ? "said by the payer" : "derived, no payer states it")): \(rule.text)",
                    "  Source: \(rule.citation)",
                ], columns: [], rows: [])
        }
        if !answer.gaps.isEmpty {
            sheets.append(Sheet(heading: answer.gaps.map(HeadingLines.words), columns: [], rows: []))
        }
        return sheets
    }
}
