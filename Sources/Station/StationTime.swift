import Dispatch
import Glibc
package import PumpCore

/// A moment as the station sees it: one clock to wait by, which nobody sets, and one to write down.
package struct StationTime: Hashable, Sendable {
    /// Milliseconds of a clock that only runs forward.
    package var milliseconds: Int
    package var wall: Instant

    package init(milliseconds: Int, wall: Instant) {
        self.milliseconds = milliseconds
        self.wall = wall
    }
}

/// The clock that the station is given; in tests one that stands still until it is moved.
package protocol StationClock: Sendable {
    var now: StationTime { get }
    /// Returns when `milliseconds` is reached, or throws when the waiting is cancelled.
    func wait(untilMilliseconds milliseconds: Int) async throws
}

/// The clock of this machine. Its time goes on while the machine sleeps; what is awaited then comes late by the sleep.
package struct SystemClock: StationClock {
    private let start = ContinuousClock.now

    package init() {}

    package var now: StationTime {
        let (seconds, attoseconds) = (ContinuousClock.now - start).components
        return StationTime(
            milliseconds: Int(seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000),
            wall: Instant(secondsSince1970: time(nil)))
    }

    package func wait(untilMilliseconds milliseconds: Int) async throws {
        let alarm = Alarm()
        let left = milliseconds - now.milliseconds
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { alarm.set($0, inMilliseconds: left) }
        } onCancel: {
            alarm.cancel()
        }
    }
}

/// One moment that somebody waits for.
///
/// `Task.sleep` would do, but it wakes on the runtime's own pool, whose overseer then wakes the process every second.
private final class Alarm: @unchecked Sendable {
    private static let queue = DispatchQueue(label: "station clock")

    // Touched only on the queue.
    private var waiting: CheckedContinuation<Void, any Error>?
    private var timer: (any DispatchSourceTimer)?
    private var isCancelled = false

    func set(_ continuation: CheckedContinuation<Void, any Error>, inMilliseconds left: Int) {
        Self.queue.async { @Sendable [self] in
            if isCancelled { return continuation.resume(throwing: CancellationError()) }
            if left <= 0 { return continuation.resume() }
            waiting = continuation
            let source = DispatchSource.makeTimerSource(queue: Self.queue)
            source.setEventHandler { @Sendable [self] in end(.success(())) }
            source.schedule(deadline: .now() + .milliseconds(left), leeway: .milliseconds(5))
            source.activate()
            timer = source
        }
    }

    func cancel() {
        Self.queue.async { @Sendable [self] in
            isCancelled = true
            end(.failure(CancellationError()))
        }
    }

    private func end(_ result: Result<Void, any Error>) {
        timer?.cancel()
        timer = nil
        waiting?.resume(with: result)
        waiting = nil
    }
}
