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
            .init(
                "chain",
                .object([
                    .init("ledger", .string(answer.chain.ledger)),
                    .init("entries", .integer(answer.chain.entries)),
                    .init("head", .string(answer.chain.head)),
                    .init("checkpoints", .integer(answer.chain.checkpoints)),
                    .init("unsigned", .integer(answer.chain.unsigned)),
                    .init("verifierKey", answer.chain.verifierKey.map(JSONValue.string) ?? .null),
                    .init("signingProblem", answer.chain.signingProblem.map(JSONValue.string) ?? .null),
                    .init("against", answer.chain.against.map(JSONValue.string) ?? .null),
                ])),
            .init("checks", .strings(answer.checks)),
            .init("problems", .strings(answer.problems)),
        ])
    }

    private static func chain(_ chain: VerificationAnswer.Chain) -> [String] {
        var lines = [
            "chain: \(chain.entries) entries, \(counted(chain.checkpoints, "checkpoint")), "
                + "\(chain.unsigned) not signed yet"
        ]
        if let against = chain.against {
            lines.append("held against the checkpoint that you kept: \(against)")
        } else {
            lines.append("not held against a kept checkpoint: pumpledger checkpoint > FILE, then verify --against FILE")
        }
        if let problem = chain.signingProblem { lines.append("the last checkpoint could not be signed: \(problem)") }
        return lines
    }

    package static func sheet(_ answer: VerificationAnswer) -> Sheet {
        Sheet(
            heading: [
                "\(answer.path): \(counted(answer.records, "distinct record")) of \(counted(answer.pumps, "pump")) from "
                    + counted(answer.sessions, "session")
            ] + answer.checks.map { "checked: \($0)" } + chain(answer.chain),
            columns: [], rows: [],
            footing: answer.problems.isEmpty
                ? ["No problem found."]
                : answer.problems.map { "PROBLEM: \($0)" }
                    + ["Keep this file as it is, restore the last good backup beside it, and compare the two."])
    }
}
