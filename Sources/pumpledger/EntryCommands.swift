import ArgumentParser
import LedgerService
import PumpCore

/// Who enters something, and whether it is meant.
struct EntryOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Who stands for it (default: your user name).", valueName: "who"))
    var by: String?
    @Flag(help: "Take the same entry back. It stays on record, and nothing counts it.")
    var undo = false
    @Flag(help: "Say what would be put on record, and change nothing.")
    var dryRun = false

    func entry(_ act: DeskEntry.Act) -> DeskEntry {
        DeskEntry(act, by: by, undo: undo, dryRun: dryRun)
    }

    static func quantity(_ text: String) throws(ServiceError) -> Int {
        guard !text.isEmpty, text.utf8.count <= 9, text.utf8.allSatisfy({ (48...57).contains($0) }),
            let number = Int(text)
        else {
            throw ServiceError(
                .usage, "\"\(text)\" is no number of containers", remedy: "Write digits only, like 12.")
        }
        return number
    }
}

struct AssignCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "assign", abstract: "A pump serves an order, from today on.",
        discussion: """
            A channel serves one order at a time. A pump that serves another one is refused; with --move that assignment
            ends and the new one begins, now or at --from. With --to alone the assignment ends.
            Times are civil times at the patient's home: 2026-10-05 or 2026-10-05T14:30. A day in --to is covered whole.
            """)
    @Argument(help: ArgumentHelp("The pump's serial number.", valueName: "pump"))
    var pump: String
    @Argument(help: ArgumentHelp("The order.", valueName: "order"))
    var order: String
    @Option(help: ArgumentHelp("The pump's channel.", valueName: "n"))
    var channel = 1
    @Option(help: ArgumentHelp("When it begins (default: today).", valueName: "time"))
    var from: String?
    @Option(help: ArgumentHelp("When it ends.", valueName: "time"))
    var to: String?
    @Flag(help: "End what the channel served until then.")
    var move = false
    @OptionGroup var entry: EntryOptions
    @OptionGroup var options: GlobalOptions
    @ParentCommand var root: PumpLedgerCommand

    func run() async throws {
        let act = DeskEntry.Act.assign(
            PumpToOrder(pump: pump, order: order, channel: channel, from: from, to: to, moves: move))
        try await LedgerDoor.answer(.enter(entry.entry(act)), options.over(root.options))
    }
}

struct CountCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "count", abstract: "What lies on a patient's shelf, counted by hand.",
        discussion: "A second count of the same order and day takes the first one's place; both stay on record.")
    @Argument(help: ArgumentHelp("The order.", valueName: "order"))
    var order: String
    @Argument(help: ArgumentHelp("Containers on the shelf.", valueName: "quantity"))
    var quantity: String
    @Option(help: ArgumentHelp("The day of the count (default: today at the patient's home).", valueName: "date"))
    var on: String?
    @OptionGroup var entry: EntryOptions
    @OptionGroup var options: GlobalOptions
    @ParentCommand var root: PumpLedgerCommand

    func run() async throws {
        let act = DeskEntry.Act.count(
            ShelfQuantity(
                order: order, quantity: try EntryOptions.quantity(quantity), day: try DayOption.day(on, "--on")))
        try await LedgerDoor.answer(.enter(entry.entry(act)), options.over(root.options))
    }
}

struct DisposeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dispose", abstract: "Containers that were not used, and why.",
        discussion: """
            Reasons: emergency-admission, drug-toxicity, planned-admission, dose-change, damaged, expired, returned, lost,
            other. Each entry is one more, also where an equal one stands already.
            """)
    @Argument(help: ArgumentHelp("The order.", valueName: "order"))
    var order: String
    @Argument(help: ArgumentHelp("Containers.", valueName: "quantity"))
    var quantity: String
    @Option(help: ArgumentHelp("Why they were not used.", valueName: "reason"))
    var reason: String
    @Option(help: ArgumentHelp("The day (default: today at the patient's home).", valueName: "date"))
    var on: String?
    @Option(help: ArgumentHelp("What else is to be said.", valueName: "text"))
    var note: String?
    @OptionGroup var entry: EntryOptions
    @OptionGroup var options: GlobalOptions
    @ParentCommand var root: PumpLedgerCommand

    func run() async throws {
        let act = DeskEntry.Act.dispose(
            UnusedContainers(
                order: order, quantity: try EntryOptions.quantity(quantity), reason: reason, note: note,
                day: try DayOption.day(on, "--on")))
        try await LedgerDoor.answer(.enter(entry.entry(act)), options.over(root.options))
    }
}
