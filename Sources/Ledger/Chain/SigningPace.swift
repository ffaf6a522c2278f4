import Dispatch
import Synchronization

/// When the next checkpoint is due: after so many entries, or so long after the first of them. While nothing is put on
/// record nothing is timed.
final class SigningPace: Sendable {
    private struct State {
        var signed = 0
        var entries = 0
        var isTimed = false
        var isSigning = false
        var problem: String?
    }

    private let within: Duration?
    private let state = Mutex(State())

    init(within: Duration?) { self.within = within }

    var problem: String? { state.withLock { $0.problem } }

    /// Told after each write how long the chain is. True where a checkpoint is due now; `later` is called when it is due
    /// otherwise.
    func isDue(entries: Int, _ later: @escaping @Sendable () -> Void) -> Bool {
        let (isDue, delay) = state.withLock { state -> (Bool, Duration?) in
            let isFirst = state.entries == 0
            // Of what an earlier program left behind only the end is known: it counts as signed until something is added.
            if isFirst { state.signed = max(0, entries - 1) }
            state.entries = entries
            guard !state.isSigning, entries > state.signed else { return (false, nil) }
            if entries - state.signed >= Ledger.Options.entriesPerCheckpoint { return (true, nil) }
            guard let within, !state.isTimed else { return (false, nil) }
            state.isTimed = true
            return (false, within)
        }
        if let delay {
            let nanoseconds = Int(delay / .nanoseconds(1))
            DispatchQueue.global(qos: .utility).asyncAfter(deadline: .now() + .nanoseconds(nanoseconds)) { later() }
        }
        return isDue
    }

    /// False where there is nothing to sign, or where somebody signs already.
    func begin() -> Bool {
        state.withLock { state in
            state.isTimed = false
            guard !state.isSigning, state.entries > state.signed else { return false }
            state.isSigning = true
            return true
        }
    }

    func ended(signed: Int?, problem: String?) {
        state.withLock { state in
            state.isSigning = false
            state.problem = problem
            // After a failure the next attempt waits for as many entries, or as long, as a first one.
            state.signed = signed ?? state.entries
        }
    }
}
