import PumpCore
import Register

/// A patient's stays in hospital on the wall clock of home, [admitted, discharged).
struct InpatientStays {
    struct Entry {
        let span: WallSpan
        let kind: Stay.Kind
        let row: Stay
    }

    let entries: [Entry]
    let spans: [WallSpan]

    init(_ stays: [Stay], zone: HomeZone) {
        entries = stays.map { stay in
            let from = stay.admitted.civilStart(in: zone).wallSeconds
            // A bare date of discharge is a day at home from its beginning: the interval is open there.
            let to = stay.discharged.map { $0.civilStart(in: zone).wallSeconds } ?? Int.max
            return Entry(span: WallSpan(from, max(from, to)), kind: stay.kind, row: stay)
        }.sorted { $0.span < $1.span }
        spans = entries.map(\.span)
    }

    func stay(at wall: Int) -> Entry? { entries.first { $0.span.contains(wall) } }

    func contains(_ wall: Int) -> Bool { entries.contains { $0.span.contains(wall) } }

    /// The stay that makes a patient an inpatient on a day: after that of the admission and before that of the discharge.
    func inpatient(on day: CivilDate) -> Entry? {
        entries.first { entry in
            CivilDateTime(wallSeconds: entry.span.from).date < day
                && (entry.span.to == Int.max || day < CivilDateTime(wallSeconds: entry.span.to).date)
        }
    }

    /// Whether the patient was away for the whole of a day.
    func coverWholly(_ day: CivilDate) -> Bool {
        guard !entries.isEmpty else { return false }
        let start = day.dayNumber * Seconds.day
        return WallSpan(start, start + Seconds.day).subtracting(spans).isEmpty
    }

    /// The emergency stay that stands behind what was thrown away on `date`: not ended more than a month before, and
    /// begun at most a week after it, for what is written down late or early.
    func emergency(for date: CivilDate) -> Entry? {
        let from = date.adding(days: -31).dayNumber * Seconds.day
        let to = date.adding(days: 8).dayNumber * Seconds.day
        return entries.last { $0.kind == .emergency && $0.span.from < to && $0.span.to > from }
    }
}
