import PumpCore
import Register

/// Makes the lines of one order in one period.
struct LineBuilder {
    let rules: RuleBook
    let profile: PayerProfile
    /// True where no file of rules has the patient's payer.
    let isPayerUnknown: Bool
    let index: RegisterIndex
    let stretches: RuleStretches

    init(rules: RuleBook, profile: PayerProfile, isPayerUnknown: Bool, index: RegisterIndex) {
        self.rules = rules
        self.profile = profile
        self.isPayerUnknown = isPayerUnknown
        self.index = index
        stretches = rules.stretches[profile.profile] ?? RuleStretches(rules.codes, rules.drugs, profile)
    }

    func pumpCode(_ serial: String) -> String? { index.pump(serial)?.hcpcs }

    func month(_ fold: OrderFold, _ days: ClosedRange<CivilDate>) -> OrderMonth {
        OrderMonth(fold, in: days, codes: rules.codes) { [index] in index.pump($0)?.hcpcs }
    }

    struct Result {
        var lines: [BillableLine]
        var rows: [ContainerUse]
    }

    func lines(_ fold: OrderFold, in days: ClosedRange<CivilDate>, wantsRows: Bool) -> Result {
        let month = month(fold, days)
        guard month.isActive else { return Result(lines: [], rows: []) }
        let shares = CodeShares(month)
        var judged: [String: OrderMonth.Counts] = [:]
        var lines: [BillableLine] = []
        let codes = month.lineCodes(shares)
        let stock = StockShares(month, shares, codes: codes)
        for code in codes {
            let gates = LineGates(self, fold.plan.order, code)
            let counts = month.counts(of: code, shares, stock, isUncoveredMixture: gates.isUncoveredMixture)
            judged[code] = counts
            lines.append(line(month, code, counts, gates, shares, stock[code]))
        }
        return Result(lines: lines, rows: wantsRows ? month.rows(judged) : [])
    }

    private func line(
        _ month: OrderMonth, _ code: String, _ counts: OrderMonth.Counts, _ gates: LineGates, _ shares: CodeShares,
        _ stock: StockShares.Share
    ) -> BillableLine {
        let plan = month.fold.plan
        let last = month.days.upperBound
        let pump = month.pump(of: code, shares)
        var line = BillableLine(
            order: plan.order.id, patient: plan.patient.id, payer: profile.profile, ruleSet: profile.set(on: last),
            pump: pump, pumps: month.pumps, pumpHcpcs: pump.flatMap(pumpCode), hcpcs: code,
            mode: plan.order.mode, opening: stock.opening, delivered: stock.delivered, returned: stock.returned,
            carried: stock.carried, prepared: counts.prepared, used: counts.used, doses: counts.doses,
            ceiling: counts.ceiling, fewest: counts.fewest, supported: counts.supported, excused: counts.excused,
            review: counts.review, over: counts.over, avoidable: counts.avoidable, unknown: counts.unknown,
            payable: nil,
            basis: profile.basis(of: code, on: last), holds: counts.holds, notes: notes(month, code, pump),
            containers: month.ids(of: code), rules: [])
        let judged = (counts.units + counts.uncovered).sorted { $0.day < $1.day }
        let said = gates.statements(judged.isEmpty ? [whole(month, code, pump, shares)] : judged)
        line.holds += said.holds
        line.notes += said.notes
        if let supported = counts.supported {
            let byBasis = line.basis == .prepared ? supported : min(supported, counts.used)
            line.payable = counts.units.prefix(byBasis).filter(gates.passes).count
            limit(&line, month, code, shares, counts.units.prefix(byBasis).filter(gates.passes))
        }
        if isPayerUnknown {
            line.holds.append(
                Hold(rule: "R11", reason: "there are no rules for the payer \(profile.profile)", column: "payer"))
            line.payable = nil
        }
        if let unpaid = rules.codes.unpaid(container: plan.order.container.rawValue, on: last) {
            nothing(&line, unpaid)
        }
        line.rules = ruleIDs(line, month).map { profile.rule($0, on: last) }
        return line
    }

    /// A line without units is judged as a whole: with its pump, on the last day on which its code and its order hold.
    private func whole(_ month: OrderMonth, _ code: String, _ pump: String?, _ shares: CodeShares) -> ServiceUnit {
        let plan = month.fold.plan
        var day = min(month.days.upperBound, plan.lastDay ?? month.days.upperBound)
        if let stretch = shares.last(code) { day = min(day, CivilDateTime(wallSeconds: stretch.span.to - 1).date) }
        return ServiceUnit(day: max(day, month.days.lowerBound), pump: pump)
    }

    /// Containers for which nothing is paid: the line says so.
    private func nothing(_ line: inout BillableLine, _ unpaid: CodeTable.Unpaid) {
        (line.prepared, line.supported, line.over, line.payable) = (0, 0, 0, 0)
        (line.excused, line.review, line.avoidable, line.unknown) = (0, 0, 0, CountRange())
        line.holds = [Hold(rule: "R4", reason: unpaid.why, column: "container")]
    }

    /// One unit for each so many covered days. Only days and units count on which the limit is in force, and only days
    /// on which the line's own code holds.
    private func limit(
        _ line: inout BillableLine, _ month: OrderMonth, _ code: String, _ shares: CodeShares, _ units: [ServiceUnit]
    ) {
        guard let limit = profile.limit(.oneEachDays, of: code, on: month.days.upperBound), let each = limit.days else {
            return
        }
        let days = coveredDays(month) { limit.isInForce(on: $0) && shares.code(on: $0) == code }
        let most = (days + each - 1) / each
        let limited = units.filter { limit.isInForce(on: $0.day) }.count
        guard limited > most else { return }
        line.payable = units.count - limited + most
        line.holds.append(
            Hold(
                rule: limit.rule,
                reason: "\(days) covered days allow \(most), one each \(each) days: \(limit.citation)"))
    }

    /// Days of the period on which the order held and the patient was at home.
    func coveredDays(_ month: OrderMonth, where counts: (CivilDate) -> Bool = { _ in true }) -> Int {
        let plan = month.fold.plan
        var day = max(month.days.lowerBound, plan.firstDay)
        let last = min(month.days.upperBound, plan.lastDay ?? month.days.upperBound)
        var count = 0
        while day <= last {
            if !plan.stays.coverWholly(day), counts(day) { count += 1 }
            day = day.adding(days: 1)
        }
        return count
    }

    private func notes(_ month: OrderMonth, _ code: String, _ pump: String?) -> [String] {
        var notes: [String] = []
        var groups: [UnreadTime.Interval: Int] = [:]
        for unknown in month.unknown { groups[unknown.why, default: 0] += 1 }
        let what = month.fold.plan.hasDoses ? "ordered slots" : "hang times"
        for (interval, count) in groups.sorted(by: { $0.key.span < $1.key.span }) {
            notes.append(
                "unknown: \(count) \(what) in unread time of pump \(interval.pump), \(interval.reason), "
                    + Self.text(interval.span))
        }
        let doubtful = month.containers.filter { $0.isUsed && $0.isDoubtful }.count
        if doubtful > 0 {
            notes.append("unknown: \(doubtful) containers that are new or the same one as before, see review")
        }
        for row in month.fold.unused.withoutStay {
            let disposition = month.fold.plan.dispositions[row]
            guard month.days.contains(disposition.date) else { continue }
            notes.append(
                "R8: \(disposition.quantity) disposed of for an emergency admission on \(disposition.date), and no "
                    + "emergency stay is on record")
        }
        if !month.fold.plan.hasDoses || month.fold.plan.order.mode == .prolongedDose,
            isSyringeWithoutLife(month, code, pump)
        {
            notes.append(
                "the fewest syringes are not known: \(month.fold.plan.life.missing.joined(separator: ", ")) missing")
        }
        return notes
    }

    private func isSyringeWithoutLife(_ month: OrderMonth, _ code: String, _ pump: String?) -> Bool {
        month.isSyringe(code) && month.fold.plan.life.seconds == nil && pump.flatMap(pumpCode) != PumpCode.insulin
    }

    private static func text(_ span: WallSpan) -> String {
        let from = span.from == Int.min ? "the beginning" : CivilDateTime(wallSeconds: span.from).description
        let to = span.to == Int.max ? "still" : CivilDateTime(wallSeconds: span.to).description
        return "\(from) to \(to)"
    }

    private func ruleIDs(_ line: BillableLine, _ month: OrderMonth) -> [String] {
        var ids: Set<String> = ["R1", "R4", "R9", "R11"]
        switch line.mode {
        case .intermittent: ids.insert("R2")
        case .prolongedDose: ids.formUnion(["R2", "R3"])
        case .continuous: ids.insert("R3")
        }
        if line.excused > 0 || !month.fold.plan.dispositions.isEmpty { ids.insert("R8") }
        if month.containers.contains(where: \.isInStay) || !month.fold.plan.stays.entries.isEmpty { ids.insert("R10") }
        ids.formUnion(line.holds.map(\.rule))
        if line.notes.contains(where: { $0.hasPrefix("R6") }) { ids.insert("R6") }
        return ids.sorted { (Int($0.dropFirst()) ?? 0) < (Int($1.dropFirst()) ?? 0) }
    }
}
