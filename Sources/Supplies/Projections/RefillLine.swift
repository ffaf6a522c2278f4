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
    /// The expected end if all of those were used; `expectedEnd` where the log leaves nothing open.
    package var earliestEnd: CivilDate?
    /// How many containers the order needs in how many hours; nil where that cannot be assessed.
    package var need: Need?
    /// Last day of the order; nil while it has no end.
    package var orderEnds: CivilDate?
    /// The newest delivery up to the day asked about.
    package var deliveredOn: CivilDate?
    /// The newest contact about a refill up to the day asked about, and who said that it is wanted.
    package var contactedOn: CivilDate?
    package var affirmedBy: String?
    /// The newest count of the shelf before the day asked about.
    package var counted: Int?
    package var countedOn: CivilDate?
    package var action: Action
    package var holds: [Hold]
    package var rule: RuleReference
}

extension RefillLine {
    package struct Need: Hashable, Codable, Sendable {
        package var containers: Int
        package var hours: Double

        package init(containers: Int, hours: Double) {
            self.containers = containers
            self.hours = hours
        }

        package static func number(_ hours: Double) -> String {
            hours == hours.rounded() ? String(Int(hours)) : String(hours)
        }
    }

    /// What may be done on the day asked about.
    package enum Action: String, Hashable, Codable, Sendable {
        /// Nothing is left.
        case out
        /// May be delivered.
        case deliver
        /// The patient may be asked, and nothing be delivered yet.
        case ask
        case wait
        /// The supply lasts to the end of the order.
        case enough
        /// An input is missing.
        case cannotAssess = "cannot assess"
    }
}

extension RefillLine.Need: CustomStringConvertible {
    /// `2 a day`, `1 in 3 days`, `1 in 36 h`.
    package var description: String {
        let days = hours / 24
        let daily = Double(containers) / max(days, 1e-9)
        if daily >= 1, daily == daily.rounded() { return "\(Int(daily)) a day" }
        return days == days.rounded()
            ? "\(containers) in \(Int(days)) days" : "\(containers) in \(Self.number(hours)) h"
    }
}

extension RefillLine: Codable {
    private enum CodingKeys: String, CodingKey {
        case order, patient, hcpcs, onHand, daysLeft, expectedEnd, earliestContact, earliestDelivery, unknown
        case earliestEnd, need, orderEnds, deliveredOn, contactedOn, affirmedBy, counted, countedOn, action, holds, rule
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
        try c.encode(earliestEnd, forKey: .earliestEnd)
        try c.encode(need, forKey: .need)
        try c.encode(orderEnds, forKey: .orderEnds)
        try c.encode(deliveredOn, forKey: .deliveredOn)
        try c.encode(contactedOn, forKey: .contactedOn)
        try c.encode(affirmedBy, forKey: .affirmedBy)
        try c.encode(counted, forKey: .counted)
        try c.encode(countedOn, forKey: .countedOn)
        try c.encode(action, forKey: .action)
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
        let rule = builder.profile.refill(on: day)
        let end = SupplyEnd(onHand: onHand, need: need, on: day, refill: rule)
        let start = day.dayNumber * Seconds.day
        let unknown = min(onHand, fold.unknown.filter { $0.wall < start }.count)
        let contact = plan.deliveries.filter { $0.contactedOn.map { $0 <= day } ?? false }
            .max { ($0.contactedOn ?? day) < ($1.contactedOn ?? day) }
        let count = index.counts(ofOrder: plan.order.id).last { $0.countedOn < day }
        return RefillLine(
            order: plan.order.id, patient: plan.patient.id, hcpcs: builder.month(fold, day...day).mainCode,
            onHand: onHand, daysLeft: end?.daysLeft, expectedEnd: end?.expectedEnd,
            earliestContact: end?.earliestContact, earliestDelivery: end?.earliestDelivery,
            unknown: unknown,
            earliestEnd: SupplyEnd(onHand: onHand - unknown, need: need, on: day, refill: rule)?.expectedEnd,
            need: need.map { RefillLine.Need(containers: $0.containers, hours: Double($0.seconds) / 3600) },
            orderEnds: plan.lastDay,
            deliveredOn: plan.deliveries.last { $0.date <= day && containerCodes.contains($0.hcpcs) }?.date,
            contactedOn: contact?.contactedOn, affirmedBy: contact?.affirmedBy, counted: count?.quantity,
            countedOn: count?.countedOn, action: Self.action(end, plan, on: day),
            holds: end == nil
                ? DailyNeed.missing(plan).map { column in
                    Hold(rule: "R3", reason: "cannot assess: \(column) is missing in the order", column: column)
                } : [], rule: builder.profile.rule("R9", on: day))
    }

    private static func action(_ end: SupplyEnd?, _ plan: OrderPlan, on day: CivilDate) -> RefillLine.Action {
        guard let end else { return .cannotAssess }
        if let last = plan.lastDay, last <= end.expectedEnd { return .enough }
        if end.daysLeft == 0 { return .out }
        return day >= end.earliestDelivery ? .deliver : day >= end.earliestContact ? .ask : .wait
    }
}
