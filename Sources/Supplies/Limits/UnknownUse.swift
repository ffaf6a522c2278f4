import PumpCore

/// A container that may have been used in unread time.
struct UnknownUse {
    /// Of its slot, or when it was due to be hung.
    var wall: Int
    var why: UnreadTime.Interval
    /// How far from `wall` it may have been hung; 0 for a slot, which is where it is.
    var doubtSeconds = 0
}

/// Hang times of unread time, period by period.
///
/// People hang containers a little before or after they are due. Where nobody keeps to a plan of changes, what is due
/// is reckoned from the container before, and what each was early or late adds up. So a hang time that is due just
/// outside a period may have come within it, and widens its range too; but no more containers fit into unread time than
/// there are steps in it.
struct UnknownHangs {
    let uses: [UnknownUse]
    /// From one container to the next, in seconds.
    let step: Int

    /// Those that may have been hung in `span`.
    func uses(in span: WallSpan) -> [UnknownUse] {
        var found = uses.filter { span.contains($0.wall) }
        var beside: [UnreadTime.Interval: [UnknownUse]] = [:]
        for use in uses where use.doubtSeconds > 0 && !span.contains(use.wall) {
            let place = use.why.span.clipped(to: span)
            if place.from < use.wall + use.doubtSeconds, use.wall - use.doubtSeconds < place.to {
                beside[use.why, default: []].append(use)
            }
        }
        for why in beside.keys.sorted(by: { ($0.span, $0.pump) < ($1.span, $1.pump) }) {
            let place = why.span.clipped(to: span)
            if place.isEmpty { continue }
            let inside = found.count { $0.why == why }
            let most = (place.to - place.from - 1) / max(1, step) + 1
            let nearest = (beside[why] ?? []).sorted { distance($0.wall, span) < distance($1.wall, span) }
            found += nearest.prefix(max(0, most - inside))
        }
        return found
    }

    private func distance(_ wall: Int, _ span: WallSpan) -> Int { max(span.from - wall, wall - span.to) }
}

extension UnknownHangs {
    /// How far from its time a container is hung, as a part of the time from one to the next (compare `CassetteReading`).
    static func doubt(steps: Int, step: Int, keepsPlan: Bool) -> Int {
        keepsPlan ? step / 10 : min(step, step / 10 * max(1, steps))
    }
}
