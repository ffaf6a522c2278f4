package import PumpCore

/// The register files that fit a scenario, so that a tester can run the whole month: columns as in the contract, ids
/// pseudonymous.
package struct RegisterFolder: Equatable, Sendable {
    package struct File: Equatable, Sendable {
        package let name: String
        package let text: String
    }

    package let files: [File]

    package init(
        scenario: Scenario, firstDay: CivilDate, truth: Truth, pump: String, model: String, until now: Instant
    ) {
        let clerk = Clerk(scenario: scenario, firstDay: firstDay, truth: truth, pump: pump, model: model, now: now)
        let deliveries = clerk.deliveries()
        files = [
            clerk.patients(), clerk.pumps(), clerk.orders(), clerk.assignments(), clerk.file(of: deliveries),
            clerk.counts(deliveries), clerk.billed(deliveries),
        ]
    }
}

private struct Clerk {
    let scenario: Scenario
    let firstDay: CivilDate
    let truth: Truth
    let pump: String
    let model: String
    let now: Instant

    private var entry: Scenario.RegisterEntry { scenario.register }
    private var today: CivilDate { scenario.zone.civil(now).date }

    func patients() -> RegisterFolder.File {
        file(
            "patients.csv",
            [["patient_id", "home_zone", "payer"], [entry.patient, scenario.zone.identifier, entry.payer]])
    }

    func pumps() -> RegisterFolder.File {
        let family = scenario.family.rawValue
        return file(
            "pumps.csv",
            [
                ["pump_serial", "driver", "model", "hcpcs", "ownership", "owned_since", "rented_since"],
                [pump, family, model, entry.pumpHcpcs, "rented", "", firstDay.adding(days: -1).description],
            ])
    }

    func assignments() -> RegisterFolder.File {
        // The pump is set up the evening before, a little earlier: its log begins before the assignment does.
        let from = CivilDateTime(firstDay).adding(seconds: Stage.setUpSecond + 1800)
        return file(
            "assignments.csv",
            [
                ["pump_serial", "channel", "order_id", "from", "to"],
                [pump, "1", entry.order, Self.minute(from), scenario.until?.description ?? ""],
            ])
    }

    func orders() -> RegisterFolder.File {
        var row: KeyedRow = [
            "order_id": entry.order, "patient_id": entry.patient, "drug": entry.drug, "drug_hcpcs": entry.drugHcpcs,
            "route": entry.route, "mode": entry.mode, "container": entry.container, "coverage": entry.coverage,
            "hang_limit_hours": entry.hangLimitHours.map(String.init) ?? "",
            "max_concentration_mg_per_ml": entry.maxConcentrationMgPerMl.map(Self.number) ?? "",
            "drug_mg_per_day": entry.drugMgPerDay.map(Self.number) ?? "",
            "ends_at": scenario.until?.description ?? "", "signed_on": firstDay.adding(days: -7).description,
        ]
        let first = CivilDateTime(firstDay)
        switch scenario.therapy {
        case .doses(let program):
            row["doses_per_container"] = String(program.dosesPerContainer)
            row["dose_hours"] = Self.number(Double(program.doseMinutes) / 60)
            row["usable_ml"] =
                Quantity.milliliters(thousandths: program.dose.thousandths * program.dosesPerContainer).number
            switch program.schedule {
            case .timesOfDay(let times):
                row["starts_at"] = firstDay.description
                row["dose_times"] = times.map { Self.clock($0) }.joined(separator: ";")
            case .everyHours(let hours, let second):
                row["starts_at"] = Self.minute(first.adding(seconds: second))
                row["dose_interval_hours"] = String(hours)
            }
        case .bags(let program):
            row["starts_at"] = Self.minute(first.adding(seconds: program.firstAt))
            row["usable_ml"] = program.usable.number
            row["change_interval_hours"] = program.changeEveryHours > 0 ? String(program.changeEveryHours) : ""
        case .insulin(let program):
            row["starts_at"] = Self.minute(first.adding(seconds: program.firstAt))
            row["usable_ml"] = Self.number(Double(program.reservoirUnits.upperBound) / 100)
            row["change_interval_hours"] = String(program.changeEveryHours)
        }
        return file("orders.csv", [Self.orderColumns, Self.orderColumns.map { row[$0] ?? "" }])
    }

    private typealias KeyedRow = [String: String]

    private static let orderColumns = [
        "order_id", "patient_id", "drug", "drug_hcpcs", "indication", "route", "mode", "starts_at", "ends_at",
        "dose_times", "dose_interval_hours", "dose_hours", "container", "doses_per_container", "usable_ml",
        "hang_limit_hours", "max_concentration_mg_per_ml", "drug_mg_per_day", "change_interval_hours", "catheters",
        "coverage", "signed_on", "prescriber_npi",
    ]

    // MARK: Deliveries

    struct Delivery {
        let number: Int
        let date: CivilDate
        let covers: Int
        let containers: Int
        let weeks: Int
        let remaining: Int
    }

    /// One delivery the day before each stretch of days that it is for, less what is still on the shelf.
    func deliveries() -> [Delivery] {
        var done: [Delivery] = []
        let days = max(1, entry.deliveryDays)
        var start = firstDay
        while start.adding(days: -1) <= today, scenario.until.map({ start <= $0 }) ?? true {
            let date = start.adding(days: -1)
            let delivered = done.reduce(0) { $0 + $1.containers }
            let onShelf = delivered - attached(through: date)
            // What the order plans, and what was really hung until the next delivery: nobody hangs what was not delivered.
            let hung = attached(through: start.adding(days: days - 1)) - attached(through: date)
            let need = max(needed(from: start, days: days), hung)
            done.append(
                Delivery(
                    number: done.count + 1, date: date, covers: days, containers: max(0, need - onShelf),
                    weeks: (days + 6) / 7, remaining: max(0, onShelf)))
            start = start.adding(days: days)
        }
        return done
    }

    private func attached(through day: CivilDate) -> Int {
        truth.containers.filter { scenario.zone.civil($0.firstFlowAt).date <= day }.count
    }

    /// Containers that the order plans to use in these days.
    private func needed(from start: CivilDate, days: Int) -> Int {
        func perHours(_ hours: Int) -> Int { (days * 24 + max(1, hours) - 1) / max(1, hours) }
        switch scenario.therapy {
        case .doses(let program):
            let doses: Int
            switch program.schedule {
            case .timesOfDay(let times): doses = times.count * days
            case .everyHours(let hours, let first):
                let whole = (start.dayNumber - firstDay.dayNumber) * 24
                let passed = { (hour: Int) in max(0, (hour * 3600 - first + hours * 3600 - 1) / (hours * 3600)) }
                doses = passed(whole + days * 24) - passed(whole)
            }
            return (doses + program.dosesPerContainer - 1) / program.dosesPerContainer
        case .bags(let program):
            let dailyDemand = program.demandsPerDay * program.demandDose.thousandths
            let daily = max(1, program.milliliterPerHour.thousandths * 24 + dailyDemand)
            let byVolume = (days * daily + program.usable.thousandths - 1) / max(1, program.usable.thousandths)
            return max(byVolume, program.changeEveryHours > 0 ? perHours(program.changeEveryHours) : 0)
        case .insulin(let program): return perHours(program.changeEveryHours)
        }
    }

    /// The supply code of a container, and of the weekly supplies beside it.
    private var codes: (container: String, weekly: String) {
        if entry.pumpHcpcs == "E0784" { return ("A4225", "A4224") }
        return (entry.container == "syringe" ? "K0552" : "A4222", "A4221")
    }

    func file(of deliveries: [Delivery]) -> RegisterFolder.File {
        var rows = [
            [
                "delivery_id", "order_id", "hcpcs", "date", "quantity", "lot", "tracking", "received_by",
                "contacted_on", "affirmed_by", "quantity_remaining",
            ]
        ]
        for delivery in deliveries {
            let date = delivery.date.description
            let contacted = delivery.date.adding(days: -5).description
            rows.append([
                "D-\(padded(delivery.number, 4))-1", entry.order, codes.container, date, String(delivery.containers),
                "SIM-\(padded(delivery.number, 4))", "", entry.patient, contacted, entry.patient,
                String(delivery.remaining),
            ])
            rows.append([
                "D-\(padded(delivery.number, 4))-2", entry.order, codes.weekly, date, String(delivery.weeks), "", "",
                entry.patient, contacted, entry.patient, "",
            ])
        }
        return file("deliveries.csv", rows)
    }

    /// The shelf, counted on the last day of each month that is over.
    func counts(_ deliveries: [Delivery]) -> RegisterFolder.File {
        var rows = [["order_id", "counted_on", "quantity", "by"]]
        var day = firstDay
        while day < today {
            let next = day.adding(days: 1)
            if next.month != day.month {
                let delivered = deliveries.filter { $0.date <= day }.reduce(0) { $0 + $1.containers }
                rows.append([entry.order, day.description, String(delivered - attached(through: day)), "RN-1"])
            }
            day = next
        }
        return file("counts.csv", rows)
    }

    func billed(_ deliveries: [Delivery]) -> RegisterFolder.File {
        var rows = [["order_id", "hcpcs", "from", "to", "units", "modifiers", "claim", "line"]]
        for delivery in deliveries {
            let to = delivery.date.adding(days: delivery.covers - 1).description
            let claim = "CLM-\(padded(delivery.number, 4))"
            for (line, (code, units)) in [(codes.container, delivery.containers), (codes.weekly, delivery.weeks)]
                .enumerated()
            {
                rows.append([
                    entry.order, code, delivery.date.description, to, String(units), entry.coverage.uppercased(),
                    claim, String(line + 1),
                ])
            }
        }
        return file("billed.csv", rows)
    }

    // MARK: Text

    private func file(_ name: String, _ rows: [[String]]) -> RegisterFolder.File {
        RegisterFolder.File(
            name: name, text: rows.map { $0.map(Self.quoted).joined(separator: ",") + "\n" }.joined())
    }

    /// RFC 4180.
    private static func quoted(_ text: String) -> String {
        text.contains(where: { $0 == "," || $0 == "\"" || $0.isNewline })
            ? "\"" + text.replacing("\"", with: "\"\"") + "\"" : text
    }

    private static func clock(_ second: Int) -> String { padded(second / 3600, 2) + ":" + padded(second / 60 % 60, 2) }

    /// `YYYY-MM-DDTHH:MM`.
    private static func minute(_ time: CivilDateTime) -> String { String(time.description.dropLast(3)) }

    private static func number(_ value: Double) -> String { Quantity(value, .milliliters)?.number ?? "" }
}
