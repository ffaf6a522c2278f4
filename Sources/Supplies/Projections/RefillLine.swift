package import PumpCore
import Register
package import Timeline

/// How long an order's supply lasts, and when a refill may be asked about and delivered (rule R9; contract, Counting 23).
package struct RefillLine: Hashable, Sendable {
    package var order: String
    package var patient: String
    package var hcpcs: String
    /// Delivered through the day asked about, less what was gone before it.
    package var onHand: Int
    /// Nil where the daily need cannot be assessed.
    package var daysLeft: Int?
    package var expectedEnd: CivilDate?
    package var earliestContact: CivilDate?
    package var earliestDelivery: CivilDate?
    /// Up to so many more may have been used in unread time.
    package var unknown: Int
    package var holds: [Hold]
    package var rule: RuleReference
}

extension RefillLine: Codable {
    private enum CodingKeys: String, CodingKey {
        case order, patient, hcpcs, onHand, daysLeft, expectedEnd, earliestContact, earliestDelivery, unknown, holds,
            rule
    }

    /// Every key always stands; what is not known is null.
    package func encode(to encoder: any Encoder) throws {
        var c = encoder.container(keyedBy: CodingKeys.self)
        try c.encode(order, forKey: .order)
        try c.encode(patient, forKey: .patient)
        try c.encode(hcpcs, forKey: .hcpcs)
        try c.encode(onHand, forKey: .onHand)
        try c.encode(daysLeft, forKey: .daysLeft)
        try c.encode(expectedEnd, forKey: .expectedEnd)
        try c.encode(earliestContact, forKey: .earliestContact)
        try c.encode(earliestDelivery, forKey: .earliestDelivery)
        try c.encode(unknown, forKey: .unknown)
        try c.encode(holds, forKey: .holds)
        try c.encode(rule, forKey: .rule)
    }
}

/// When a supply ends, and what may be done how long before.
struct SupplyEnd {
    let daysLeft: Int
    let expectedEnd: CivilDate
    let earliestContact: CivilDate
    let earliestDelivery: CivilDate

    /// `onHand` at the start of `day`.
    init?(onHand: Int, need: DailyNeed?, on day: CivilDate, refill: PayerProfile.Refill?) {
        guard let need else { return nil }
        daysLeft = need.days(of: onHand)
        expectedEnd = day.adding(days: daysLeft - 1)
        earliestDelivery = expectedEnd.adding(days: -(refill?.deliveryDays ?? 0))
        switch refill?.contactBefore {
        case .delivery: earliestContact = earliestDelivery.adding(days: -(refill?.contactDays ?? 0))
        case .expectedEnd, nil: earliestContact = expectedEnd.adding(days: -(refill?.contactDays ?? 0))
        }
    }
}

extension MonthCount {
    /// All orders that hold on the first day of the period: `refill-due --on D` asks with D as the period.
    package func refills(_ timelines: [PumpTimeline]) -> [RefillLine] {
        let bySerial = Dictionary(timelines.map { ($0.pump.serial, $0) }, uniquingKeysWith: { first, _ in first })
        return index.groups().flatMap { group in
            refills(of: group, timelines: group.pumps.compactMap { bySerial[$0] })
        }
    }

    package func refills(of group: PatientGroup, timelines: [PumpTimeline]) -> [RefillLine] {
        let day = period.lowerBound
        return patientFolds(group, timelines, horizon: day).flatMap { entry in
            entry.folds.filter { $0.plan.span.contains(day.dayNumber * Seconds.day) || $0.plan.firstDay == day }
                .map { refill($0, entry.builder, on: day) }
        }
    }

    private func refill(_ fold: OrderFold, _ builder: LineBuilder, on day: CivilDate) -> RefillLine {
        let plan = fold.plan
        let stock = PhysicalStock(fold, countedCodes: containerCodes)
        let before = day.adding(days: -1)
        let onHand = max(0, stock.delivered.sum(through: day) - stock.gone(through: before))
        let need = DailyNeed.of(plan)
        let end = SupplyEnd(onHand: onHand, need: need, on: day, refill: builder.profile.refill(on: day))
        let start = day.dayNumber * Seconds.day
        return RefillLine(
            order: plan.order.id, patient: plan.patient.id, hcpcs: builder.month(fold, day...day).mainCode,
            onHand: onHand, daysLeft: end?.daysLeft, expectedEnd: end?.expectedEnd,
            earliestContact: end?.earliestContact, earliestDelivery: end?.earliestDelivery,
            unknown: min(onHand, fold.unknown.filter { $0.wall < start }.count),
            holds: end == nil
                ? DailyNeed.missing(plan).map { column in
                    Hold(rule: "R3", reason: "cannot assess: \(column) is missing in the order", column: column)
                } : [], rule: builder.profile.rule("R9", on: day))
    }
}
