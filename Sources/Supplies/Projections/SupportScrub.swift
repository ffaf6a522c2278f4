import PumpCore
import Register

/// Billed units against what the rules support, and what the payer allows of it.
extension ClaimScrub {
    /// `rows`: those of one code, that begin in the period.
    func support(_ code: String, _ rows: [BilledLine], _ sheet: inout ScrubSheet) {
        guard let last = rows.map(\.to).max(), let row = rows.first else { return }
        let units = rows.reduce(0) { $0 + $1.units }
        // Weeks are one line a patient: see WeekScrub.
        guard units > 0, codes.code(code)?.counts != .week else { return }
        let days = period.lowerBound...max(period.upperBound, last)
        guard let line = patient.lines(in: days).first(where: { $0.hcpcs == code && $0.order == plan.order.id }) else {
            return
        }
        let subject = ScrubSubject(row)
        guard let supported = line.supported else {
            unassessed(line, units, subject, &sheet)
            return
        }
        let rule = code == builder.profile.perDiem?.code ? "R13" : plan.order.mode == .continuous ? "R3" : "R2"
        sheet.over(units, supported, line, rule, subject)
        allowed(line, min(units, supported), rows, subject, &sheet)
        guard line.used != nil else { return }
        idle(line, subject, &sheet)
        visits(line, units, rule, subject, &sheet)
    }

    /// Billed, although an input is missing without which nobody can say what is supported.
    private func unassessed(_ line: BillableLine, _ units: Int, _ subject: ScrubSubject, _ sheet: inout ScrubSheet) {
        guard let hold = line.holds.first(where: { $0.rule == "R2" || $0.rule == "R3" }) else { return }
        let columns = line.holds.filter { $0.rule == hold.rule }.compactMap(\.column)
        sheet.add(
            .warning, hold.rule, subject, "\(units) units are billed, and what is supported cannot be assessed",
            fix: "enter \(columns.joined(separator: ", ")) in orders.csv")
    }

    /// What the policy (R6) or the payer (R13) does not pay although it is supported. Lines that say GA or GZ say so.
    private func allowed(
        _ line: BillableLine, _ units: Int, _ rows: [BilledLine], _ subject: ScrubSubject, _ sheet: inout ScrubSheet
    ) {
        let said = Set(rows.flatMap(\.modifiers).map { $0.uppercased() })
        guard let payable = line.payable, units > payable, said.isDisjoint(with: ["GA", "GZ"]) else { return }
        for hold in line.holds where hold.rule == "R6" || hold.rule == "R13" {
            sheet.add(
                .error, hold.rule, subject, "\(units) units are billed and \(payable) are payable: \(hold.reason)",
                fix: hold.rule == "R6"
                    ? "bill with GA and a signed notice, or GZ, or not at all" : "bill \(payable)")
        }
    }

    private func idle(_ line: BillableLine, _ subject: ScrubSubject, _ sheet: inout ScrubSheet) {
        guard line.used == 0, line.excused == 0, line.unknown.isZero, line.pump != nil else { return }
        sheet.add(
            .error, "R9", subject, "the pump was idle: its log shows no container used in the days billed",
            fix: "stop billing what is no longer used")
    }

    /// As many units as the pump was read: somebody counted visits.
    private func visits(
        _ line: BillableLine, _ units: Int, _ rule: String, _ subject: ScrubSubject, _ sheet: inout ScrubSheet
    ) {
        guard units != line.supported, units != line.used, units > 0 else { return }
        var days: Set<CivilDate> = []
        for serial in fold.pumps {
            guard let reading = fold.readings[serial] else { continue }
            days.formUnion(reading.readDays(zone: plan.zone).filter(period.contains))
        }
        guard days.count == units else { return }
        sheet.add(
            .warning, rule, subject,
            "\(units) units are billed: as many as days on which the pump was read, and "
                + "\(line.used ?? 0) containers were used",
            fix: "count containers, not visits")
    }

    // MARK: The pump's own line

    /// A rental line: of the pump that is assigned, and while it is used (A55426: what is no longer used is not billed).
    func pumpLine(_ row: BilledLine, _ sheet: inout ScrubSheet) {
        guard codes.code(row.hcpcs)?.counts == .pump, row.units > 0 else { return }
        let subject = ScrubSubject(row)
        guard let pump = pump(on: row.from) else {
            sheet.add(
                .error, "R4", subject, "no pump is assigned to the order on \(row.from)",
                fix: "enter the assignment, or remove the line")
            return
        }
        if pump != row.hcpcs {
            sheet.add(
                .error, "R4", subject, "\(row.hcpcs) is billed, and the pump assigned is \(pump)",
                fix: "bill \(pump), or correct the assignment")
            return
        }
        let days = row.from < row.to ? row.from...row.to : min(row.from, period.lowerBound)...period.upperBound
        let lines = builder.lines(fold, in: days, wantsRows: false).lines
        let isIdle = lines.allSatisfy { $0.used ?? 0 == 0 && $0.excused == 0 && $0.unknown.isZero }
        guard !lines.isEmpty, isIdle, !plan.order.isWithoutContainers else { return }
        sheet.add(
            .error, "R9", subject, "the pump was idle: its log shows no container used in the days billed",
            fix: "stop billing what is no longer used")
    }

    // MARK: CMS's own table of unlikely units, where the user has it

    /// Units over what CMS takes on a line, or on a day from all lines of the patient.
    func unlikely(_ rows: [BilledLine], _ sheet: inout ScrubSheet) {
        guard builder.profile.cmsTables == true else { return }
        var stated: Set<String> = []
        for row in rows {
            guard let (limit, table) = builder.rules.unitLimit(row.hcpcs, on: row.from) else { continue }
            let isLine = limit.adjudication == .line
            let units = isLine ? row.units : unitsOfDay(row)
            guard units > limit.units, isLine || stated.insert("\(row.hcpcs) \(row.from)").inserted else { continue }
            sheet.add(
                .warning, "R9", ScrubSubject(row),
                "\(units) units on \(isLine ? "a line" : "one date of service"), and CMS takes \(limit.units) "
                    + "(\(limit.rationale.isEmpty ? "no rationale given" : limit.rationale); \(table.file), line "
                    + "\(limit.line), in force from \(table.from))",
                fix: "check the units; beyond the limit the line is denied")
        }
    }

    private func unitsOfDay(_ row: BilledLine) -> Int {
        index.plans(of: plan.patient.id).flatMap { index.billed(ofOrder: $0.order.id) }
            .filter { $0.hcpcs == row.hcpcs && $0.from == row.from }.reduce(0) { $0 + $1.units }
    }
}

/// Weeks of catheter maintenance that a patient's orders bill, against the windows of rule R5.
struct WeekScrub {
    let patient: PatientLines
    let index: RegisterIndex
    let period: ClosedRange<CivilDate>

    /// Findings go to the order that bills first.
    func scrub(_ sheets: inout [ScrubSheet]) {
        let codes = patient.builder.rules.codes
        let rows = patient.folds.flatMap { index.billed(ofOrder: $0.plan.order.id) }
            .filter { period.contains($0.from) && $0.units > 0 && codes.code($0.hcpcs)?.counts == .week }
        for code in Set(rows.map(\.hcpcs)).sorted() {
            let own = rows.filter { $0.hcpcs == code }
            guard let row = own.first, let last = own.map(\.to).max(),
                let sheet = sheets.firstIndex(where: { $0.plan.order.id == row.order })
            else { continue }
            let days = period.lowerBound...max(period.upperBound, last)
            let lines = patient.lines(in: days)
            // Where the code goes with no pump of the patient, the pairing says so already.
            guard let line = lines.first(where: { $0.hcpcs == code }), let supported = line.supported else { continue }
            sheets[sheet].over(own.reduce(0) { $0 + $1.units }, supported, line, "R5", ScrubSubject(row))
        }
    }
}

extension ScrubSheet {
    /// More is billed than supported: an error, or, inside what the log leaves open, a warning.
    mutating func over(_ units: Int, _ supported: Int, _ line: BillableLine, _ rule: String, _ subject: ScrubSubject) {
        if units > supported + line.unknown.high {
            add(
                .error, rule, subject,
                "\(units) units are billed and \(supported) are supported"
                    + (line.review > 0 ? "; \(line.review) more are to be reviewed" : ""),
                fix: "bill \(supported), or settle what is to be reviewed")
        } else if units > supported {
            add(
                .warning, rule, subject,
                "\(units) units are billed and \(supported) are supported; the log leaves \(line.unknown.high) open",
                fix: "read the pump, or bill \(supported)")
        }
    }
}

extension TherapyOrder {
    /// A drug in its own cartridge, or a pump that is the container: the log of use says nothing of them.
    fileprivate var isWithoutContainers: Bool { container == .prefilledSyringe || container == .elastomeric }
}
