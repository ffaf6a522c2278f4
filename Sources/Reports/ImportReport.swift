package import LedgerService
import PumpCore

/// What came in: of a log, or of the register.
package enum ImportReport {
    package static func json(_ answer: ImportAnswer) -> JSONValue {
        .object([
            .init("schema", "pumpledger.import/1"),
            .init("pump", .string(answer.pump.serial)),
            .init("driver", .string(answer.pump.driver)),
            .init("model", .optional(answer.pump.model)),
            .init("session", .string(answer.session.text)),
            .init("read", .integer(answer.read)),
            .init("added", .integer(answer.added)),
            .init("known", .integer(answer.known)),
            .init("superseded", .integer(answer.superseded)),
            .init("records", .integer(answer.recordsInLedger)),
            .init("gaps", .array(answer.gaps.map(HeadingLines.json))),
            .init("remarks", .strings(answer.remarks)),
        ])
    }

    package static func sheet(_ answer: ImportAnswer) -> Sheet {
        let name = [answer.pump.model.map { "\($0) " } ?? "", answer.pump.serial].joined()
        var lines = [
            "Pump \(name) (\(answer.pump.driver)): \(counted(answer.read, "record")) read, \(answer.added) new, "
                + "\(answer.known) known already; \(answer.recordsInLedger) in the ledger"
        ]
        if answer.superseded > 0 {
            lines.append(counted(answer.superseded, "record") + " updated by the pump; both versions kept")
        }
        lines += answer.gaps.map(HeadingLines.words)
        lines += answer.remarks
        return Sheet(heading: lines, columns: [], rows: [])
    }

    package static func json(_ answer: EventsImportAnswer) -> JSONValue {
        .object([
            .init("schema", "pumpledger.import-events/1"),
            .init(
                "pumps",
                .array(
                    answer.lines.map {
                        .object([
                            .init("pump", .string($0.pump)), .init("read", .integer($0.read)),
                            .init("added", .integer($0.added)), .init("known", .integer($0.known)),
                            .init("superseded", .integer($0.superseded)),
                        ])
                    })),
            .init("dryRun", .bool(answer.dryRun)),
        ])
    }

    package static func sheet(_ answer: EventsImportAnswer) -> Sheet {
        Sheet(
            heading: answer.dryRun ? [dryRunLine] : [],
            columns: [
                .init("pump"), .init("read", number: true), .init("added", number: true),
                .init("known", number: true), .init("changed", number: true),
            ],
            rows: answer.lines.map {
                [
                    .text($0.pump), .integer($0.read), .integer($0.added), .integer($0.known),
                    .integer($0.superseded),
                ]
            })
    }

    private static let dryRunLine = "Nothing was changed; this is what an import would do."

    package static func json(_ answer: RegisterAnswer) -> JSONValue {
        .object([
            .init("schema", "pumpledger.register/1"),
            .init(
                "files",
                .array(
                    answer.files.map {
                        .object([
                            .init("file", .string($0.name)), .init("added", .integer($0.added)),
                            .init("changed", .integer($0.changed)), .init("unchanged", .integer($0.unchanged)),
                        ])
                    })),
            .init("remarks", .strings(answer.remarks)),
            .init("dryRun", .bool(answer.dryRun)),
        ])
    }

    package static func sheet(_ answer: RegisterAnswer) -> Sheet {
        Sheet(
            heading: answer.dryRun ? [dryRunLine] : [],
            columns: [
                .init("file"), .init("added", number: true), .init("changed", number: true),
                .init("unchanged", number: true),
            ],
            rows: answer.files.map {
                [.text($0.name), .integer($0.added), .integer($0.changed), .integer($0.unchanged)]
            }, footing: answer.remarks)
    }
}
