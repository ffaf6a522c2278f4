import ArgumentParser
import Foundation
import LedgerService
import PumpCore
import ServiceSocket

/// Options of every command. They may stand before or after the command's name.
struct GlobalOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The ledger's file.", discussion: "Default: $XDG_STATE_HOME/pumpledger/ledger.db.", valueName: "path"))
    var ledger: String?

    @Option(
        help: ArgumentHelp(
            "The daemon's socket.",
            discussion: "Without --ledger and --socket, the daemon at \(DefaultPlace.socket) is asked, if one runs.",
            valueName: "path"))
    var socket: String?

    @Flag(help: "Print JSON.")
    var json = false

    @Flag(help: "Print CSV.")
    var csv = false

    @Option(help: ArgumentHelp("The zone of printing. Days, months and slots stay the patient's.", valueName: "zone"))
    var zone: String?

    @Option(help: ArgumentHelp("The day that \"today\" and \"last month\" mean.", valueName: "date"))
    var today: String?

    @Option(help: ArgumentHelp("The moment that \"now\" means.", valueName: "time"))
    var now: String?

    @Option(
        help: ArgumentHelp("A folder of rule files that replace the shipped ones of the same name.", valueName: "dir"))
    var rules: String?

    /// What stands after the command's name wins over what stands before it.
    func over(_ root: GlobalOptions) -> GlobalOptions {
        var merged = self
        merged.ledger = ledger ?? root.ledger
        merged.socket = socket ?? root.socket
        merged.json = json || root.json
        merged.csv = csv || root.csv
        merged.zone = zone ?? root.zone
        merged.today = today ?? root.today
        merged.now = now ?? root.now
        merged.rules = rules ?? root.rules
        return merged
    }

    func context() throws(ServiceError) -> RequestContext {
        if json && csv {
            throw ServiceError(.usage, "--json and --csv exclude each other", remedy: "Name one of them.")
        }
        var moment = Instant(secondsSince1970: Int(Date().timeIntervalSince1970))
        if let now {
            guard let given = Instant(now) else {
                throw ServiceError(
                    .usage, "--now \"\(now)\" is no time with Z or an offset",
                    remedy: "Write it like 2026-11-01T08:00:00Z or 2026-11-01T08:00-05:00.")
            }
            moment = given
        }
        var day: CivilDate?
        if let today {
            guard let given = CivilDate(today) else {
                throw ServiceError(.usage, "--today \"\(today)\" is no date", remedy: "Write it like 2026-11-01.")
            }
            day = given
        }
        let zoneName = zone ?? Self.localZone
        guard HomeZone(identifier: zoneName) != nil else {
            throw ServiceError(
                .usage, "--zone \"\(zoneName)\" is no zone of the IANA table",
                remedy: "Write it like America/New_York or UTC.")
        }
        return RequestContext(now: moment, today: day, zone: zoneName, rules: try ruleFiles())
    }

    /// The machine's zone; UTC where its name says nothing about daylight saving.
    private static var localZone: String {
        let name = TimeZone.current.identifier
        return HomeZone(identifier: name) == nil ? "UTC" : name
    }

    private func ruleFiles() throws(ServiceError) -> [InputFile]? {
        guard let rules else { return nil }
        return try Files.folder(rules, suffixes: [".json", ".csv"], what: "rules")
    }

    /// The file that this user's ledger lives in where no option names one.
    var ledgerPath: String {
        if let ledger { return ledger }
        let environment = ProcessInfo.processInfo.environment
        let state = environment["XDG_STATE_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil }
        // Also without HOME: the user's own entry says where home is.
        let home = FileManager.default.homeDirectoryForCurrentUser.path
        return (state ?? home + "/.local/state") + "/pumpledger/ledger.db"
    }
}
