import ArgumentParser
import Foundation
import PumpCore
import PumpSimulator

/// `pumpsim paradigm`
struct Paradigm: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "A Medtronic MiniMed Paradigm insulin pump behind a CareLink USB stick.",
        discussion: "Serials are SIM and six digits; the radio packets carry the digits.")

    @OptionGroup var scenario: ScenarioOptions
    @OptionGroup var line: LineOptions

    @Option(help: ArgumentHelp("515, 522 or 723.", valueName: "model"))
    var model: String?

    func run() throws {
        let settled = try scenario.settle(.paradigm, default: "insulin")
        let generation = try model.map { name in
            guard let model = ParadigmModel(rawValue: name) else {
                throw ValidationError("--model: \"\(name)\" is not simulated; there are 515, 522 and 723.")
            }
            return model
        }
        let simulation = try build(settled, .paradigm, options: scenario, Simulation.Build(paradigm: generation))
        try line.write(simulation)
        try scenario.write(simulation)
        try line.serve(simulation, faults: settled.faults)
    }
}

/// `pumpsim miva`
struct Miva: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "A Zyno MIVA cassette pump on a serial line of 9600 baud.")

    @OptionGroup var scenario: ScenarioOptions
    @OptionGroup var line: LineOptions

    @Option(help: ArgumentHelp("What its event types mean: newer or older.", valueName: "age"))
    var firmware: String = MivaPump.Firmware.newer.rawValue

    @Option(help: ArgumentHelp("How it stamps its events: counter or calendar.", valueName: "kind"))
    var clock: String = MivaPump.ClockKind.counter.rawValue

    func run() throws {
        guard let firmware = MivaPump.Firmware(rawValue: firmware) else {
            throw ValidationError("--firmware is newer or older.")
        }
        guard let clock = MivaPump.ClockKind(rawValue: clock) else {
            throw ValidationError("--clock is counter or calendar.")
        }
        let settled = try scenario.settle(.miva, default: "antibiotic-q12h")
        let simulation = try build(
            settled, .miva, options: scenario, Simulation.Build(firmware: firmware, clock: clock))
        try line.write(simulation)
        try scenario.write(simulation)
        try line.serve(simulation, faults: settled.faults)
    }
}

/// `pumpsim phd`
struct Phd: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "An infusion pump that speaks IEEE 11073-20601, with a log of events.",
        discussion: "It is the agent: it waits for a manager, or calls one with --connect, and then speaks first.")

    @OptionGroup var scenario: ScenarioOptions
    @OptionGroup var line: LineOptions

    func run() throws {
        let settled = try scenario.settle(.phd, default: "antibiotic-q12h")
        let simulation = try build(settled, .phd, options: scenario, Simulation.Build())
        try line.write(simulation)
        try scenario.write(simulation)
        try line.serve(simulation, faults: settled.faults)
    }
}

/// Builds the simulation, with refusals in the words of the command line.
func build(
    _ settled: ScenarioOptions.Settled, _ family: PumpFamily, options: ScenarioOptions, _ kind: Simulation.Build
) throws -> Simulation {
    do {
        return try Simulation(
            settled.scenario, family: family, serial: options.serial, build: kind, seed: options.seed,
            endsAt: settled.endsAt, keepsJournal: options.acts != nil)
    } catch .serial(let serial, let expected) {
        throw ValidationError("--serial: \"\(serial)\" does not do; expected \(expected).")
    } catch .family(let needed, let asked) {
        throw ValidationError(
            "--scenario: \(settled.scenario.name) is a therapy for `pumpsim \(needed.rawValue)`, not \(asked.rawValue)."
        )
    }
}

extension ScenarioOptions {
    /// Writes truth and register where they were asked for.
    func write(_ simulation: Simulation) throws {
        if let acts { try put(simulation.journal.map { $0.json.line + "\n" }.joined(), at: acts) }
        if let truth { try put(simulation.truthJSON.page, at: truth) }
        if let register {
            try FileManager.default.createDirectory(atPath: register, withIntermediateDirectories: true)
            for file in simulation.register.files { try put(file.text, at: register + "/" + file.name) }
        }
    }
}

func put(_ text: String, at path: String) throws { try put(Array(text.utf8), at: path) }

func put(_ bytes: [UInt8], at path: String) throws {
    guard FileManager.default.createFile(atPath: path, contents: Data(bytes)) else { throw CannotWrite(path: path) }
}

struct CannotWrite: Error, CustomStringConvertible {
    let path: String
    var description: String { "cannot write \(path): check that its folder exists and may be written to." }
}
