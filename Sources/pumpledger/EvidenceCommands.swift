import ArgumentParser
import LedgerService
import PumpCore

struct VerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract:
            "Checks the ledger's file, every record against its digest, and the chain over all that is on record.",
        discussion: """
            With a checkpoint that you kept elsewhere it also shows that nothing was cut off, put back to an older copy, or \
            made anew. Exit code 6: something is wrong, and what comes first is named.
            """)
    @Option(help: ArgumentHelp("A checkpoint that was kept away from this machine.", valueName: "file"))
    var against: String?
    @OptionGroup var options: GlobalOptions
    @ParentCommand var root: PumpLedgerCommand

    func run() async throws {
        let kept = try against.map { try Files.read($0) }
        try await LedgerDoor.answer(.verify(against: kept), options.over(root.options))
    }
}

struct CheckpointCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "checkpoint", abstract: "Signs what is on record: a few lines to keep away from this machine.",
        discussion: """
            Print it, mail it, or write it to another machine:
              pumpledger checkpoint > october.checkpoint
              pumpledger verify --against october.checkpoint
            """)
    @OptionGroup var options: GlobalOptions
    @ParentCommand var root: PumpLedgerCommand

    func run() async throws { try await LedgerDoor.answer(.checkpoint, options.over(root.options)) }
}

struct DisownCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "disown", abstract: "Takes a download out of every count, on record.",
        discussion: """
            For a download of a forged or mistaken pump. `pumpledger explain` names the sessions that saw a record. Nothing is \
            deleted; a closed period gets an adjustment.
            """)
    @Argument(help: ArgumentHelp("The session, 16 letters and digits.", valueName: "session"))
    var session: String
    @Option(help: ArgumentHelp("Why. It stays on record.", valueName: "text"))
    var reason: String
    @OptionGroup var options: GlobalOptions
    @ParentCommand var root: PumpLedgerCommand

    func run() async throws {
        try await LedgerDoor.answer(
            .disown(session: SessionID(session), reason: reason), options.over(root.options))
    }
}
