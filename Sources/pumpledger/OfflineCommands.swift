import ArgumentParser
import LedgerService
import PumpDrivers
import Reports

struct DriversCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drivers", abstract: "The pumps that this build can read.",
        subcommands: [Udev.self, Hwdb.self])

    @Flag(help: ArgumentHelp("Print the table as Markdown.", visibility: .hidden))
    var markdown = false
    @OptionGroup var options: GlobalOptions
    @ParentCommand var root: PumpLedgerCommand

    func run() async throws {
        let options = options.over(root.options)
        let report = DriverReport(DriverCatalog.all)
        if markdown { return Terminal.print(report.markdown) }
        if options.json { Terminal.print(report.json.pretty) } else { Terminal.show([report.sheet], csv: options.csv) }
    }

    struct Udev: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Print the udev rules.")
        func run() async throws { Terminal.print(DriverReport(DriverCatalog.all).udevRules) }
    }

    struct Hwdb: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Print the udev hwdb.")
        func run() async throws { Terminal.print(DriverReport(DriverCatalog.all).hwdb) }
    }
}

struct DecodeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "decode", abstract: "Raw log bytes to events, offline. Never opens a ledger.",
        discussion: "Reads binary, or hexadecimal text; without a file, standard input.")

    @Option(help: ArgumentHelp("The pump's driver; see: pumpledger drivers.", valueName: "name"))
    var driver: String
    @Option(help: ArgumentHelp("The pump's model, where the bytes fit more than one.", valueName: "m"))
    var model: String?
    @Option(help: ArgumentHelp("The pump's firmware, where the meaning of a record depends on it.", valueName: "v"))
    var firmware: String?
    @Argument(help: ArgumentHelp("Files of raw log bytes.", valueName: "file"), completion: .file())
    var files: [String] = []
    @OptionGroup var options: GlobalOptions
    @ParentCommand var root: PumpLedgerCommand

    func run() async throws {
        let options = options.over(root.options)
        _ = try OfflineDecoding.row(named: driver)
        var inputs: [InputFile] = []
        for path in files.isEmpty ? ["-"] : files { inputs.append(try Files.read(path)) }
        let decoded = try OfflineDecoding.decode(
            driver: driver, hints: DecodingHints(model: model, firmware: firmware), files: inputs)
        let report = DecodeReport(driver: driver, files: decoded)
        if options.json {
            Terminal.print(report.jsonLines)
        } else {
            Terminal.show(report.sheets, csv: options.csv)
        }
        Terminal.messages(report.messages)
        if report.hasUnreadable { throw ExitCode(ServiceError.Kind.badInput.rawValue) }
    }
}
