import Station
import Synchronization

/// Lets whoever watches know that something about the ports has changed. It says that, not what: a slow watcher misses
/// nothing by missing some of it, and holds nobody up.
final class PortNews: Sendable {
    private struct Listeners {
        var next = 0
        var all: [Int: AsyncStream<Void>.Continuation] = [:]
    }

    private let listeners = Mutex(Listeners())

    func tell() {
        for listener in listeners.withLock({ Array($0.all.values) }) { listener.yield() }
    }

    /// Yields once at the beginning, and after every change since the last time that it was asked.
    func changes() -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let number = listeners.withLock { listeners in
            listeners.next += 1
            listeners.all[listeners.next] = continuation
            return listeners.next
        }
        continuation.onTermination = { [weak self] _ in self?.listeners.withLock { $0.all[number] = nil } }
        continuation.yield()
        return stream
    }
}
