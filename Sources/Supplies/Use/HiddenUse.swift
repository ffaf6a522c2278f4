import PumpCore
import Timeline

/// Containers of which the log shows that they may have been used, and not whether: changed in a gap, or put in place
/// at the end of the log for a dose that nobody has read yet.
struct HiddenUse {
    private let plan: OrderPlan
    private let pumps: [String]
    private let readings: [String: PumpReading]
    private(set) var found: [UnknownUse] = []

    /// `unread`: what the slots and hang times in unread time say already.
    init(
        _ containers: [FoldedContainer], _ plan: OrderPlan, pumps: [String], readings: [String: PumpReading],
        given: Set<Int>, unread: [UnknownUse]
    ) {
        self.plan = plan
        self.pumps = pumps
        self.readings = readings
        for container in containers {
            for part in container.parts {
                guard let reading = readings[pumps[part.pump]] else { continue }
                let draft = reading.drafts[part.draft]
                if plan.hasDoses {
                    if container.isUsed, container.slots.count > 1 { changes(container, draft, reading) }
                    if !container.hasFlow { dose(draft, reading, given: given, unread: unread) }
                } else if container.isUsed || container.isBeforeLog {
                    hangs(draft, reading, unread: unread)
                }
            }
        }
    }

    private func interval(at wall: Int, _ reading: PumpReading, _ reason: String) -> UnreadTime.Interval {
        UnreadTime.Interval(span: WallSpan(wall, wall), pump: reading.serial, reason: reason, place: .gap)
    }

    /// A container that served a dose before a gap and another one behind it may have been changed in there.
    private mutating func changes(_ container: FoldedContainer, _ draft: UseDraft, _ reading: PumpReading) {
        guard let slots = plan.slots else { return }
        for wall in draft.flowsBehindGaps {
            guard let slot = slots.nearest(to: wall), container.slots.dropFirst().contains(slot) else { continue }
            let why = interval(at: wall, reading, "a change of container may lie in a gap of the log")
            found.append(UnknownUse(wall: slots.wall(slot), why: why))
        }
    }

    /// What infuses on and on may have been changed in any gap, also between two hang times; one in which a hang time
    /// lies says so already.
    private mutating func hangs(
        _ draft: UseDraft, _ reading: PumpReading, unread: [UnknownUse]
    ) {
        for wall in draft.gapsCrossed where plan.span.contains(wall) {
            let gap = reading.coverage.gaps.first { $0.span.from <= wall && wall <= $0.span.to }
            let isSaid = unread.contains { other in
                other.why.place == .gap && other.why.pump == reading.serial
                    && (gap.map { $0.span.from <= other.why.span.to && other.why.span.from <= $0.span.to } ?? false)
            }
            if isSaid || plan.stays.contains(wall) { continue }
            var why = interval(at: wall, reading, "a change of container may lie in a gap of the log")
            // Anywhere in it, be it over the end of a month.
            if let gap { why.span = WallSpan(wall, max(wall, min(gap.span.to, plan.span.to))) }
            found.append(UnknownUse(wall: wall, why: why, doubtSeconds: why.span.to - wall))
        }
    }

    /// The log ends between an attach and its dose: whether the dose was given, the next reading will say.
    private mutating func dose(
        _ draft: UseDraft, _ reading: PumpReading, given: Set<Int>, unread: [UnknownUse]
    ) {
        guard let slots = plan.slots, draft.attached != nil, draft.ended == nil, draft.detached == nil,
            let slot = slots.nearest(to: draft.startWall), !given.contains(slot),
            let last = reading.coverage.last, slots.nearest(to: last) == slot
        else { return }
        let wall = slots.wall(slot)
        guard !plan.stays.contains(wall), !(unread + found).contains(where: { $0.wall == wall }) else { return }
        let why = interval(at: last, reading, "the log ends before the dose of a container in place")
        found.append(UnknownUse(wall: wall, why: why))
    }
}
