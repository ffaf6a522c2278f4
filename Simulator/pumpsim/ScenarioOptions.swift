import ArgumentParser
import Foundation
import PumpCore
import PumpSimulator

/// What is simulated, for every family.
struct ScenarioOptions: ParsableArguments {
    @Option(help: ArgumentHelp("A scenario file, or the name of a built-in scenario.", valueName: "file"))
    var scenario: String?

    @Option(help: ArgumentHelp("The simulated present when the simulator is ready (default: now).", valueName: "time"))
    var endsAt: String?

    @Option(help: ArgumentHelp("The first day of therapy (default: the month before the present).", valueName: "date"))
    var from: String?

    @Option(help: ArgumentHelp("The pump's serial number; it starts with SIM.", valueName: "serial"))
    var serial: String?

    @Option(help: ArgumentHelp("The patient's home zone, for scenarios that name none.", valueName: "zone"))
    var zone: String = "America/Chicago"

    @Option(help: "Seed of everything that is left to chance.")
    var seed: UInt64 = 1

    @Option(
        parsing: .singleValue, help: ArgumentHelp("A fault, see above; may be given several times.", valueName: "verb"))
    var fault: [String] = []

    @Option(help: ArgumentHelp("Write the containers and doses that really were.", valueName: "file"))
    var truth: String?

    @Option(help: ArgumentHelp("Write register files that fit the scenario.", valueName: "folder"))
    var register: String?

    @Option(
        help: ArgumentHelp("Write every act before ready, and the bytes that the pump logged of it.", valueName: "file")
    )
    var acts: String?

    /// What the options come to.
    struct Settled {
        var scenario: Scenario
        var faults: [LineFault]
        var endsAt: Instant
    }

    func settle(_ family: PumpFamily, default name: String) throws -> Settled {
        guard let home = HomeZone(identifier: zone) else {
            throw ValidationError("--zone: \"\(zone)\" is no IANA zone such as America/Chicago.")
        }
        var scenario = try read(self.scenario ?? name, family: family, zone: home)
        if let from {
            guard let date = CivilDate(from) else {
                throw ValidationError("--from: \"\(from)\" is no date YYYY-MM-DD.")
            }
            scenario.from = date
        }
        scenario.preferred = family
        let end = try moment(in: scenario.zone)
        var faults = scenario.faults
        for text in fault {
            switch FaultVerb(text) {
            case .line(let fault): faults.append(fault)
            case .mishap(let kind, let at):
                guard Incident.families(of: kind).contains(scenario.family) else {
                    throw ValidationError(
                        "--fault \(text): a \(scenario.family.rawValue) pump has no such thing in its log.")
                }
                scenario.incidents.append(Incident(kind, at: at ?? Self.middle(of: scenario, until: end)))
            case nil:
                throw ValidationError(
                    "--fault \(text): no such fault. There are:\n" + FaultVerb.grammar.joined(separator: "\n"))
            }
        }
        return Settled(scenario: scenario, faults: faults, endsAt: end)
    }

    private func read(_ name: String, family: PumpFamily, zone: HomeZone) throws -> Scenario {
        // What a MIVA can give, a pump of 11073 can give.
        let family = family == .phd ? .miva : family
        if Scenario.drawnNames.contains(name) {
            let first = Simulation.firstDay(
                of: from.flatMap { CivilDate($0) }, zone: zone, endsAt: try moment(in: zone))
            let drawn = Scenario.drawn(
                seed: seed, family: family, from: first, zone: zone, mishaps: name == Scenario.drawnNames.last)
            if let drawn { return drawn }
        }
        if let scenario = Scenario.builtIn(name, zone: zone) { return scenario }
        guard let data = FileManager.default.contents(atPath: name) else {
            throw ValidationError(
                "--scenario: there is no file \"\(name)\", and no built-in scenario of this name. Built in are "
                    + Scenario.builtInNames.joined(separator: ", ") + ".")
        }
        do {
            return try Scenario(json: [UInt8](data), zone: zone)
        } catch {
            throw BadScenario(file: name, error: error)
        }
    }

    private func moment(in zone: HomeZone) throws -> Instant {
        guard let endsAt else { return Instant(secondsSince1970: Int(Date().timeIntervalSince1970)) }
        if let instant = Instant(endsAt) { return instant }
        if let civil = CivilDateTime(endsAt) { return zone.instant(civil) }
        if let date = CivilDate(endsAt) { return zone.instant(CivilDateTime(date)) }
        throw ValidationError("--ends-at: \"\(endsAt)\" is no time YYYY-MM-DDTHH:MM[:SS][offset].")
    }

    private static func middle(of scenario: Scenario, until end: Instant) -> CivilDateTime {
        let first = scenario.zone.instant(CivilDateTime(Simulation.firstDay(of: scenario, endsAt: end)))
        return scenario.zone.civil(first.adding(seconds: end.seconds(since: first) / 2))
    }
}

/// A scenario file that cannot be used.
struct BadScenario: Error, CustomStringConvertible {
    let file: String
    let error: ScenarioError
    var description: String { "\(file): \(error). Correct the file; docs/simulator.md has a commented example." }
}
