import PumpCore
import Register

/// Rule R8: containers dispensed and not used, by what happened to them.
///
/// Unforeseen (emergency admission with a stay on record, drug toxicity) is excused, as far as ordered doses were not
/// given for it; foreseeable (planned admission, change of dose) is not supported; everything else needs a person.
struct Unused {
    struct Excused: Hashable {
        var row: Int
        /// The day of the ordered dose, or hang, that the container was for.
        var day: CivilDate
    }

    struct Disposed: Hashable {
        var row: Int
        var day: CivilDate
        var quantity: Int
    }

    /// One entry a container.
    private(set) var excused: [Excused] = []
    /// Numbers of slots that excused containers were for.
    private(set) var slots: Set<Int> = []
    /// To be looked at by a person.
    private(set) var review: [Disposed] = []
    /// Foreseeable, or more than there were doses for: gone and not supported.
    private(set) var unsupported: [Disposed] = []
    /// Went back to the pharmacy.
    private(set) var returned: [Disposed] = []
    /// Dispositions that a missing stay keeps from being excused.
    private(set) var withoutStay: [Int] = []

    init() {}

    init(
        _ plan: OrderPlan, given: Set<Int>, hung: [Int], unread: UnreadTime, horizon: Int
    ) {
        for (row, disposition) in plan.dispositions.enumerated() where disposition.quantity > 0 {
            let whole = Disposed(row: row, day: disposition.date, quantity: disposition.quantity)
            switch disposition.reason {
            case .returned: returned.append(whole)
            case .plannedAdmission, .doseChange: unsupported.append(whole)
            case .damaged, .expired, .lost, .other: review.append(whole)
            case .drugToxicity: excuse(whole, stay: nil, plan, given: given, hung: hung, unread: unread)
            case .emergencyAdmission:
                if let stay = plan.stays.emergency(for: disposition.date) {
                    excuse(whole, stay: stay, plan, given: given, hung: hung, unread: unread)
                } else {
                    withoutStay.append(row)
                    review.append(whole)
                }
            }
        }
    }

    /// How far from the event doses may lie that its containers were for.
    private static let reach = 93 * Seconds.day

    private mutating func excuse(
        _ disposed: Disposed, stay: InpatientStays.Entry?, _ plan: OrderPlan, given: Set<Int>, hung: [Int],
        unread: UnreadTime
    ) {
        let at = stay?.span.from ?? disposed.day.dayNumber * Seconds.day
        let days =
            plan.hasDoses
            ? doses(plan, at: at, stay: stay?.span, given: given, unread: unread, most: disposed.quantity)
            : hangs(plan, at: at, stay: stay?.span, hung: hung, most: disposed.quantity)
        excused += days.map { Excused(row: disposed.row, day: $0) }
        let rest = disposed.quantity - days.count
        if rest > 0 { unsupported.append(Disposed(row: disposed.row, day: disposed.day, quantity: rest)) }
    }

    /// Takes ordered slots that were not given: first those of the stay, or from the event on; then earlier ones.
    private mutating func doses(
        _ plan: OrderPlan, at: Int, stay: WallSpan?, given: Set<Int>, unread: UnreadTime, most: Int
    ) -> [CivilDate] {
        guard let slots = plan.slots else { return [] }
        var days: [CivilDate] = []
        func take(_ number: Int) {
            self.slots.insert(number)
            days.append(CivilDateTime(wallSeconds: slots.wall(number)).date)
        }
        func isFree(_ number: Int) -> Bool { !given.contains(number) && !self.slots.contains(number) }
        let after = slots.numbers(in: WallSpan(at, min(stay?.to ?? Int.max, at + Self.reach)))
        for number in after where days.count < most && isFree(number) { take(number) }
        guard days.count < most else { return days }
        let around = slots.numbers(in: WallSpan(at - Self.reach, at + Self.reach))
        // After an admission only what is known not to have been given: unread doses may have been.
        let rest = around.filter { number in
            isFree(number)
                && (plan.stays.contains(slots.wall(number))
                    || unread.interval(at: slots.wall(number), window: slots.window(number)) == nil)
        }
        for number in rest.sorted(by: { abs(slots.wall($0) - at) < abs(slots.wall($1) - at) })
        where days.count < most { take(number) }
        return days
    }

    /// Takes hang times that nothing was hung for: those of the stay, or those after the last container.
    private func hangs(
        _ plan: OrderPlan, at: Int, stay: WallSpan?, hung: [Int], most: Int
    ) -> [CivilDate] {
        guard let life = plan.life.seconds else { return [] }
        let end = min(plan.span.to, stay?.to ?? Int.max, at + Self.reach)
        let before = hung.partition(from: at)
        var wall = before > 0 ? hung[before - 1] + life : plan.span.from
        if wall < at { wall += (at - wall + life - 1) / life * life }
        let next = stay == nil && before < hung.count ? hung[before] : Int.max
        let taken = Set(excused.map(\.day))
        var days: [CivilDate] = []
        while wall < min(end, next), days.count < most {
            let day = CivilDateTime(wallSeconds: wall).date
            if !taken.contains(day) || life < Seconds.day { days.append(day) }
            wall += life
        }
        return days
    }
}
