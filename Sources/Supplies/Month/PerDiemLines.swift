import PumpCore
import Register

/// The extra line of payers who pay by the day (rule R13): days of access, or days of infusion, as the payer defines them.
struct PerDiemLines {
    let builder: LineBuilder

    func line(_ fold: OrderFold, in days: ClosedRange<CivilDate>) -> BillableLine? {
        let last = days.upperBound
        guard let perDiem = builder.profile.perDiem, perDiem.isInForce(on: last) else { return nil }
        let month = builder.month(fold, days)
        let certain: Int
        var possible: Int
        switch perDiem.days {
        case .access:
            certain = builder.coveredDays(month)
            possible = certain
        case .infusion:
            let use = CatheterWeeks([fold], through: last)
            var counts = (certain: 0, possible: 0)
            var day = days.lowerBound
            while day <= last {
                if !fold.plan.stays.coverWholly(day) {
                    if use.isUsed(day) {
                        counts.certain += 1
                    } else if fold.unread.touches(day) {
                        counts.possible += 1
                    }
                }
                day = day.adding(days: 1)
            }
            certain = counts.certain
            possible = certain + counts.possible
        }
        guard possible > 0 else { return nil }
        possible = max(possible, certain)
        return BillableLine(
            order: fold.plan.order.id, patient: fold.plan.patient.id, payer: builder.profile.profile,
            ruleSet: builder.profile.set(on: last), pump: month.pump, pumps: month.pumps,
            pumpHcpcs: month.pump.flatMap(builder.pumpCode), hcpcs: perDiem.code, mode: fold.plan.order.mode,
            opening: 0, delivered: 0, returned: 0, carried: 0, prepared: nil, used: nil, doses: nil, ceiling: certain,
            fewest: nil, supported: certain, excused: 0, review: 0, over: 0, avoidable: 0,
            unknown: CountRange(low: 0, high: possible - certain), payable: certain, basis: .used, holds: [],
            notes: [perDiem.days == .access ? "days of access to the therapy" : "days on which something was infused"],
            containers: [], rules: ["R10", "R11", "R13"].map { builder.profile.rule($0, on: last) })
    }
}
