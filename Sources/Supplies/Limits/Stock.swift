import PumpCore
import Register

/// What lay on the patient's shelf, by the end of any day.
///
/// A container leaves it on the day to which it is counted: the day of its dose or hang, also where it was excused. So
/// the stock at the end of one period is that at the beginning of the next, whatever the periods are.
struct Stock {
    private let plan: OrderPlan
    private let delivered: DatedSum
    private let returned: DatedSum
    private let gone: DatedSum

    init(_ plan: OrderPlan, countedCodes: Set<String>, containers: [FoldedContainer], unused: Unused) {
        self.plan = plan
        delivered = DatedSum(
            plan.deliveries.filter { countedCodes.contains($0.hcpcs) }.map { ($0.date, $0.quantity) })
        returned = DatedSum(unused.returned.map { ($0.day, $0.quantity) })
        var moves: [(CivilDate, Int)] = []
        moves.reserveCapacity(containers.count)
        for index in containers.indices where containers[index].hasFlow && !containers[index].isBeforeLog {
            moves.append((containers[index].day, 1))
        }
        moves += unused.excused.map { ($0.day, 1) }
        moves += (unused.review + unused.unsupported).map { ($0.day, $0.quantity) }
        gone = DatedSum(moves)
    }

    /// Delivered in `days`.
    func delivered(in days: ClosedRange<CivilDate>) -> Int { delivered.sum(in: days) }
    func returned(in days: ClosedRange<CivilDate>) -> Int { returned.sum(in: days) }
    func delivered(through day: CivilDate) -> Int { delivered.sum(through: day) }

    /// Delivered less everything that is gone; below 0 where more is gone than was ever delivered.
    func balance(through day: CivilDate) -> Int {
        delivered.sum(through: day) - returned.sum(through: day) - gone.sum(through: day)
    }

    /// Carried forward over the end of `day`: on hand, at most one container for each ordered slot still to come, 0 once
    /// the order has ended.
    func carried(over day: CivilDate) -> Int {
        let next = day.adding(days: 1).dayNumber * Seconds.day
        guard plan.span.to > next else { return 0 }
        let onHand = max(0, balance(through: day))
        guard plan.hasDoses, let toCome = plan.slots?.count(from: next) else { return onHand }
        return min(onHand, toCome)
    }

    func prepared(in days: ClosedRange<CivilDate>) -> Int {
        let opening = carried(over: days.lowerBound.adding(days: -1))
        let moved = delivered(in: days) - returned(in: days)
        return max(0, opening + moved - carried(over: days.upperBound))
    }
}

/// Quantities by day, summed up to any of them.
struct DatedSum {
    private var days: [Int] = []
    private var sums: [Int] = []

    init(_ entries: [(CivilDate, Int)]) {
        for (day, quantity) in entries.sorted(by: { $0.0 < $1.0 }) {
            let sum = (sums.last ?? 0) + quantity
            if days.last == day.dayNumber, !sums.isEmpty {
                sums[sums.count - 1] = sum
            } else {
                days.append(day.dayNumber)
                sums.append(sum)
            }
        }
    }

    func sum(through day: CivilDate) -> Int {
        let place = days.partition(from: day.dayNumber + 1)
        return place > 0 ? sums[place - 1] : 0
    }

    func sum(in range: ClosedRange<CivilDate>) -> Int {
        sum(through: range.upperBound) - sum(through: range.lowerBound.adding(days: -1))
    }
}
