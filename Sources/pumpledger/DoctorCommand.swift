import ArgumentParser
import HostCheck
import LedgerService
import Reports
import ServiceSocket

struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "What stands between a pump and the ledger, and the command that mends it.",
        discussion:
            """
            It judges by the rights of the user whose daemon runs, else of the user pumpledger, else of the caller. Only root \
            sees which programs of other users hold a port. Nothing is opened and nothing changed.
            """
    )
    @Flag(help: "End with 1 where something stands in the way.")
    var check = false
    @OptionGroup var options: GlobalOptions
    @ParentCommand var root: PumpLedgerCommand

    func run() async throws {
        let options = options.over(root.options)
        let daemon = try? await LedgerDoor.daemon(options)
        let report = DoctorReport(
            HostProbe.facts(
                links: HostProbe.links(inSettings: DefaultPlace.daemonSettings), ledger: options.ledgerPath,
                sqliteVersion: LedgerService.sqliteVersion, daemonAnswers: daemon != nil))
        if options.json { Terminal.print(report.json.pretty) } else { Terminal.show([report.sheet], csv: options.csv) }
        if check && report.hasFindings { throw ExitCode.failure }
    }
}
