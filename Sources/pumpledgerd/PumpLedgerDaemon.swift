import ArgumentParser
import Dispatch
import Foundation
import Ledger
import LedgerService
import Logging
import ReaderProcess
import ServiceSocket
import SystemService

@main
struct PumpLedgerDaemon: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pumpledgerd",
        abstract: "Reads plugged-in infusion pumps into the ledger, and answers pumpledger on its socket.",
        discussion: """
            Every setting may stand in the configuration file, in the environment (PUMPLEDGER_READ_EVERY) or here; what
            stands here wins. A link says where a pump is plugged in and what it speaks:
              serial:/dev/ttyUSB0?driver=miva
              serial:/dev/ttyUSB1?driver=paradigm&serial=208850
              tcp:192.0.2.7:4001?driver=miva
              tcp-listen:127.0.0.1:6024?driver=phd
              usb:driver=miva&adapter=A50285BI
            SIGHUP reads the configuration again and leaves unchanged ports alone. SIGTERM ends the daemon cleanly.
            Exit codes: 0 done, 2 wrong usage, 3 bad configuration or ledger, 4 another daemon is running, 6 integrity
            broken.
            """,
        version: PumpLedgerVersion.text)

    @Option(
        help: ArgumentHelp(
            "The configuration file.", discussion: "Default: \(DefaultPlace.daemonSettings), if it is there.",
            valueName: "file"))
    var config: String?
    @Option(
        help: ArgumentHelp(
            "The ledger's file.",
            discussion:
                "Default: \(DefaultPlace.serviceLedger) for the service and for root, else $XDG_STATE_HOME/pumpledger/ledger.db.",
            valueName: "path"))
    var ledger: String?
    @Option(
        help: ArgumentHelp(
            "The socket to answer on.", discussion: "Default: \(DefaultPlace.socket).", valueName: "path"))
    var socket: String?
    @Option(
        help: ArgumentHelp(
            "The group whose members may use the socket.", discussion: "Default: the daemon's user alone.",
            valueName: "group"))
    var socketGroup: String?
    @Option(help: ArgumentHelp("Where a pump is plugged in. May be repeated.", valueName: "spec"))
    var link: [String] = []
    @Option(
        help: ArgumentHelp(
            "Read what is plugged into the USB and known to a driver, without a link for it.",
            discussion: "Default: on.", valueName: "on|off"))
    var hotplug: String?
    @Option(help: ArgumentHelp("How often a pump that stays plugged in is read: 90s, 15m, 2h.", valueName: "span"))
    var readEvery: String?
    @Option(
        help: ArgumentHelp(
            "A folder in which every session is recorded, as pumpledger replay reads it.", valueName: "dir"))
    var recordSessionsTo: String?
    @Option(help: ArgumentHelp("trace, debug, info, notice, warning, error or critical.", valueName: "level"))
    var logLevel: String?

    @Option(
        help: ArgumentHelp(
            "Who may ask for what: nurse, biller, auditor or admin, = and a user, or @ and a group. May be repeated.",
            discussion:
                "Default: the groups pumpledger-nurse, pumpledger-biller, pumpledger-auditor and pumpledger-admin.",
            valueName: "rule"))
    var role: [String] = []

    private func serve(on pool: WorkPool) async throws {
        hardenProcess()
        ignoreBrokenPipes()
        // From here on a signal waits for its turn instead of ending the process.
        let signals = await serviceSignals()
        let environment = ProcessInfo.processInfo.environment
        let reader = DaemonSettingsReader(
            file: config, commandLine: commandLine, environment: environment, isRoot: geteuid() == 0)
        let settings = try await reader.read()
        let plans = try PortPlan.all(settings)
        let prefix = JournalLogHandler.Prefix(environment: environment)
        let log = Logger(label: "pumpledgerd") { label in
            JournalLogHandler(label: prefix == .priority ? "" : label, level: settings.logLevel, prefix: prefix)
        }
        let daemon = try Daemon(
            settings, plans, pool: pool, notifier: try SystemdNotifier(environment: environment), log: log)
        try await daemon.start(watchdog: Watchdog(environment: environment, pid: getpid()))
        for await signal in signals {
            switch signal {
            case .reload: await daemon.reload { () throws(DaemonSettingsError) in try await reader.read() }
            case .stop:
                await daemon.stop()
                return
            }
        }
    }

    private var commandLine: [SettingKey: [String]] {
        [
            .ledger: ledger.map { [Self.absolute($0)] } ?? [], .socket: socket.map { [Self.absolute($0)] } ?? [],
            .socketGroup: socketGroup.map { [$0] } ?? [], .links: link, .hotplug: hotplug.map { [$0] } ?? [],
            .readEvery: readEvery.map { [$0] } ?? [], .recordSessionsTo: recordSessionsTo.map { [$0] } ?? [],
            .logLevel: logLevel.map { [$0] } ?? [], .roles: role,
        ]
    }

    /// Whoever reads it later, from another folder, shall find it.
    private static func absolute(_ path: String) -> String {
        path.isEmpty || path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
    }

    /// Not `async`: that would start the runtime's own pool; see `WorkPool`.
    static func main() {
        // The process of one port's reader: before anything of the daemon comes into being.
        if CommandLine.arguments.dropFirst().first == ReaderLoop.argument { ReaderLoop.run() }
        quietenCrashes()
        let daemon: PumpLedgerDaemon
        do {
            var command = try parseAsRoot()
            guard let parsed = command as? PumpLedgerDaemon else { return try command.run() }
            daemon = parsed
        } catch {
            end(error)
        }
        let pool = WorkPool(label: "pumpledger.work", atOnce: 4)
        Task(executorPreference: pool) {
            do {
                try await daemon.serve(on: pool)
                Foundation.exit(0)
            } catch {
                end(error)
            }
        }
        dispatchMain()
    }

    private static func end(_ error: any Error) -> Never {
        switch error {
        case let error as StartFailure:
            complain(error.description)
            exit(withError: ExitCode(error.exitCode))
        case let error as DaemonSettingsError:
            complain(error.description)
            exit(withError: ExitCode(ServiceError.Kind.badInput.rawValue))
        case let error as SystemdNotifier.Unusable:
            complain(error.description)
            exit(withError: ExitCode(ServiceError.Kind.badInput.rawValue))
        default:
            if exitCode(for: error) == .validationFailure {
                complain(fullMessage(for: error), prefix: "")
                exit(withError: ExitCode(ServiceError.Kind.usage.rawValue))
            }
            exit(withError: error)
        }
    }

    private static func complain(_ text: String, prefix: String = "Error: ") {
        writeToStandardError(prefix + text + "\n")
    }
}
