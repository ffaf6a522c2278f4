import ArgumentParser
import LedgerService
import PumpCore
import Register
import Reports

struct ReplayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay", abstract: "A recorded download into the ledger.",
        discussion: """
            The recording has lines out,HEX (host to pump) and in,HEX (pump to host). The driver listens to both
            directions and sends nothing. Without --read-at nobody knows when the recording was made, and corrected
            times stay empty.
            """)

    @Option(help: ArgumentHelp("The pump's driver; see: pumpledger drivers.", valueName: "name"))
    var driver: String
    @Option(help: ArgumentHelp("When the recording was made, with Z or an offset.", valueName: "time"))
    var readAt: String?
    @Option(help: ArgumentHelp("The pump's model, where the recording does not say.", valueName: "m"))
    var model: String?
    @Option(help: ArgumentHelp("The pump's firmware, where the recording does not say.", valueName: "v"))
    var firmware: String?
    @Argument(help: ArgumentHelp("The recording.", valueName: "session.csv"), completion: .file())
    var file: String
    @OptionGroup var options: GlobalOptions
    @ParentCommand var root: PumpLedgerCommand

    func run() async throws {
        _ = try OfflineDecoding.row(named: driver)
        let request = Request.replay(
            RecordingToReplay(
                driver: driver, model: model, firmware: firmware, file: try Files.read(file),
                readAt: try ImportCommand.readAt(readAt)))
        try await LedgerDoor.answer(request, options.over(root.options))
    }
}

struct ImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Log pages, attested events and the register into the ledger.",
        subcommands: [Log.self, Events.self, RegisterFolder.self])

    static func readAt(_ text: String?) throws(ServiceError) -> Instant? {
        guard let text else { return nil }
        guard let instant = Instant(text) else {
            throw ServiceError(
                .usage, "--read-at \"\(text)\" is no time with Z or an offset",
                remedy: "Write it like 2026-11-01T08:00:00Z or 2026-11-01T08:00-05:00.")
        }
        return instant
    }

    struct Log: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "log", abstract: "Raw log pages, binary or hexadecimal text.",
            discussion: """
                Pages of one download that carry their page number last in their names (page-0.bin is the newest) are
                taken as neighbours. Any other file is placed by what it shares with the stored log.
                """)
        @Option(help: ArgumentHelp("The pump's driver; see: pumpledger drivers.", valueName: "name"))
        var driver: String
        @Option(help: ArgumentHelp("The pump's serial number.", valueName: "s"))
        var serial: String
        @Option(help: ArgumentHelp("The pump's model.", valueName: "m"))
        var model: String?
        @Option(help: ArgumentHelp("The pump's firmware.", valueName: "v"))
        var firmware: String?
        @Option(help: ArgumentHelp("When the pages were read, with Z or an offset.", valueName: "time"))
        var readAt: String?
        @Argument(help: ArgumentHelp("Files of raw log pages.", valueName: "file"), completion: .file())
        var files: [String]
        @OptionGroup var options: GlobalOptions
        @ParentCommand var root: PumpLedgerCommand

        func run() async throws {
            _ = try OfflineDecoding.row(named: driver)
            var inputs: [InputFile] = []
            for path in files { inputs.append(try Files.read(path)) }
            let request = Request.importLog(
                LogFilesToImport(
                    driver: driver, serial: serial, model: model, firmware: firmware,
                    readAt: try ImportCommand.readAt(readAt), files: inputs))
            try await LedgerDoor.answer(request, options.over(root.options))
        }
    }

    struct Events: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "events", abstract: "Events that a named person attests, for pumps without a readable log.")
        @Flag(help: "Show what would change and change nothing.")
        var dryRun = false
        @Argument(help: ArgumentHelp("The CSV file.", valueName: "file"), completion: .file(extensions: ["csv"]))
        var file: String
        @OptionGroup var options: GlobalOptions
        @ParentCommand var root: PumpLedgerCommand

        func run() async throws {
            try await LedgerDoor.answer(
                .importEvents(file: try Files.read(file), dryRun: dryRun), options.over(root.options))
        }
    }

    struct RegisterFolder: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "register", abstract: "Patients, pumps, orders, deliveries and the rest, as CSV in a folder.",
            discussion: "Every file may be absent. A bad row rejects the whole import. A second import changes nothing."
        )
        @Flag(help: "Show what would change and change nothing.")
        var dryRun = false
        @Flag(help: "Write empty files with their headers, and datapackage.json, into the folder instead.")
        var template = false
        @Argument(help: ArgumentHelp("The folder.", valueName: "dir"), completion: .directory)
        var folder: String
        @OptionGroup var options: GlobalOptions
        @ParentCommand var root: PumpLedgerCommand

        func run() async throws {
            if template {
                let files = RegisterTemplate.files()
                try Files.write(files, to: folder)
                Terminal.message(
                    "Wrote \(files.count) files into \(folder). Fill them in and run: pumpledger import register \(folder)"
                )
                return
            }
            let found = try Files.register(folder)
            if found.files.isEmpty {
                throw ServiceError(
                    .badInput, "\(folder) holds no file of the register",
                    remedy: "See which there are: pumpledger import register --template DIR")
            }
            try await LedgerDoor.answer(
                .importRegister(
                    RegisterFiles(
                        files: found.files.sorted { $0.key < $1.key }.map { InputFile(name: $0.key, bytes: $0.value) },
                        dryRun: dryRun)),
                options.over(root.options))
            Terminal.messages(
                found.ignored.map { "\($0): no file of the register has this name; it was not read" }
                    + (found.holdsEvents
                        ? [
                            "events.csv was not read; attested events come in with: pumpledger import events \(folder)/events.csv"
                        ]
                        : []))
        }
    }
}

struct PumpsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pumps", abstract: "Every pump ever seen: state, last read, complete through, clock, gaps.")
    @OptionGroup var options: GlobalOptions
    @ParentCommand var root: PumpLedgerCommand

    func run() async throws { try await LedgerDoor.answer(.pumps, options.over(root.options)) }
}

struct EventsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "events", abstract: "The records of the pumps' logs, in the order of the log.")
    @Option(help: ArgumentHelp("Only this pump.", valueName: "serial"))
    var pump: String?
    @Option(help: ArgumentHelp("From this day on, in the patient's zone.", valueName: "date"))
    var from: String?
    @Option(help: ArgumentHelp("Up to and with this day.", valueName: "date"))
    var to: String?
    @Flag(help: "Show the raw bytes.")
    var raw = false
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
        let filter = EventsFilter(pump: pump, from: try day(from, "--from"), to: try day(to, "--to"))
        try await LedgerDoor.answer(.events(filter), options.over(root.options), showsRaw: raw)
    }
}

struct UsageCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "usage", abstract: "One line a container: when it was used, and why it counts or not.")
    @Option(help: ArgumentHelp("2026-10, 2026-10-01..2026-10-31, 2026q4 or \"last month\".", valueName: "period"))
    var period: String
    @Option(help: ArgumentHelp("Only this order.", valueName: "id"))
    var order: String?
    @OptionGroup var options: GlobalOptions
    @ParentCommand var root: PumpLedgerCommand

    func run() async throws {
        try await LedgerDoor.answer(.usage(period: period, order: order), options.over(root.options))
    }
}

struct BillableCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "billable", abstract: "One line an order and HCPCS code: what the rules support.")
    @Option(help: ArgumentHelp("2026-10, 2026-10-01..2026-10-31, 2026q4 or \"last month\".", valueName: "period"))
    var period: String
    @OptionGroup var options: GlobalOptions
    @ParentCommand var root: PumpLedgerCommand

    func run() async throws { try await LedgerDoor.answer(.billable(period: period), options.over(root.options)) }
}

struct ExplainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain", abstract: "Why a container, a line or a record is what it is, down to the raw bytes.",
        discussion: "Ids are printed by usage (c:…), billable (l:…) and events (r:…).")
    @Argument(help: ArgumentHelp("What to explain.", valueName: "id"))
    var id: String
    @OptionGroup var options: GlobalOptions
    @ParentCommand var root: PumpLedgerCommand

    func run() async throws { try await LedgerDoor.answer(.explain(id: id), options.over(root.options)) }
}
