import Foundation
import Synchronization

/// A patient's home zone, by its IANA name: the zone in which months begin, weeks turn and doses are due.
package struct HomeZone: Sendable {
    package let identifier: String
    /// Offsets in seconds east of UTC; each holds from its instant until the next one. Never empty.
    private let offsets: [(from: Int, seconds: Int)]

    /// Nil unless `identifier` is an IANA name such as `America/New_York`, or `UTC`.
    /// Fixed offsets and abbreviations are refused: they hide daylight saving.
    package init?(identifier: String) {
        guard let offsets = Self.known(identifier) else { return nil }
        self.identifier = identifier
        self.offsets = offsets
    }

    /// By name: 130 years of changes are worth computing once, and not for every patient and every question.
    private static let known = Mutex<[String: [(from: Int, seconds: Int)]]>([:])

    private static func known(_ identifier: String) -> [(from: Int, seconds: Int)]? {
        if let offsets = known.withLock({ $0[identifier] }) { return offsets }
        guard let offsets = offsets(identifier) else { return nil }
        known.withLock { $0[identifier] = offsets }
        return offsets
    }

    private static func offsets(_ identifier: String) -> [(from: Int, seconds: Int)]? {
        guard identifier == "UTC" || identifier.contains("/"), let zone = TimeZone(identifier: identifier) else {
            return nil
        }
        var at = Date(timeIntervalSince1970: Self.firstSecond)
        var found = [(from: Int.min, seconds: zone.secondsFromGMT(for: at))]
        while let next = zone.nextDaylightSavingTimeTransition(after: at), next > at,
            next.timeIntervalSince1970 < Self.lastSecond
        {
            found.append((Int(next.timeIntervalSince1970), zone.secondsFromGMT(for: next)))
            at = next
        }
        return found
    }

    /// 1970 to 2100: before and after it the nearest known offset holds.
    private static let firstSecond = 0.0
    private static let lastSecond = 4_102_444_800.0

    package static let utc = HomeZone(fixedOffsets: [(Int.min, 0)], identifier: "UTC")

    private init(fixedOffsets: [(from: Int, seconds: Int)], identifier: String) {
        offsets = fixedOffsets
        self.identifier = identifier
    }

    /// Seconds east of UTC at `instant`.
    package func offset(at instant: Instant) -> Int { offsets[index(at: instant.secondsSince1970)].seconds }

    package func civil(_ instant: Instant) -> CivilDateTime {
        CivilDateTime(wallSeconds: instant.secondsSince1970 + offset(at: instant))
    }

    /// How a wall-clock time reads in this zone.
    package enum Reading: Equatable, Sendable {
        /// The clock shows it once.
        case once(Instant)
        /// The clock shows it twice, when daylight saving ends.
        case twice(first: Instant, second: Instant)
        /// The clock never shows it, when daylight saving begins; `moved` is as many seconds later as the clock jumps.
        case never(moved: Instant)
    }

    package func read(_ civil: CivilDateTime) -> Reading {
        let wall = civil.wallSeconds
        var hits: [Instant] = []
        let near = index(at: wall)
        for i in max(0, near - 1)...min(offsets.count - 1, near + 1) {
            let utc = wall - offsets[i].seconds
            let end = i + 1 < offsets.count ? offsets[i + 1].from : Int.max
            if utc >= offsets[i].from, utc < end { hits.append(Instant(secondsSince1970: utc)) }
        }
        if hits.count >= 2 { return .twice(first: hits[0], second: hits[1]) }
        if let hit = hits.first { return .once(hit) }
        // In a missing hour the offset that held before it moves the time on by the length of the jump.
        for i in max(0, near - 1)...min(offsets.count - 1, near + 1) where i > 0 {
            let utc = wall - offsets[i - 1].seconds
            if utc >= offsets[i].from, wall - offsets[i].seconds < offsets[i].from {
                return .never(moved: Instant(secondsSince1970: utc))
            }
        }
        return .once(Instant(secondsSince1970: wall - offsets[near].seconds))
    }

    /// The instant of a civil time: the first one where the clock shows it twice, one jump later where it shows it never.
    package func instant(_ civil: CivilDateTime) -> Instant {
        switch read(civil) {
        case .once(let instant), .never(let instant): instant
        case .twice(let first, _): first
        }
    }

    /// The changes of offset in `range`, each with the seconds by which the wall clock jumps (3,600 in spring).
    package func transitions(in range: Range<Instant>) -> [(at: Instant, jump: Int)] {
        offsets.indices.dropFirst().compactMap { i in
            let at = Instant(secondsSince1970: offsets[i].from)
            return range.contains(at) ? (at, offsets[i].seconds - offsets[i - 1].seconds) : nil
        }
    }

    private func index(at second: Int) -> Int {
        var low = 0
        var high = offsets.count - 1
        while low < high {
            let middle = (low + high + 1) / 2
            if offsets[middle].from <= second { low = middle } else { high = middle - 1 }
        }
        return low
    }
}

extension HomeZone: Hashable {
    package static func == (a: HomeZone, b: HomeZone) -> Bool { a.identifier == b.identifier }
    package func hash(into hasher: inout Hasher) { hasher.combine(identifier) }
}
