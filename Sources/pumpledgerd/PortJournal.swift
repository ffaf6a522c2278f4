import Logging
import PumpCore
import Station
import Synchronization
import SystemService

/// Writes into the journal how ports fare: a line when a state begins, and nothing that is of a patient. A pump's serial
/// number can lead to its patient, so a pump shows as a pseudonym; the sentences with the numbers stand in `status`.
final class PortJournal: Sendable {
    private let log: Logger
    private let states = Mutex<[String: String]>([:])

    init(_ log: Logger) { self.log = log }

    /// True where the port's state is another one than before.
    func note(_ report: PortReport) -> Bool {
        let name = report.state.name
        guard states.withLock({ $0.updateValue(name, forKey: report.port) }) != name else { return false }
        var fields: Logger.Metadata = ["port": .string(report.port), "state": .string(name)]
        if let pump = report.pump { fields["pump"] = .string(PatientValue(pump.serial).pseudonym.description) }
        switch report.state {
        case .absent, .connecting, .reading, .caughtUp: log.info("port", metadata: fields)
        case .busy, .permissionDenied, .wrongDevice, .silent, .stale, .quarantined, .troubled:
            log.warning("port needs a person; see pumpledger status", metadata: fields)
        }
        return true
    }

    func forget(_ port: String) { states.withLock { $0[port] = nil } }

    /// `3 ports: 2 absent, 1 reading`.
    var summary: String {
        let states = states.withLock { $0 }
        let counts = Dictionary(grouping: states.values) { $0 }.mapValues(\.count).sorted { $0.key < $1.key }
        let ports = states.count == 1 ? "1 port" : "\(states.count) ports"
        return ports + (counts.isEmpty ? "" : ": " + counts.map { "\($0.value) \($0.key)" }.joined(separator: ", "))
    }
}
