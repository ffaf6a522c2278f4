import PumpCore
import Register

/// An order on the wall clock of its patient's home, with everything that the register says beside it. It never changes,
/// and it is asked for with every record, so it is shared and not copied.
final class OrderPlan: Sendable {
    struct AssignedTime: Sendable {
        let pump: String
        let channel: Int
        let span: WallSpan
    }

    /// Its number among the plans of the register.
    let number: Int
    let order: TherapyOrder
    let patient: Patient
    /// When the order holds.
    let span: WallSpan
    /// Nil where no schedule is ordered.
    let slots: DoseSlots?
    let stays: InpatientStays
    /// Oldest first.
    let assignments: [AssignedTime]
    let deliveries: [Delivery]
    let dispositions: [Disposition]
    let life: ContainerLife

    init(
        number: Int, order: TherapyOrder, patient: Patient, assignments: [Assignment], deliveries: [Delivery],
        dispositions: [Disposition], stays: InpatientStays
    ) {
        self.number = number
        self.order = order
        self.patient = patient
        let zone = patient.homeZone
        let start = order.starts.civilStart(in: zone).wallSeconds
        let end = order.ends?.civilEnd(in: zone).wallSeconds
        span = WallSpan(start, max(start, end ?? Int.max))
        slots = order.schedule.flatMap { DoseSlots($0, start: start, end: end) }
        self.stays = stays
        self.assignments = assignments.map { row in
            AssignedTime(
                pump: row.pump, channel: row.channel,
                span: WallSpan(
                    row.from.civilStart(in: zone).wallSeconds, row.to?.civilEnd(in: zone).wallSeconds ?? Int.max))
        }.sorted { ($0.span, $0.pump, $0.channel) < ($1.span, $1.pump, $1.channel) }
        self.deliveries = deliveries.sorted { ($0.date, $0.id) < ($1.date, $1.id) }
        self.dispositions = dispositions.sorted { ($0.date, $0.origin.line) < ($1.date, $1.origin.line) }
        life = ContainerLife(order)
    }

    var zone: HomeZone { patient.homeZone }

    /// Discrete doses, each of which may uphold one container.
    var hasDoses: Bool { order.mode != .continuous }

    /// Cycles of a day and more that come again: each one that was given is a stretch of its own.
    var cycleSeconds: Int? {
        guard order.mode == .continuous, slots != nil, case .everyHours? = order.schedule, let hours = order.doseHours,
            hours >= 24
        else { return nil }
        return Seconds.hours(hours)
    }

    /// Number of the cycle that a time belongs to, where the order is given in cycles with pauses between them: from the
    /// middle of the pause before it to the middle of the one behind it.
    func cycle(at wall: Int) -> Int? {
        guard let cycle = cycleSeconds, let slots else { return nil }
        let pause = slots.wall(slots.first + 1) - slots.wall(slots.first) - cycle
        guard pause >= Seconds.hour else { return nil }
        return slots.numbers(in: WallSpan(span.from, wall + pause / 2 + 1)).last
    }

    var isTwoDrugs: Bool { order.drugHcpcs.count > 1 }

    /// Last day on which the order holds; nil while it has no end.
    var lastDay: CivilDate? {
        span.to == Int.max ? nil : CivilDateTime(wallSeconds: max(span.to - 1, span.from)).date
    }

    var firstDay: CivilDate { CivilDateTime(wallSeconds: span.from).date }

    /// The pump of the newest assignment that began before `wall`, else of the first one.
    func pump(before wall: Int) -> String? {
        (assignments.last { $0.span.from < wall } ?? assignments.first)?.pump
    }

    /// The pump at the end of a period.
    func pump(atEndOf days: ClosedRange<CivilDate>) -> String? {
        pump(before: days.upperBound.adding(days: 1).dayNumber * Seconds.day)
    }

    /// Every pump assigned in a period, in the order of time.
    func pumps(in days: ClosedRange<CivilDate>) -> [String] {
        let span = WallSpan(
            days.lowerBound.dayNumber * Seconds.day, days.upperBound.adding(days: 1).dayNumber * Seconds.day)
        var pumps: [String] = []
        for time in assignments where time.span.overlaps(span) && !pumps.contains(time.pump) { pumps.append(time.pump) }
        return pumps
    }
}
