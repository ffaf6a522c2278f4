package import PumpCore

/// A pump's calendar clock: home-zone wall time, plus what it is wrong by.
package struct PumpClock: Hashable, Sendable {
    package let zone: HomeZone
    /// Seconds that the clock is ahead of the wall clock at home.
    package private(set) var secondsAhead: Int

    package init(zone: HomeZone, secondsAhead: Int = 0) {
        self.zone = zone
        self.secondsAhead = secondsAhead
    }

    package func reading(at now: Instant) -> CivilDateTime { zone.civil(now).adding(seconds: secondsAhead) }

    package mutating func set(to time: CivilDateTime, at now: Instant) {
        secondsAhead = time.wallSeconds - zone.civil(now).wallSeconds
    }
}
