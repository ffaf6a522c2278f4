import PumpCore
import Register

/// Rule R3: when containers have to be hung at the least (contract, Counting 6).
///
/// Hang times = start of a stretch of constant prescription + k × container life in civil time, until the stretch ends.
/// A stretch that a stay cuts goes on from the next container hung after it.
struct HangTimes {
    /// A part of a stretch at home.
    struct Segment {
        var span: WallSpan
        /// Whether anything shows that it was infused; a cycle that nobody gave is no stretch.
        var isGiven: Bool
        /// Whether a container was hung at its end.
        var endsWithHang = false
    }

    private(set) var segments: [Segment] = []
    /// The hang times, ascending, of what was given.
    private(set) var walls: [Int] = []

    /// `hung`: when containers were hung, ascending. Only hang times before `horizon` are made.
    init(_ plan: OrderPlan, hung: [Int], horizon: Int) {
        if plan.hasDoses {
            dose(plan, horizon: horizon)
            return
        }
        segments = Self.stretches(plan, hung: hung, horizon: horizon).flatMap { stretch -> [Segment] in
            Self.cut(stretch, stays: plan.stays, hung: hung)
        }
        guard let life = plan.life.seconds else { return }
        for segment in segments where segment.isGiven {
            var wall = segment.span.from
            while wall < segment.span.to {
                walls.append(wall)
                wall += life
            }
        }
    }

    private static func stretches(_ plan: OrderPlan, hung: [Int], horizon: Int) -> [Segment] {
        let whole = plan.span.clipped(to: WallSpan(Int.min, horizon))
        guard let cycle = plan.cycleSeconds, let slots = plan.slots else {
            return whole.isEmpty ? [] : [Segment(span: whole, isGiven: true)]
        }
        let given = Set(
            hung.compactMap { slots.nearest(to: $0) ?? slots.numbers(in: whole).last { slots.wall($0) <= $0 } })
        return slots.numbers(in: whole).map { number in
            let start = slots.wall(number)
            let end = min(start + cycle, plan.span.to, horizon)
            let isGiven = given.contains(number) || hung.contains { start <= $0 && $0 < start + cycle }
            return Segment(span: WallSpan(start, end), isGiven: isGiven)
        }
    }

    private static func cut(_ stretch: Segment, stays: InpatientStays, hung: [Int]) -> [Segment] {
        let parts = stretch.span.subtracting(stays.spans)
        guard let first = parts.first, parts.count > 1 || first != stretch.span else {
            return parts.isEmpty ? [] : [stretch]
        }
        return parts.flatMap { part in
            if part.from == stretch.span.from { return [Segment(span: part, isGiven: stretch.isGiven)] }
            let place = hung.partition(from: part.from)
            guard place < hung.count, hung[place] < part.to else {
                // Nothing was hung after it, so it did not go on; unless that lies in unread time.
                return [Segment(span: part, isGiven: false)]
            }
            let before = Segment(span: WallSpan(part.from, hung[place]), isGiven: false, endsWithHang: true)
            let after = Segment(span: WallSpan(hung[place], part.to), isGiven: stretch.isGiven)
            return before.span.isEmpty ? [after] : [before, after]
        }
    }

    /// Prolonged doses: each ordered dose hangs a container unless one hung for an earlier dose is still within its life.
    private mutating func dose(_ plan: OrderPlan, horizon: Int) {
        guard let slots = plan.slots, let life = plan.life.seconds else { return }
        var last: Int?
        for number in slots.numbers(in: plan.span.clipped(to: WallSpan(Int.min, horizon))) {
            let wall = slots.wall(number)
            if plan.stays.contains(wall) {
                last = nil
            } else if last.map({ wall >= $0 + life }) ?? true {
                walls.append(wall)
                last = wall
            }
        }
    }

    /// A hang time in unread time.
    struct Missing {
        var wall: Int
        /// How many changes lie between it and the last one of which the time is known.
        var steps: Int
    }

    /// When a container must have been hung that nobody could read: hang times in unread time, as far as the containers
    /// before and after do not speak against them. One that was due before unread time began, and is not there, may have
    /// come late: it falls to the first moment of it.
    ///
    /// `step` is the time from one container to the next, `unread` the intervals of which the log says nothing.
    func missing(hung: [Int], unread: [UnreadTime.Interval], step: Int) -> [Missing] {
        guard !unread.isEmpty, step > 0 else { return [] }
        var found: [Missing] = []
        for segment in segments {
            let slack = min(UnreadTime.slack, step / 4)
            let inside = hung.filter { segment.span.from - step / 2 <= $0 && $0 < segment.span.to }
            let last = segment.endsWithHang ? segment.span.to - step / 2 : segment.span.to
            var start = segment.span.from
            var isFirst = true
            for next in inside + [Int.max] {
                let end = next == Int.max ? last : next - step / 2
                var wall = isFirst ? start : start + step
                var steps = isFirst ? 0 : 1
                var due: Int?
                // A cycle that is not known to have been given may have been given in unread time only.
                while wall < end {
                    if unread.contains(where: { $0.reaches(wall, slack: slack) }) {
                        found.append(Missing(wall: wall, steps: steps))
                        due = nil
                    } else {
                        due = wall
                    }
                    let following = wall + step
                    if let overdue = due,
                        let late = unread.first(where: { $0.begins(in: overdue..<min(following, end)) })
                    {
                        found.append(Missing(wall: late.span.from, steps: steps))
                    }
                    wall = following
                    steps += 1
                }
                start = next
                isFirst = false
            }
        }
        return found
    }
}

extension [Int] {
    /// In an ascending array, the place of the first element that is not below `value`.
    func partition(from value: Int) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if self[middle] < value { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
