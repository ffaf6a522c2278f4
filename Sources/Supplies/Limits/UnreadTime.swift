import PumpCore
import Timeline

/// Assigned time of which a pump's log says nothing: before its first record, after the last one or the last read, and
/// gaps. What was ordered there is unknown, never missed (contract, Counting 2).
struct UnreadTime {
    struct Interval: Hashable {
        var span: WallSpan
        var pump: String
        /// Plain words: `not read`, `gap in the log (overwritten)`.
        var reason: String
        var place: Place

        enum Place: Hashable {
            /// Between two records: a dose may be early or late by a little and its records in the hole.
            case gap
            /// Behind the end of the log: what was due before it and is not there may have come late, in unread time.
            case behind
            /// Before the log begins, or all of it.
            case other
        }

        func reaches(_ wall: Int, slack: Int) -> Bool {
            if span.contains(wall) { return true }
            return place == .gap && span.from - slack <= wall && wall <= span.to + slack
        }

        /// Whether what was read ends in `walls`.
        func begins(in walls: Range<Int>) -> Bool {
            place != .other && !span.isEmpty && walls.contains(span.from)
        }
    }

    /// In the order of time.
    private(set) var intervals: [Interval] = []

    /// How early or late a dose may be and still have all its records in a hole beside its slot.
    static let slack = Seconds.hour

    /// `timelines` by pump serial; a pump that is not among them was never read.
    init(_ plan: OrderPlan, timelines: [String: PumpCoverage]) {
        for time in plan.assignments {
            let span = time.span.clipped(to: plan.span)
            guard !span.isEmpty else { continue }
            guard let coverage = timelines[time.pump], let first = coverage.first, let last = coverage.last else {
                intervals.append(Interval(span: span, pump: time.pump, reason: "never read", place: .other))
                continue
            }
            let before = WallSpan(span.from, min(span.to, first))
            if !before.isEmpty {
                intervals.append(
                    Interval(span: before, pump: time.pump, reason: "before the log begins", place: .other))
            }
            for gap in coverage.gaps {
                let hole = WallSpan(max(gap.span.from, first), min(gap.span.to, last)).clipped(to: span)
                if !hole.isEmpty || (gap.span.from == gap.span.to && span.contains(gap.span.from)) {
                    intervals.append(Interval(span: hole, pump: time.pump, reason: gap.reason, place: .gap))
                }
            }
            let after = WallSpan(max(span.from, last + 1), span.to)
            if !after.isEmpty {
                intervals.append(Interval(span: after, pump: time.pump, reason: "not read yet", place: .behind))
            }
        }
        intervals.sort { ($0.span, $0.pump) < ($1.span, $1.pump) }
    }

    /// The interval by which a slot is unknown, if any; `window` is where its dose may lie. Just after the last record, as
    /// just before a hole, a dose may have come late.
    func interval(at wall: Int, window: WallSpan) -> Interval? {
        intervals.first { interval in
            if interval.span.contains(wall) { return true }
            let last = min(window.to, wall + Self.slack + 1)
            return interval.span.from < last && max(window.from, wall - Self.slack) <= interval.span.to
        }
    }

    /// Days on which something was unread.
    func touches(_ day: CivilDate) -> Bool {
        let span = WallSpan(day.dayNumber * Seconds.day, (day.dayNumber + 1) * Seconds.day)
        return intervals.contains { $0.span.overlaps(span) }
    }
}

/// What a pump's log covers, on the wall clock.
struct PumpCoverage {
    var first: Int?
    var last: Int?
    var gaps: [(span: WallSpan, reason: String)]

    init(_ timeline: PumpTimeline) {
        var first: Int?
        var last: Int?
        // By place: a record is large to copy, and there are millions.
        for index in timeline.records.indices where !timeline.records[index].isDoubtful {
            guard let wall = (timeline.records[index].civil ?? timeline.records[index].correctedAt?.utc)?.wallSeconds
            else { continue }
            if first.map({ wall < $0 }) ?? true { first = wall }
            if last.map({ wall > $0 }) ?? true { last = wall }
        }
        if let through = timeline.completeThroughCivil?.wallSeconds, let known = last { last = max(known, through) }
        self.first = first
        self.last = last
        gaps = timeline.gaps.map { gap in
            let span = WallSpan(gap.fromCivil?.wallSeconds ?? Int.min, gap.toCivil?.wallSeconds ?? Int.max)
            return (span, "gap in the log (\(gap.reason.rawValue))")
        }
    }
}
