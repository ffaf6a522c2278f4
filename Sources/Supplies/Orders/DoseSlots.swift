import Register

/// The ordered slots of an order in civil time, as arithmetic: any number of them costs nothing.
///
/// `dose_times` and `dose_interval_hours` keep the wall clock: a slot in an hour that daylight saving leaves out exists
/// all the same, and one in a repeated hour is one slot (contract, Counting 4).
struct DoseSlots: Hashable {
    private enum Pattern: Hashable {
        /// Seconds of every day, ascending, at least one.
        case daily([Int])
        /// Wall seconds of the first one, and from one to the next.
        case every(first: Int, step: Int)
    }

    private let pattern: Pattern
    /// Number of the first slot of the order.
    let first: Int
    /// Number behind the last one; nil while the order has no end.
    let end: Int?

    /// `start` and `end` in wall seconds. Nil where the schedule is empty.
    init?(_ schedule: TherapyOrder.Schedule, start: Int, end: Int?) {
        let pattern: Pattern
        switch schedule {
        case .timesOfDay(let times):
            let times = Array(Set(times)).sorted()
            guard !times.isEmpty else { return nil }
            pattern = .daily(times)
        case .everyHours(let hours):
            let step = Seconds.hours(hours)
            guard step > 0 else { return nil }
            pattern = .every(first: start, step: step)
        }
        let first = Self.number(atOrAfter: start, in: pattern)
        self.pattern = pattern
        self.first = first
        self.end = end.map { max(Self.number(atOrAfter: $0, in: pattern), first) }
    }

    /// Wall seconds of a slot, also of one beyond the order's ends.
    func wall(_ number: Int) -> Int {
        switch pattern {
        case .daily(let times):
            let day = floorDivide(number, times.count)
            return day * Seconds.day + times[number - day * times.count]
        case .every(let first, let step): return first + number * step
        }
    }

    func isOrdered(_ number: Int) -> Bool { number >= first && (end.map { number < $0 } ?? true) }

    /// The ordered slots in `span`; without an end of order or span, up to `Int.max` is never reached: callers give one.
    func numbers(in span: WallSpan) -> Range<Int> {
        guard !span.isEmpty else { return first..<first }
        let from = max(first, Self.number(atOrAfter: span.from, in: pattern))
        let to = min(end ?? Int.max, Self.number(atOrAfter: span.to, in: pattern))
        return from..<max(from, to)
    }

    /// The ordered slot at exactly this time.
    func number(at wall: Int) -> Int? {
        let number = Self.number(atOrAfter: wall, in: pattern)
        return isOrdered(number) && self.wall(number) == wall ? number : nil
    }

    /// How many ordered slots lie at `wall` or later; nil without end.
    func count(from wall: Int) -> Int? {
        end.map { max(0, $0 - max(first, Self.number(atOrAfter: wall, in: pattern))) }
    }

    /// The ordered slot whose time is nearest, within half the spacing to its neighbour on that side.
    func nearest(to wall: Int) -> Int? { nearest(to: wall) { _ in true } }

    /// The nearest ordered slot that is free, within half the slot spacing; of two as near, the earlier one.
    func nearest(to wall: Int, where isFree: (Int) -> Bool) -> Int? {
        let after = Self.number(atOrAfter: wall, in: pattern)
        var best: (number: Int, distance: Int)?
        var number = after - 1
        while isOrdered(number), reaches(number, wall) {
            if isFree(number) {
                best = (number, wall - self.wall(number))
                break
            }
            number -= 1
        }
        number = after
        while isOrdered(number), reaches(number, wall) {
            let distance = self.wall(number) - wall
            if let best, best.distance <= distance { break }
            if isFree(number) {
                best = (number, distance)
                break
            }
            number += 1
        }
        return best?.number
    }

    /// Half the way from a slot to its neighbours: where a dose belongs to it.
    func window(_ number: Int) -> WallSpan {
        let at = wall(number)
        return WallSpan(at - (at - wall(number - 1)) / 2, at + (wall(number + 1) - at) / 2 + 1)
    }

    private func reaches(_ number: Int, _ wall: Int) -> Bool {
        let at = self.wall(number)
        return wall >= at
            ? 2 * (wall - at) <= self.wall(number + 1) - at : 2 * (at - wall) <= at - self.wall(number - 1)
    }

    private static func number(atOrAfter wall: Int, in pattern: Pattern) -> Int {
        // No calendar goes further; and sums stay far from overflow.
        let wall = min(max(wall, -400_000_000_000), 400_000_000_000)
        switch pattern {
        case .daily(let times):
            let day = floorDivide(wall, Seconds.day)
            let second = wall - day * Seconds.day
            let place = times.firstIndex { $0 >= second } ?? times.count
            return day * times.count + place
        case .every(let first, let step):
            return -floorDivide(first - wall, step)
        }
    }
}
