import PumpCore
import Register

/// What a detach followed by flow means in a log that has no record of attaching (device facts 1.1, derived).
///
/// After an empty cassette, after a completed slot or cycle, after nine tenths of the usable volume, past the hang limit, or when
/// it was due to be changed, it is a new one. Inside one dose or stretch, with nothing emptied, it is the same one put
/// back; unless an alarm of occlusion, leak or air came before, after which people change as often as they put back.
/// Else nobody can tell.
enum CassetteReading {
    case new(String)
    case same
    case doubtful(String)

    /// Of the usable volume and of the time until a change is due; pumps, bags and people are not exact.
    static let usedUp = 0.9

    /// Whether it gave what can be used of it.
    static func isUsedUp(_ draft: UseDraft, _ order: TherapyOrder) -> Bool {
        guard let usable = order.usableMilliliters, usable > 0, draft.volumeUnit == .milliliters else { return false }
        return Double(draft.volumeThousandths) >= usable * 1000 * usedUp
    }

    /// Whether it has hung for nearly as long as the order lets it; or, after one that came early, for half of that, and
    /// a change was planned now.
    private static func isDue(hung: Int, sinceStart: Int, every interval: Int) -> Bool {
        if Double(hung) >= Double(interval) * usedUp { return true }
        let near = Int(Double(interval) * (1 - usedUp))
        let beside = sinceStart - floorDivide(sinceStart, interval) * interval
        return hung >= interval / 2 - near && (beside <= near || interval - beside <= near)
    }

    /// `lastDoseWall`: when the dose or run before the detach began.
    init(_ draft: UseDraft, plan: OrderPlan?, _ state: ChannelState, lastDoseWall: Int?, at wall: Int) {
        if draft.ranEmpty {
            self = .new("detached after it had run empty, then flow: a new one")
            return
        }
        guard let plan else {
            self = .doubtful("detached, then flow, on a pump without an order: new, or the same one")
            return
        }
        let order = plan.order
        if plan.hasDoses, let slots = plan.slots,
            let before = (lastDoseWall ?? draft.lastFlowWall).flatMap({ slots.nearest(to: $0) }),
            let now = slots.nearest(to: wall), before != now
        {
            self = .new("detached after a completed slot, then flow: a new one")
            return
        }
        if let before = plan.cycle(at: draft.lastFlowWall ?? draft.hungWall), let now = plan.cycle(at: wall),
            before != now
        {
            self = .new("detached after a completed cycle, then flow: a new one")
            return
        }
        if Self.isUsedUp(draft, order) {
            self = .new("detached after its usable volume was given, then flow: a new one")
            return
        }
        let hung = wall - draft.hungWall
        if let limit = order.hangLimitHours, limit > 0, hung > Seconds.hours(limit) {
            self = .new("detached past its hang limit, then flow: a new one")
            return
        }
        if !plan.hasDoses, let hours = order.changeIntervalHours, hours > 0,
            Self.isDue(hung: hung, sinceStart: wall - plan.span.from, every: Seconds.hours(hours))
        {
            self = .new("detached when it was due to be changed, then flow: a new one")
            return
        }
        if state.alarm != nil {
            self = .doubtful("detached after an alarm, then flow: changed early, or the same one")
        } else if plan.hasDoses ? plan.slots != nil : order.usableMilliliters != nil || order.hangLimitHours != nil {
            self = .same
        } else {
            self = .doubtful("detached, then flow, and the order does not say how long it lasts: new, or the same one")
        }
    }
}
