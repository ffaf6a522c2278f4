import ArgumentParser
import Foundation
import PumpCore
import PumpSimulator

@main
struct PumpSim: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pumpsim",
        abstract: "A simulated infusion pump that readers take for a real one.",
        discussion: """
            Plays a scenario up to --ends-at, says {"ready":…}, and then answers a reader on a pseudo-terminal or a TCP \
            port while the scenario goes on. It prints one JSON line for each thing that it does. A command that a \
            reader of logs must never send ends it with an error.

            Faults:
            \(FaultVerb.grammar.map { "  " + $0 }.joined(separator: "\n"))

            Scenarios: a file (see docs/simulator.md) or one of \(Scenario.builtInNames.joined(separator: ", ")); \
            \(Scenario.drawnNames.joined(separator: " and ")) draw a patient by --seed.
            """,
        subcommands: [Miva.self, Paradigm.self, Phd.self])
}

extension PumpSim {
    /// 0 stopped · 2 wrong usage, or not implemented · 3 a bad scenario, or a file that cannot be written · 4 the line
    /// cannot be set up · 7 the host sent a forbidden command.
    static func main() {
        do {
            var command = try parseAsRoot()
            try command.run()
        } catch let error as CommandViolation {
            stop("\(error)", code: 7)
        } catch let error as OutletFailure {
            stop("\(error)", code: 4)
        } catch let error where error is BadScenario || error is CannotWrite {
            stop("\(error)", code: 3)
        } catch {
            if exitCode(for: error) == .validationFailure { stop(fullMessage(for: error), code: 2) }
            exit(withError: error)
        }
    }

    private static func stop(_ message: String, code: Int32) -> Never {
        FileHandle.standardError.write(Data("pumpsim: \(message)\n".utf8))
        Foundation.exit(code)
    }
}
