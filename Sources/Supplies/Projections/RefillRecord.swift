package import PumpCore
import Register

/// A delivery against the supply that it refilled (rule R9): what an auditor asks of each refill.
package struct RefillRecord: Hashable, Codable, Sendable {
    /// Of `deliveries.csv`.
    package var delivery: String
    /// Nothing was delivered before: no refill, and no window to keep.
    package var isFirst: Bool
    /// On the shelf at the end of the day before, as deliveries and logs have it; below 0 where a delivery is missing.
    package var onHandBefore: Int
    /// The last day for which that supply was expected to last; nil where the daily need cannot be assessed.
    package var expectedEnd: CivilDate?
    package var earliestContact: CivilDate?
    package var earliestDelivery: CivilDate?
    /// Columns that name the missing input, where there is no expected end.
    package var missing: [String]
    package var rule: RuleReference
}

extension OrderFold {
    /// The deliveries of containers in `days`, oldest first, each as the one before it left the shelf.
    func refillRecords(_ days: ClosedRange<CivilDate>, _ countedCodes: Set<String>, _ profile: PayerProfile)
        -> [RefillRecord]
    {
        let stock = PhysicalStock(self, countedCodes: countedCodes)
        let need = DailyNeed.of(plan)
        return plan.deliveries.filter { days.contains($0.date) && countedCodes.contains($0.hcpcs) }.map { delivery in
            let before = delivery.date.adding(days: -1)
            // Several rows of one day are one delivery.
            let isFirst = stock.delivered.sum(through: before) <= 0
            let refill = profile.refill(on: delivery.date)
            let onHand = stock.balance(through: before)
            let end =
                isFirst || refill == nil
                ? nil : SupplyEnd(onHand: onHand, need: need, on: delivery.date, refill: refill)
            let contact = end.map { end in
                refill?.contactBefore == .delivery
                    ? delivery.date.adding(days: -(refill?.contactDays ?? 0)) : end.earliestContact
            }
            return RefillRecord(
                delivery: delivery.id, isFirst: isFirst, onHandBefore: onHand, expectedEnd: end?.expectedEnd,
                earliestContact: contact, earliestDelivery: end?.earliestDelivery,
                missing: need == nil && !isFirst ? DailyNeed.missing(plan) : [],
                rule: profile.rule("R9", on: delivery.date))
        }
    }
}
