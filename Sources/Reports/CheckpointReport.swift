package import LedgerService
import PumpCore

/// A signed point of the chain, to be kept elsewhere. As text it is the note itself.
package enum CheckpointReport {
    package static func json(_ answer: CheckpointAnswer) -> JSONValue {
        .object([
            .init("schema", "pumpledger.checkpoint/1"),
            .init("ledger", .string(answer.ledger)),
            .init("entries", .integer(answer.entries)),
            .init("head", .string(answer.head)),
            .init("at", .string(answer.at.description)),
            .init("verifierKey", .string(answer.verifierKey)),
            .init("note", .string(answer.note)),
        ])
    }

    package static func messages(_ answer: CheckpointAnswer) -> [String] {
        [
            "Keep these lines away from this machine. Later: pumpledger verify --against FILE",
            "signed with: \(answer.verifierKey)",
        ]
    }
}
