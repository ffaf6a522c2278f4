import ArgumentParser
import LedgerService

struct VisitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "visit", abstract: "What is new on a pump since the last visit, on one screen.",
        discussion: """
            Without a pump: the only one, or the only one that was read within the hour. The visit is put on record, so
            that the next one begins where this one ended; --dry-run looks and leaves no mark. No count depends on it.
            """)
    @Flag(help: "Print text for the chart.")
    var note = false
    @Flag(help: "Look, and leave no mark.")
    var dryRun = false
    @Argument(help: ArgumentHelp("The pump's serial number.", valueName: "pump"))
    var pump: String?
    @OptionGroup var options: GlobalOptions
    @ParentCommand var root: PumpLedgerCommand

    func validate() throws {
        if note && options.json { throw ValidationError("--note and --json exclude each other: name one of them.") }
    }

    func run() async throws {
        try await LedgerDoor.answer(.visit(pump: pump, dryRun: dryRun), options.over(root.options), wantsNote: note)
    }
}
