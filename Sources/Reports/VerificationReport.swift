package import LedgerService

/// What `verify` looked at and found.
package enum VerificationReport {
    package static func json(_ answer: VerificationAnswer) -> JSONValue {
        .object([
            .init("schema", "pumpledger.verify/1"),
            .init("ledger", .string(answer.path)),
            .init("sqlite", .string(answer.sqliteVersion)),
            .init("pumps", .integer(answer.pumps)),
            .init("records", .integer(answer.records)),
            .init("sessions", .integer(answer.sessions)),
            .init("checks", .strings(answer.checks)),
            .init("problems", .strings(answer.problems)),
        ])
    }

    package static func sheet(_ answer: VerificationAnswer) -> Sheet {
        Sheet(
            heading: [
                "\(answer.path): \(counted(answer.records, "distinct record")) of \(counted(answer.pumps, "pump")) from "
                    + counted(answer.sessions, "session")
            ] + answer.checks.map { "checked: \($0)" },
            columns: [], rows: [],
            footing: answer.problems.isEmpty
                ? ["No problem found."]
                : answer.problems.map { "PROBLEM: \($0)" }
                    + ["Keep this file as it is, restore the last good backup beside it, and compare the two."])
    }
}
