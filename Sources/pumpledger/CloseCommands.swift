import ArgumentParser
import LedgerService
import PumpCore

struct CloseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "close", abstract: "Freezes a period: its reports stay as they are.",
        discussion: """
            Every order of the ledger is closed. What arrives later shows in the reports of the period as adjustments,
            and never changes a line. Over pumps that are not read to its end, holes in a log, or counts that need a
            person it closes only with --accept; without it, it lists them and ends with exit code 1.
            """)
    @Option(help: ArgumentHelp("2026-10, 2026-10-01..2026-10-31, 2026q4 or \"last month\".", valueName: "period"))
    var period: String
    @Option(help: ArgumentHelp("Why it may be closed over what is open. It stays on record.", valueName: "reason"))
    var accept: String?
    @OptionGroup var options: GlobalOptions
    @ParentCommand var root: PumpLedgerCommand

    func run() async throws {
        try await LedgerDoor.answer(.close(period: period, accept: accept), options.over(root.options))
    }
}

struct ReopenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reopen", abstract: "Opens a closed period: its reports are computed anew.",
        discussion: "What was frozen, by whom, and why it was opened stay on record.")
    @Option(help: ArgumentHelp("The closed period, as it was closed.", valueName: "period"))
    var period: String
    @Option(help: ArgumentHelp("Why. It stays on record.", valueName: "text"))
    var reason: String
    @OptionGroup var options: GlobalOptions
    @ParentCommand var root: PumpLedgerCommand

    func run() async throws {
        try await LedgerDoor.answer(.reopen(period: period, reason: reason), options.over(root.options))
    }
}

struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit", abstract: "Who did and read what.",
        discussion: "Each request that this ledger answered or refused, by this machine's clock; reading it is one too."
    )
    @Option(help: ArgumentHelp("From this day on.", valueName: "date"))
    var from: String?
    @Option(help: ArgumentHelp("Up to and with this day.", valueName: "date"))
    var to: String?
    @OptionGroup var options: GlobalOptions
    @ParentCommand var root: PumpLedgerCommand

    func run() async throws {
        func day(_ text: String?, _ option: String) throws(ServiceError) -> CivilDate? {
            guard let text else { return nil }
            guard let date = CivilDate(text) else {
                throw ServiceError(.usage, "\(option) \"\(text)\" is no date", remedy: "Write it like 2026-10-01.")
            }
            return date
        }
        try await LedgerDoor.answer(
            .audit(from: try day(from, "--from"), to: try day(to, "--to")), options.over(root.options))
    }
}
