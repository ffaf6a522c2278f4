import Foundation
import Glibc
import PumpSimulator
import Synchronization
import TestSupport

/// A simulated pump on a real pseudo-terminal, whose cable comes out once, after so many bytes in both directions, and
/// goes back in a moment later.
final class SimulatedCable: Sendable {
    /// Where hosts find the pump.
    let link: String
    private let state: Mutex<State>

    private struct State {
        var pump: SimulatedPump
        var pty: Pty?
        /// Bytes until the cable comes out; nil once it has.
        var left: Int?
    }

    init(_ pump: SimulatedPump, cutAfter bytes: Int?) throws {
        link = FileManager.default.temporaryDirectory.appending(path: "ttyCut-\(UUID().uuidString)").path
        state = Mutex(State(pump: pump, left: bytes))
        try plug()
    }

    deinit { unplug() }

    var wasCut: Bool { state.withLock { $0.left == nil } }
    var violation: CommandViolation? { state.withLock { $0.pump.violation } }

    private func plug() throws {
        let pty = try Pty()
        state.withLock { $0.pty = pty }
        pty.serve { [weak self, weak pty] in
            guard let self, let pty else { return [] }
            return self.answer($0, on: pty)
        }
        guard symlink(pty.path, link) == 0 else { throw Pty.Unavailable() }
    }

    private func unplug() {
        Glibc.unlink(link)
        state.withLock { state in
            state.pump.unplug()
            state.pty?.unplug()
            state.pty = nil
        }
    }

    /// What goes back to the host. Where the cable comes out, everything before that is delivered first.
    private func answer(_ request: [UInt8], on pty: Pty) -> [UInt8] {
        let (reply, isCut) = state.withLock { state -> ([UInt8], Bool) in
            guard let left = state.left else { return (state.pump.receive(request), false) }
            guard left > request.count else { return ([], true) }
            let reply = state.pump.receive(request)
            guard left - request.count > reply.count else {
                return (Array(reply.prefix(left - request.count)), true)
            }
            state.left = left - request.count - reply.count
            return (reply, false)
        }
        guard isCut else { return reply }
        if !reply.isEmpty { pty.write(reply) }
        pty.waitUntilRead()
        unplug()
        state.withLock { $0.left = nil }
        usleep(3_000)
        // Where no terminal is to be had, the test runs into its time limit and says which offset it was at.
        try? plug()
        return []
    }
}
