import PumpCore
import Register

/// The line of a patient for weeks of catheter maintenance: on the order with deliveries of that code, else the first.
struct WeekLines {
    let builder: LineBuilder
    let folds: [OrderFold]
    let days: ClosedRange<CivilDate>

    /// Zero, one, or, where the code changed with the pump, more lines.
    func lines() -> [BillableLine] {
        var byCode: [String: [OrderFold]] = [:]
        for fold in folds {
            for code in codes(of: fold) { byCode[code, default: []].append(fold) }
        }
        return byCode.keys.sorted().compactMap { code in byCode[code].flatMap { line(code, $0) } }
    }

    private func codes(of fold: OrderFold) -> Set<String> {
        var found: Set<String> = []
        for day in builder.stretches.firstDays(in: days) {
            for serial in fold.pumps {
                guard let pump = builder.pumpCode(serial) else { continue }
                if let weekly = builder.rules.codes.weekly(pump: pump, on: day) { found.insert(weekly.code) }
            }
        }
        return found
    }

    private func line(_ code: String, _ folds: [OrderFold]) -> BillableLine? {
        let weeks = CatheterWeeks(folds, through: days.upperBound)
        let windows = weeks.windows(in: days)
        let isInForce = { (day: CivilDate) in pump(code, folds, on: day) != nil }
        let low = windows.low.filter(isInForce)
        let high = windows.high.filter(isInForce)
        let stock = WeekStock(code, folds, weeks: weeks, isInForce: isInForce)
        let delivered = stock.delivered.sum(in: days)
        guard !high.isEmpty || delivered != 0, let fold = owner(code, folds) else { return nil }
        let gates = LineGates(builder, fold.plan.order, code)
        // The order that bears the line first: its pump is asked before those of others.
        let ordered = [fold] + folds.filter { $0.plan.number != fold.plan.number }
        let units = low.map { ServiceUnit(day: $0, pump: pump(code, ordered, on: $0)) }
        let latest = high.last.flatMap { pump(code, ordered, on: $0) } ?? fold.plan.pump(atEndOf: days)
        let said = gates.statements(units.isEmpty ? [ServiceUnit(day: days.upperBound, pump: latest)] : units)
        let last = days.upperBound
        let prepared = stock.prepared(in: days)
        let supported = min(low.count, prepared)
        let unknown = max(0, min(high.count, prepared + stock.balance(through: last)) - supported)
        var line = BillableLine(
            order: fold.plan.order.id, patient: fold.plan.patient.id, payer: builder.profile.profile,
            ruleSet: builder.profile.set(on: last), pump: latest, pumps: fold.plan.pumps(in: days),
            pumpHcpcs: latest.flatMap(builder.pumpCode), hcpcs: code, mode: fold.plan.order.mode,
            opening: stock.carried(over: days.lowerBound.adding(days: -1)), delivered: delivered, returned: 0,
            carried: stock.carried(over: last), prepared: prepared, used: nil, doses: nil, ceiling: low.count,
            fewest: nil,
            supported: supported, excused: 0, review: 0, over: max(0, prepared - supported - unknown), avoidable: 0,
            unknown: CountRange(low: 0, high: unknown), payable: nil, basis: builder.profile.basis(of: code, on: last),
            holds: [], notes: said.notes, containers: [], rules: [])
        if stock.delivered.sum(through: last) == 0 {
            line.holds.append(
                Hold(
                    rule: "R9", reason: "no delivery of \(code) is on record for this patient", column: "quantity"
                ))
        }
        line.holds += said.holds
        line.payable = units.prefix(supported).filter(gates.passes).count
        if builder.isPayerUnknown {
            line.holds.append(Hold(rule: "R11", reason: "there are no rules for this payer", column: "payer"))
            line.payable = nil
        }
        if unknown > 0 { line.notes.append("unknown: \(high.count - low.count) weeks in unread time") }
        let catheters = folds.map(\.plan.order.catheters).max() ?? 1
        if catheters > 1 {
            line.notes.append(
                "R5: \(catheters) catheters; 1 a week is counted, whether more is paid is not stated anywhere")
        }
        var ids: Set<String> = ["R5", "R9", "R11"]
        ids.formUnion(line.holds.map(\.rule))
        line.rules = ids.sorted().map { builder.profile.rule($0, on: last) }
        return line
    }

    /// The pump whose weeks have the code on a day: one that was assigned then to an order that held, else, in the weeks
    /// after the last use, the newest one. Nil where the code is another's.
    private func pump(_ code: String, _ folds: [OrderFold], on day: CivilDate) -> String? {
        let span = WallSpan(day.dayNumber * Seconds.day, (day.dayNumber + 1) * Seconds.day)
        var serials: [String] = []
        var newest: (from: Int, pump: String)?
        for fold in folds {
            var now: String?
            for time in fold.plan.assignments {
                let held = time.span.clipped(to: fold.plan.span)
                if held.isEmpty { continue }
                if held.overlaps(span) { now = time.pump }
                if newest.map({ held.from < span.to && held.from >= $0.from }) ?? true {
                    newest = (held.from, time.pump)
                }
            }
            if let now { serials.append(now) }
        }
        if serials.isEmpty, let newest { serials = [newest.pump] }
        return serials.first { serial in
            builder.pumpCode(serial).flatMap { builder.rules.codes.weekly(pump: $0, on: day) }?.code == code
        }
    }

    private func owner(_ code: String, _ folds: [OrderFold]) -> OrderFold? {
        let delivered = folds.filter { $0.plan.deliveries.contains { $0.hcpcs == code } }
        let span = WallSpan(
            days.lowerBound.dayNumber * Seconds.day, days.upperBound.adding(days: 1).dayNumber * Seconds.day)
        return delivered.first { $0.plan.deliveries.contains { $0.hcpcs == code && days.contains($0.date) } }
            ?? delivered.first ?? folds.first { $0.plan.span.overlaps(span) } ?? folds.first
    }
}

/// Weeks' worth of supplies on the shelf: one goes with each window that counts.
struct WeekStock {
    let delivered: DatedSum
    private let weeks: CatheterWeeks
    private let isInForce: (CivilDate) -> Bool

    /// `isInForce`: whether the window that begins on a day is of this code.
    init(
        _ code: String, _ folds: [OrderFold], weeks: CatheterWeeks, isInForce: @escaping (CivilDate) -> Bool
    ) {
        delivered = DatedSum(
            folds.flatMap(\.plan.deliveries).filter { $0.hcpcs == code }.map { ($0.date, $0.quantity) })
        self.weeks = weeks
        self.isInForce = isInForce
    }

    func balance(through day: CivilDate) -> Int {
        guard let anchor = weeks.anchor, anchor <= day.dayNumber else { return max(0, delivered.sum(through: day)) }
        let gone = weeks.windows(in: CivilDate(dayNumber: anchor)...day).low
        return max(0, delivered.sum(through: day) - gone.filter(isInForce).count)
    }

    func carried(over day: CivilDate) -> Int { weeks.isOver(after: day) ? 0 : balance(through: day) }

    func prepared(in days: ClosedRange<CivilDate>) -> Int {
        max(
            0,
            carried(over: days.lowerBound.adding(days: -1)) + delivered.sum(in: days) - carried(over: days.upperBound))
    }
}
