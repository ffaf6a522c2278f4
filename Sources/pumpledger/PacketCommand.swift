import ArgumentParser
import Foundation
import LedgerService
import PumpCore
import Reports

struct PacketCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "packet", abstract: "Everything an auditor wants for one order: one HTML file, one JSON file.",
        discussion: """
            The HTML file needs nothing else: no network, no script; it prints on Letter and A4. The JSON file has the same
            content, and its SHA-256 stands in the HTML. Both may be read by you alone; whom they are given to is yours to
            say.
            """)

    @Option(help: ArgumentHelp("The order, as in orders.csv.", valueName: "id"))
    var order: String
    @Option(help: ArgumentHelp("2026-10, 2026-10-01..2026-10-31, 2026q4 or \"last month\".", valueName: "period"))
    var period: String
    @Option(
        name: [.customShort("o"), .long],
        help: ArgumentHelp("The folder to write into; it is made where it is not there.", valueName: "dir"),
        completion: .directory)
    var output: String
    @Flag(help: "Overwrite files of an earlier packet.")
    var force = false
    @OptionGroup var options: GlobalOptions
    @ParentCommand var root: PumpLedgerCommand

    func run() async throws {
        let options = options.over(root.options)
        let request = Request.packet(PacketToMake(order: order, period: period))
        guard case .packet(let answer) = try await LedgerDoor.ask(request, options) else { return }
        let files = PacketFiles(answer)
        try PrivateFiles.write(files.files, to: output, overwrites: force)
        if options.json {
            Terminal.print(files.receipt(in: output).pretty)
        } else {
            Terminal.print(files.words(in: output))
        }
    }
}
