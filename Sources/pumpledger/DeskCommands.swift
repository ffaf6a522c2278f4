import ArgumentParser
import LedgerService
import PumpCore

struct ReconcileCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reconcile", abstract: "What moved on each patient's shelf, against what was counted and billed.",
        discussion: """
            opening + delivered − used − attested − wasted − returned − lost = expected. A shelf that nobody counted is
            NOT COUNTED, never 0: enter counts with pumpledger count, or in counts.csv.
            """)
    @Option(help: ArgumentHelp("2026-10, 2026-10-01..2026-10-31, 2026q4 or \"last month\".", valueName: "period"))
    var period: String
    @Flag(help: "End with 1 where a line is to be reviewed or was not counted.")
    var check = false
    @OptionGroup var options: GlobalOptions
    @ParentCommand var root: PumpLedgerCommand

    func run() async throws {
        try await LedgerDoor.answer(.reconcile(period: period), options.over(root.options), checks: check)
    }
}

struct RefillDueCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "refill-due",
        abstract: "Whose supply runs out when, and when a refill may be asked and delivered.",
        discussion: "The first to run out stands first. What is delivered on the day itself is on hand.")
    @Option(help: ArgumentHelp("At the start of this day (default: today).", valueName: "date"))
    var on: String?
    @OptionGroup var options: GlobalOptions
    @ParentCommand var root: PumpLedgerCommand

    func run() async throws {
        try await LedgerDoor.answer(.refillDue(on: try DayOption.day(on, "--on")), options.over(root.options))
    }
}

struct ScrubCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scrub",
        abstract: "What would not stand about the claims and deliveries of a period, and how to mend it.")
    @Option(help: ArgumentHelp("2026-10, 2026-10-01..2026-10-31, 2026q4 or \"last month\".", valueName: "period"))
    var period: String
    @Flag(help: "End with 1 where there are findings.")
    var check = false
    @OptionGroup var options: GlobalOptions
    @ParentCommand var root: PumpLedgerCommand

    func run() async throws {
        try await LedgerDoor.answer(.scrub(period: period), options.over(root.options), checks: check)
    }
}

/// A day on the command line.
enum DayOption {
    static func day(_ text: String?, _ option: String) throws(ServiceError) -> CivilDate? {
        guard let text else { return nil }
        guard let date = CivilDate(text) else {
            throw ServiceError(.usage, "\(option) \"\(text)\" is no date", remedy: "Write it like 2026-10-31.")
        }
        return date
    }
}
