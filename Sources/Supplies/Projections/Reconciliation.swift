import PumpCore
import Register
package import Timeline

/// What a group of patients' logs give, made once and asked many things.
struct PatientFolds {
    let patient: Patient
    let builder: LineBuilder
    let folds: [OrderFold]
}

extension MonthCount {
    /// The orders of a group's patients, folded as far as `horizon`.
    func patientFolds(_ group: PatientGroup, _ timelines: [PumpTimeline], horizon: CivilDate) -> [PatientFolds] {
        var readings: [String: PumpReading] = [:]
        for timeline in timelines { readings[timeline.pump.serial] = PumpReading(timeline, index: index) }
        return group.patients.compactMap { id in
            guard let patient = index.patient(id) else { return nil }
            let folds = folds(of: patient, readings, horizon: horizon)
            return folds.isEmpty ? nil : PatientFolds(patient: patient, builder: builder(of: patient), folds: folds)
        }
    }

    /// The codes that stand for containers.
    var containerCodes: Set<String> {
        Set(rules.codes.codes.filter { $0.counts == .container || $0.counts == .syringe }.map(\.code))
    }

    /// All patients and all pumps at once.
    package func reconciliation(_ timelines: [PumpTimeline]) -> [ReconcileLine] {
        let bySerial = Dictionary(timelines.map { ($0.pump.serial, $0) }, uniquingKeysWith: { first, _ in first })
        return index.groups().flatMap { group in
            reconciliation(of: group, timelines: group.pumps.compactMap { bySerial[$0] })
        }
    }

    /// Moves are booked on their own days (contract, Counting 24).
    package func reconciliation(of group: PatientGroup, timelines: [PumpTimeline]) -> [ReconcileLine] {
        patientFolds(group, timelines, horizon: period.upperBound).flatMap { entry -> [ReconcileLine] in
            let lines =
                entry.folds.flatMap { entry.builder.lines($0, in: period, wantsRows: false).lines }
                + WeekLines(builder: entry.builder, folds: entry.folds, days: period).lines()
                + entry.folds.compactMap { PerDiemLines(builder: entry.builder).line($0, in: period) }
            return entry.folds.flatMap { fold in reconcile(fold, lines.filter { $0.order == fold.plan.order.id }) }
        }
    }

    private func reconcile(_ fold: OrderFold, _ lines: [BillableLine]) -> [ReconcileLine] {
        let order = fold.plan.order.id
        let billed = index.billed(ofOrder: order).filter { period.contains($0.from) }
        let main = lines.first { $0.used != nil }
        var found: [ReconcileLine] = []
        if let main { found.append(containers(fold, main, lines, billed)) }
        for line in lines where line.used == nil {
            found.append(rules.codes.code(line.hcpcs)?.counts == .week ? weeks(line, billed) : days(line, billed))
        }
        // What was billed under a supply code that nothing stands for. Pumps and drugs are no supplies.
        for code in Set(billed.map(\.hcpcs)).sorted()
        where !lines.contains(where: { $0.hcpcs == code }) && isSupply(code) {
            let units = billed.filter { $0.hcpcs == code }.reduce(0) { $0 + $1.units }
            var line = ReconcileLine(
                order: order, patient: fold.plan.patient.id, hcpcs: code, opening: 0, delivered: 0, used: 0,
                attested: 0,
                wasted: 0, returned: 0, lost: 0, expected: 0, counted: nil, countedOn: nil, variance: nil,
                billed: units, billedMinusSupported: units, status: .review, isOnShelf: false,
                notes: ["billed, and nothing of this code is counted"])
            line.delivered = fold.plan.deliveries.filter { $0.hcpcs == code && period.contains($0.date) }
                .reduce(0) { $0 + $1.quantity }
            found.append(line)
        }
        return found
    }

    private func containers(
        _ fold: OrderFold, _ main: BillableLine, _ lines: [BillableLine], _ billed: [BilledLine]
    ) -> ReconcileLine {
        let order = main.order
        let stock = PhysicalStock(fold, countedCodes: containerCodes)
        let count = index.counts(ofOrder: order).last { period.contains($0.countedOn) }
        let variance = count.map { $0.quantity - stock.balance(through: $0.countedOn) }
        let codes = Set(lines.filter { $0.used != nil }.map(\.hcpcs))
        let units = billed.filter { codes.contains($0.hcpcs) }.reduce(0) { $0 + $1.units }
        let own = lines.filter { $0.used != nil }
        let supported = own.reduce(Int?.some(0)) { sum, line in
            sum.flatMap { sum in line.supported.map { sum + $0 } }
        }
        var notes: [String] = []
        if let variance, variance != 0 { notes.append("counted and expected differ by \(variance)") }
        let difference = supported.map { units - $0 }
        if let difference, difference > 0 { notes.append("\(difference) billed beyond support") }
        let review = own.reduce(0) { $0 + $1.review }
        if review > 0 { notes.append("\(review) to be reviewed") }
        let unknown = own.reduce(0) { $0 + $1.unknown.high }
        if unknown > 0 { notes.append("up to \(unknown) more may have been used in unread time") }
        if supported == nil { notes.append("support cannot be assessed") }
        let opening = stock.balance(through: period.lowerBound.adding(days: -1))
        return ReconcileLine(
            order: order, patient: main.patient, hcpcs: main.hcpcs, opening: opening,
            delivered: stock.delivered.sum(in: period), used: stock.used.sum(in: period),
            attested: stock.attested.sum(in: period), wasted: stock.wasted.sum(in: period),
            returned: stock.returned.sum(in: period), lost: stock.lost.sum(in: period),
            expected: stock.balance(through: period.upperBound), counted: count?.quantity, countedOn: count?.countedOn,
            variance: variance, billed: units, billedMinusSupported: difference,
            status: count == nil ? .notCounted : notes.isEmpty ? .fine : .review, isOnShelf: true, notes: notes)
    }

    /// Weeks lie on no shelf that anybody counts; what was delivered and what the windows took is all there is.
    private func weeks(_ line: BillableLine, _ billed: [BilledLine]) -> ReconcileLine {
        let units = billed.filter { $0.hcpcs == line.hcpcs }.reduce(0) { $0 + $1.units }
        let used = line.supported ?? 0
        return ReconcileLine(
            order: line.order, patient: line.patient, hcpcs: line.hcpcs, opening: line.opening,
            delivered: line.delivered,
            used: used, attested: 0, wasted: 0, returned: 0, lost: 0, expected: line.opening + line.delivered - used,
            counted: nil, countedOn: nil, variance: nil, billed: units, billedMinusSupported: units - used,
            status: .notCounted, isOnShelf: false,
            notes: units > used ? ["\(units - used) billed beyond support"] : [])
    }

    /// Days of a per diem are no stock at all: only what was billed is held against what is supported.
    private func days(_ line: BillableLine, _ billed: [BilledLine]) -> ReconcileLine {
        let units = billed.filter { $0.hcpcs == line.hcpcs }.reduce(0) { $0 + $1.units }
        let difference = line.supported.map { units - $0 }
        return ReconcileLine(
            order: line.order, patient: line.patient, hcpcs: line.hcpcs, opening: 0, delivered: 0, used: 0, attested: 0,
            wasted: 0, returned: 0, lost: 0, expected: 0, counted: nil, countedOn: nil, variance: nil, billed: units,
            billedMinusSupported: difference, status: .notCounted, isOnShelf: false,
            notes: difference.map { $0 > 0 ? ["\($0) billed beyond support"] : [] } ?? [])
    }

    /// Whether a claim line is one of supplies. A code that no table names is not known to be one.
    private func isSupply(_ code: String) -> Bool {
        rules.codes.code(code).map { $0.counts != .pump } ?? (rules.codes.included(code, on: period.upperBound) != nil)
    }
}
