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

            Scenarios: a file (see docs/simulator.md) or one of \(Scenario.builtInNames.joined(separator: ", ")).
            """,
        subcommands: [Miva.self, Paradigm.self, Phd.self])
}

extension PumpSim {
    /// Exit codes as everywhere in the project: 2 wrong usage or not implemented, 3 bad data, 4 the line failed, 5 a
    /// forbidden command.
    static func main() {
        do {
            var command = try parseAsRoot()
            try command.run()
        } catch let error
            where error is NotImplemented || error is BadScenario || error is CannotWrite
            || error is CommandViolation
        {
            FileHandle.standardError.write(Data("pumpsim: \(error)\n".utf8))
            Foundation.exit(error is NotImplemented ? 2 : error is CommandViolation ? 5 : 3)
        } catch {
            let code = exitCode(for: error)
            if code == .validationFailure {
                FileHandle.standardError.write(Data((fullMessage(for: error) + "\n").utf8))
                Foundation.exit(2)
            }
            exit(withError: error)
        }
    }
}
