import PumpCore
import PumpSimulator
import TestSupport

/// A pump of the simulator without its program: bytes in, bytes out, and a clock that stands still.
struct SimulatedPump: FakePump {
    private(set) var simulation: Simulation
    /// What it could not forgive; nil as long as nobody sent such a thing.
    private(set) var violation: CommandViolation?
    private(set) var heard: [String] = []
    private var logged: [[UInt8]]

    /// The first hours of a therapy, until it has logged a dozen records.
    init(_ family: PumpFamily, endsAt: String? = nil, olderEvents: Int = 0) throws {
        let endsAt = endsAt ?? (family == .miva ? "2026-10-05T09:00" : "2026-10-05T20:00")
        guard var scenario = Scenario.builtIn(family == .miva ? "antibiotic-q12h" : "insulin", zone: .utc),
            let end = Instant(endsAt + "Z")
        else { throw NoScenario() }
        scenario.from = CivilDate("2026-10-05")
        scenario.olderEvents = olderEvents
        simulation = try Simulation(scenario, family: family, seed: 1, endsAt: end, keepsJournal: true)
        logged = simulation.journal.flatMap(\.records)
    }

    struct NoScenario: Error {}

    var serial: String { simulation.serial }
    var truth: [[UInt8]] { logged }

    mutating func receive(_ bytes: [UInt8]) -> [UInt8] {
        guard violation == nil else { return [] }
        do throws(CommandViolation) {
            let answers = try simulation.receive(bytes, at: simulation.now)
            heard += answers.map(\.deed.what)
            return answers.flatMap(\.bytes)
        } catch {
            violation = error
            return []
        }
    }

    mutating func unplug() { simulation.unplug() }

    mutating func live(records: Int) {
        let act = simulation.device.miva == nil ? PumpAct.batteryLow : .timeStamped
        for _ in 0..<records { logged += simulation.perform(act, at: simulation.now).records }
    }

    mutating func outlive() {}
}

extension Deed {
    /// The records that the pump wrote of it.
    var records: [[UInt8]] {
        for field in details where field.name == "raw" {
            guard case .list(let items) = field.value else { continue }
            return items.compactMap { if case .text(let hex) = $0 { bytes(fromHex: hex) } else { nil } }
        }
        return []
    }
}
