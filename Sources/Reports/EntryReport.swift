package import LedgerService

/// What a nurse or the warehouse has just put on record, said back.
package enum EntryReport {
    package static func json(_ answer: EntryAnswer) -> JSONValue {
        .object([
            .init("schema", "pumpledger.entry/1"),
            .init(
                "rows",
                .array(
                    answer.rows.map { row in
                        .object([
                            .init("table", .string(row.table)), .init("state", .string(row.state.rawValue)),
                            .init(
                                "columns",
                                .object(
                                    row.columns.sorted { $0.key < $1.key }.map { .init($0.key, .string($0.value)) })),
                        ])
                    })),
            .init("sentences", .strings(answer.sentences)),
            .init("undo", .strings(answer.undo)),
            .init("dryRun", .bool(answer.dryRun)),
        ])
    }

    package static func text(_ answer: EntryAnswer) -> Sheet {
        let first = answer.dryRun ? ["Nothing was put on record; this is what would be:"] : []
        var undo: [String] = []
        if let command = answer.undo.first {
            undo.append("To take it back: \(command)")
            undo += answer.undo.dropFirst().map { "             then: \($0)" }
        }
        return Sheet(heading: first + answer.sentences + undo, columns: [], rows: [])
    }

    /// One line a row; the words go beside it.
    package static func sheet(_ answer: EntryAnswer) -> Sheet {
        Sheet(
            heading: text(answer).heading, columns: [.init("table"), .init("state"), .init("column"), .init("value")],
            rows: answer.rows.flatMap { row in
                row.columns.sorted { $0.key < $1.key }.map {
                    [.text(row.table), .text(row.state.rawValue), .text($0.key), .text($0.value)]
                }
            })
    }
}
