import ArgumentParser
import Foundation
import LedgerService
import Reports

struct BackupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup", abstract: "Copies the ledger while it is in use, and checks the copy.",
        discussion: """
            The copy is written by the one who owns the ledger: while the daemon runs, by the daemon, so that the folder must \
            be one that it may write to (the service: /var/lib/pumpledger). It appears under its name only when it is whole, \
            on the disk and sound; a manifest stands beside it. Nothing is written over.
            """)
    @Argument(help: ArgumentHelp("Where the copy goes.", valueName: "file"), completion: .file())
    var file: String
    @OptionGroup var options: GlobalOptions
    @ParentCommand var root: PumpLedgerCommand

    func run() async throws {
        let path = URL(filePath: file).standardizedFileURL.path
        try await LedgerDoor.answer(.backup(file: path), options.over(root.options))
    }
}

struct RestoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore", abstract: "Puts a backup in the place of the ledger, while no daemon runs.",
        discussion: """
            The backup must be what its manifest says, sound, and hold everything that the ledger holds that it replaces. \
            --accept overrules that, with a reason that stays on record; a broken backup is never restored. The ledger that \
            was there is kept beside it under another name.
              sudo systemctl stop pumpledgerd
              sudo -u pumpledger pumpledger --ledger /var/lib/pumpledger/ledger.db restore FILE
              sudo systemctl start pumpledgerd
            """)
    @Argument(help: ArgumentHelp("The backup.", valueName: "file"), completion: .file())
    var file: String
    @Option(help: ArgumentHelp("Restore it although something speaks against it. Say why.", valueName: "text"))
    var accept: String?
    @OptionGroup var options: GlobalOptions
    @ParentCommand var root: PumpLedgerCommand

    func run() async throws {
        let options = options.over(root.options)
        if let accept, accept.allSatisfy(\.isWhitespace) {
            throw ServiceError(.usage, "--accept gives no reason", remedy: "Say why: --accept \"TEXT\"")
        }
        guard try await LedgerDoor.daemon(options) == nil else {
            throw ServiceError(
                .unreachable, "a daemon has the ledger open",
                remedy: "Stop it first (sudo systemctl stop pumpledgerd), and name the ledger with --ledger.")
        }
        let answer = try LedgerService.restore(
            file, to: options.ledgerPath, try options.context(), accept: accept)
        guard case .backedUp(let done) = answer else { return }
        if options.json {
            Terminal.print(BackupReport.json(done, restored: true).pretty)
        } else {
            Terminal.show([BackupReport.sheet(done, restored: true)], csv: options.csv)
        }
    }
}
