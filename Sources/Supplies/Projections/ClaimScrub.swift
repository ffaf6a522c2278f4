import PumpCore
import Register

/// What is wrong with the billed lines of an order.
struct ClaimScrub {
    let fold: OrderFold
    let patient: PatientLines
    let index: RegisterIndex
    let period: ClosedRange<CivilDate>

    var builder: LineBuilder { patient.builder }
    var plan: OrderPlan { fold.plan }
    var codes: CodeTable { builder.rules.codes }

    /// The most that fits in the field of a claim line (A52507: four characters).
    static let mostUnits = 9_999

    func scrub(_ sheet: inout ScrubSheet) {
        let rows = index.billed(ofOrder: plan.order.id).filter { period.contains($0.from) }
        guard !rows.isEmpty else { return }
        for row in rows {
            pairing(row, &sheet)
            quantity(row, &sheet)
            dates(row, &sheet)
            modifier(row, &sheet)
            stay(row, &sheet)
            pumpLine(row, &sheet)
        }
        for code in Set(rows.map(\.hcpcs)).sorted() {
            let own = rows.filter { $0.hcpcs == code }
            delivered(code, own, &sheet)
            support(code, own, &sheet)
        }
        unlikely(rows, &sheet)
        doubleCode(rows, &sheet)
        claims(rows, &sheet)
        owned(rows, &sheet)
        unsigned(rows, &sheet)
    }

    func pump(on day: CivilDate) -> String? {
        plan.pump(before: day.adding(days: 1).dayNumber * Seconds.day).flatMap { index.pump($0)?.hcpcs }
    }

    // MARK: R4

    private func pairing(_ row: BilledLine, _ sheet: inout ScrubSheet) {
        let subject = ScrubSubject(row)
        if row.hcpcs == "A4220" {
            sheet.add(
                .error, "R4", subject, "A4220 is a refill kit for implantable pumps, which this policy does not cover",
                fix: "remove the line")
            return
        }
        if let limit = builder.profile.limit(.neverBilled, of: row.hcpcs, on: row.from) {
            sheet.add(
                .error, limit.rule, subject, "\(row.hcpcs) is never billed to this payer: \(limit.citation)",
                fix: "remove the line")
            return
        }
        if let included = codes.included(row.hcpcs, on: row.from) {
            sheet.add(
                .error, "R4", subject,
                "\(row.hcpcs) is a \(included.what): it is included in \(included.in) and has no line of its own",
                fix: "remove the line")
            return
        }
        guard let code = codes.code(row.hcpcs), code.counts != .pump, code.counts != .none else { return }
        guard let pump = pump(on: row.from) else {
            sheet.add(
                .error, "R4", subject, "no pump is assigned to the order on \(row.from)",
                fix: "enter the assignment, or remove the line")
            return
        }
        guard let pairing = codes.pairing(pump: pump, on: row.from), pairing.codes.contains(row.hcpcs) else {
            let allowed = codes.pairing(pump: pump, on: row.from)?.codes.joined(separator: ", ") ?? "none"
            sheet.add(
                .error, "R4", subject, "\(row.hcpcs) is not billed with \(pump): incorrect coding",
                fix: "with \(pump) bill one of \(allowed)")
            return
        }
    }

    private func doubleCode(_ rows: [BilledLine], _ sheet: inout ScrubSheet) {
        guard let bags = rows.first(where: { $0.hcpcs == "A4222" && $0.units > 0 }),
            rows.contains(where: { $0.hcpcs == "K0552" && $0.units > 0 })
        else { return }
        sheet.add(
            .error, "R4", ScrubSubject(bags),
            "A4222 and K0552 are billed for one order, whose container is one of the two",
            fix: "keep the code of \(plan.order.container.rawValue)")
    }

    private func owned(_ rows: [BilledLine], _ sheet: inout ScrubSheet) {
        guard let row = rows.first,
            let serial = plan.pump(before: row.from.adding(days: 1).dayNumber * Seconds.day),
            let pump = index.pump(serial), pump.ownership == .owned
        else { return }
        if let since = pump.ownedSince {
            sheet.add(
                .note, "R4", ScrubSubject(row), "the patient owns pump \(serial): the claim needs a narrative",
                fix: "BENEFICIARY OWNED \(pump.hcpcs) PURCHASED \(since)")
        } else {
            sheet.add(
                .error, "R4", ScrubSubject(row),
                "the patient owns pump \(serial): the claim needs a narrative with the date, and owned_since is empty",
                fix: "enter owned_since in pumps.csv")
        }
    }

    // MARK: R9

    private func delivered(_ code: String, _ rows: [BilledLine], _ sheet: inout ScrubSheet) {
        guard let known = codes.code(code), known.counts != .pump, known.counts != .none, let row = rows.first,
            let last = rows.map(\.to).max(), rows.contains(where: { $0.units > 0 })
        else { return }
        let through = max(period.upperBound, last)
        let delivered = plan.deliveries.filter { $0.hcpcs == code && $0.date <= through }.reduce(0) { $0 + $1.quantity }
        let billed = index.billed(ofOrder: plan.order.id)
            .filter { $0.hcpcs == code && $0.from <= period.upperBound }.reduce(0) { $0 + $1.units }
        guard billed > delivered else { return }
        sheet.add(
            .error, "R9", ScrubSubject(row), "\(billed) units are billed so far and \(delivered) were delivered",
            fix: "bill no more than was delivered, or enter the missing delivery")
    }

    private func quantity(_ row: BilledLine, _ sheet: inout ScrubSheet) {
        if row.units > Self.mostUnits {
            sheet.add(
                .error, "R9", ScrubSubject(row), "\(row.units) units do not fit into one line",
                fix: "split them into lines of at most \(Self.mostUnits)")
        }
    }

    private func dates(_ row: BilledLine, _ sheet: inout ScrubSheet) {
        guard let counts = codes.code(row.hcpcs)?.counts, counts != .pump, counts != .none else { return }
        let subject = ScrubSubject(row)
        if let signed = plan.order.signedOn, row.from < signed {
            sheet.add(
                .error, "R9", subject, "the date of service is before the order was signed on \(signed)",
                fix: "bill from the date of a delivery after the signature")
        }
        let delivered = plan.deliveries.filter { $0.hcpcs == row.hcpcs }
        if !delivered.contains(where: { $0.date <= row.from }) {
            let first = delivered.first.map { "; the first delivery was on \($0.date)" } ?? "; none is on record"
            sheet.add(
                .error, "R9", subject, "the date of service is before anything was delivered\(first)",
                fix: "the date of service is the date of delivery or shipping")
        }
    }

    private func unsigned(_ rows: [BilledLine], _ sheet: inout ScrubSheet) {
        guard let row = rows.first(where: { $0.units > 0 }), plan.order.signedOn == nil else { return }
        sheet.add(
            .warning, "R9", ScrubSubject(row), "no date of signature of the order is on record",
            fix: "enter signed_on in orders.csv")
    }

    /// Two claims for one span: what the log shows can stand behind one of them only.
    private func claims(_ rows: [BilledLine], _ sheet: inout ScrubSheet) {
        // The other claim may begin before the period.
        let all = index.billed(ofOrder: plan.order.id).enumerated().sorted {
            ($0.element.from, $0.offset) < ($1.element.from, $1.offset)
        }.map(\.element)
        for (place, row) in all.enumerated() where row.claim != nil && row.units > 0 && period.contains(row.from) {
            let twin = all[..<place].first { other in
                other.claim != nil && other.claim != row.claim && other.hcpcs == row.hcpcs && other.units > 0
                    && other.from <= row.to && row.from <= other.to
            }
            guard let twin, let shared = sharedContainers(row, twin), !shared.isEmpty else { continue }
            sheet.add(
                .error, "R9", ScrubSubject(row),
                "claim \(twin.claim ?? "") bills the same days: container \(shared[0])"
                    + (shared.count > 1 ? " and \(shared.count - 1) more" : "") + " would be in both claims",
                fix: "bill each container in one claim")
        }
    }

    /// Containers that two lines need both, because together they bill more than there are. Nil where none is counted.
    private func sharedContainers(_ a: BilledLine, _ b: BilledLine) -> [String]? {
        let days = min(a.from, b.from)...max(a.to, b.to)
        guard let line = builder.lines(fold, in: days, wantsRows: false).lines.first(where: { $0.hcpcs == a.hcpcs })
        else {
            return nil
        }
        guard a.units + b.units > line.supported ?? 0 else { return nil }
        let both = max(a.from, b.from)...min(a.to, b.to)
        let month = builder.month(fold, both)
        let ids = Array(month.ids(of: a.hcpcs))
        return ids.isEmpty ? nil : ids
    }

    // MARK: R7, R10

    private func modifier(_ row: BilledLine, _ sheet: inout ScrubSheet) {
        guard let gate = builder.profile.gate(.modifier, on: row.from) else { return }
        let known = TherapyOrder.Coverage.allCases.map { $0.rawValue.uppercased() }
        let given = Set(row.modifiers.map { $0.uppercased() })
        if given.isDisjoint(with: known) {
            sheet.add(
                .error, gate.rule, ScrubSubject(row), "the line has none of \(known.joined(separator: ", "))",
                fix: "add the modifier that the supplier stands for")
        } else if given.contains("KX"), plan.order.coverage != .kx {
            sheet.add(
                .warning, gate.rule, ScrubSubject(row), "the line says KX, and the order does not",
                fix: "enter coverage in orders.csv, or correct the modifier")
        }
    }

    private func stay(_ row: BilledLine, _ sheet: inout ScrubSheet) {
        guard let stay = plan.stays.inpatient(on: row.from) else { return }
        let since = CivilDateTime(wallSeconds: stay.span.from)
        sheet.add(
            .error, "R10", ScrubSubject(row), "the patient was in hospital on \(row.from), since \(since)",
            fix: "no billing before the day of discharge")
    }
}
