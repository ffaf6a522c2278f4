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

/// The clock of this machine. It does not stand still while the machine sleeps.
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
        let target = start.advanced(by: .milliseconds(milliseconds))
        try await Task.sleep(until: target, tolerance: .milliseconds(5), clock: .continuous)
    }
}
