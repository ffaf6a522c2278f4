import ArgumentParser
import LedgerService
import PumpCore
import Reports

struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "The daemon's ports: what each is doing, and what to do about it.")
    @OptionGroup var options: GlobalOptions
    @ParentCommand var root: PumpLedgerCommand

    func run() async throws { try await LedgerDoor.answer(.status, options.over(root.options)) }
}

struct WatchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "watch", abstract: "The ports as they are, shown anew each time that something changes.",
        discussion: "On a terminal the picture stays in place; q or Ctrl-C ends it. Elsewhere it is a line a change.")
    @OptionGroup var options: GlobalOptions
    @ParentCommand var root: PumpLedgerCommand

    func run() async throws {
        let options = options.over(root.options)
        let context = try options.context()
        guard let daemon = try await LedgerDoor.daemon(options) else {
            throw ServiceError(
                .unreachable, "no daemon is running, so there is nothing to watch",
                remedy: "Start it (sudo systemctl start pumpledgerd), or name its --socket.")
        }
        if options.json {
            return try await daemon.watch(context) { Terminal.print(StatusReport($0).json.compact + "\n") }
        }
        guard let screen = LiveScreen() else {
            var told = StatusLines()
            return try await daemon.watch(context) { status in
                for line in told.new(in: StatusReport(status)) { Terminal.print(line + "\n") }
            }
        }
        try await screen.show(daemon, context)
    }
}
