import ArgumentParser
import LedgerService

@main
struct PumpLedgerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pumpledger",
        abstract: "Counts the supplies of home infusion pumps from the pumps' own logs, down to the raw byte.",
        discussion: """
            A biller's month:
              pumpledger import register DIR
              pumpledger billable --period 2026-10
              pumpledger explain ID
            Exit codes: 0 done, 1 findings (only with --check), 2 wrong usage, 3 bad data or configuration,
            4 device or daemon not reachable, 5 period closed, 6 integrity broken.
            """,
        version: PumpLedgerVersion.text,
        subcommands: [
            DriversCommand.self, DecodeCommand.self, ReplayCommand.self, ImportCommand.self, PumpsCommand.self,
            StatusCommand.self, WatchCommand.self, VisitCommand.self, AssignCommand.self, CountCommand.self,
            DisposeCommand.self, EventsCommand.self, UsageCommand.self, BillableCommand.self, ReconcileCommand.self,
            RefillDueCommand.self, ScrubCommand.self, ExplainCommand.self, PacketCommand.self, CloseCommand.self,
            ReopenCommand.self, AuditCommand.self, DisownCommand.self, VerifyCommand.self,
            CheckpointCommand.self, BackupCommand.self, RestoreCommand.self, DoctorCommand.self,
        ])

    @OptionGroup var options: GlobalOptions

    static func main() async {
        do {
            var command = try parseAsRoot()
            if var asyncCommand = command as? any AsyncParsableCommand {
                try await asyncCommand.run()
            } else {
                try command.run()
            }
        } catch let error as ServiceError {
            Terminal.complain(error)
            exit(withError: ExitCode(error.kind.rawValue))
        } catch {
            // The parser's own complaints are wrong usage; it prints them with the command's usage line.
            let code = exitCode(for: error)
            if code == .validationFailure {
                Terminal.message(fullMessage(for: error))
                exit(withError: ExitCode(ServiceError.Kind.usage.rawValue))
            }
            exit(withError: error)
        }
    }
}
