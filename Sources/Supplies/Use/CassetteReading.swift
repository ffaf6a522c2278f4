import PumpCore
import Register

/// What a detach followed by flow means in a log that has no record of attaching (device facts 1.1, derived).
///
/// After an empty cassette, after a completed slot, after nine tenths of the usable volume, or past the hang limit it is
/// a new one. Inside one dose or stretch, with nothing emptied, it is the same one put back; unless an alarm of
/// occlusion, leak or air came before, after which people change as often as they put back. Else nobody can tell.
enum CassetteReading {
    case new(String)
    case same
    case doubtful(String)

    /// Of the usable volume; pumps and bags are not exact.
    static let usedUp = 0.9

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
        if let usable = order.usableMilliliters, usable > 0, draft.volumeUnit == .milliliters,
            Double(draft.volumeThousandths) >= usable * 1000 * Self.usedUp
        {
            self = .new("detached after its usable volume was given, then flow: a new one")
            return
        }
        if let limit = order.hangLimitHours, limit > 0, wall - draft.hungWall > Seconds.hours(limit) {
            self = .new("detached past its hang limit, then flow: a new one")
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
