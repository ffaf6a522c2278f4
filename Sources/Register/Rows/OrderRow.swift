import PumpCore

enum OrderColumns {
    static let id = Column.id("order_id", .filled, "Id of the prescription; a change of rate or dose is a new one.")
    static let patient = Column.id("patient_id", .filled, "The patient, as in patients.csv.")
    static let drug = Column.text("drug", .filled, "Name of the drug, or of both drugs in one container.")
    static let drugHcpcs = Column.hcpcsList(
        "drug_hcpcs", "Code of the drug; of two drugs in one container both, separated by a semicolon.")
    static let indication = Column.text("indication", .mayBeEmpty, "What the drug is given for.")
    static let route = Column.text("route", .mayBeEmpty, "Route of administration.")
    static let mode = Column<TherapyOrder.Mode>.choice(
        "mode", .filled, "How the drug is given, as the order says it; it is never inferred from the pump.")
    static let starts = Column.time("starts_at", .filled, "Begin of the order; a bare day begins at 00:00.")
    static let ends = Column.time(
        "ends_at", .mayBeEmpty, "End of the order; a bare day is covered whole, a time is the first moment after it.")
    static let doseTimes = Column.timesOfDay(
        "dose_times", "Times of the doses of a day, ascending, separated by semicolons: 06:00;18:00.")
    static let doseIntervalHours = Column.decimal(
        "dose_interval_hours", .hours, "Hours between doses by the wall clock, from starts_at on; not with dose_times.")
    static let doseHours = Column.decimal("dose_hours", .hours, "Hours that one dose takes.")
    static let container = Column<TherapyOrder.Container>.choice(
        "container", .filled, "What the drug is prepared in.")
    static let dosesPerContainer = Column.wholeNumber(
        "doses_per_container", .mayBeEmpty, in: 1...10_000, "Doses prepared in one container; empty means 1.")
    static let usableMilliliters = Column.decimal(
        "usable_ml", .milliliters, "Milliliters that the container can give.")
    static let hangLimitHours = Column.decimal(
        "hang_limit_hours", .hours, "Hours that a container may hang, by stability and sterility.")
    static let maxConcentration = Column.decimal(
        "max_concentration_mg_per_ml", .milligrams, "Highest concentration that the pharmacist prepares.")
    static let drugMgPerDay = Column.decimal("drug_mg_per_day", .milligrams, "Milligrams of drug a day.")
    static let changeIntervalHours = Column.decimal(
        "change_interval_hours", .hours, "Hours between changes of the container; empty means 24.")
    static let catheters = Column.wholeNumber(
        "catheters", .mayBeEmpty, in: 1...100, "Catheters that are maintained; empty means 1.")
    static let coverage = Column<TherapyOrder.Coverage>.choice(
        "coverage", .mayBeEmpty, "Modifier that the supplier stands for.")
    static let signedOn = Column.date("signed_on", .mayBeEmpty, "Day on which the prescriber signed.")
    static let prescriberNPI = Column.npi("prescriber_npi", "NPI of the prescriber: ten digits with their check digit.")

    static let all = [
        id.description, patient.description, drug.description, drugHcpcs.description, indication.description,
        route.description, mode.description, starts.description, ends.description, doseTimes.description,
        doseIntervalHours.description, doseHours.description, container.description, dosesPerContainer.description,
        usableMilliliters.description, hangLimitHours.description, maxConcentration.description,
        drugMgPerDay.description, changeIntervalHours.description, catheters.description, coverage.description,
        signedOn.description, prescriberNPI.description,
    ]
}

extension TherapyOrder {
    init?(reading row: inout RowReader) {
        let id = row.read(OrderColumns.id)
        let patient = row.read(OrderColumns.patient)
        let drug = row.read(OrderColumns.drug)
        let drugHcpcs = row.read(OrderColumns.drugHcpcs) ?? []
        let indication = row.read(OrderColumns.indication)
        let route = row.read(OrderColumns.route)
        let mode = row.read(OrderColumns.mode)
        let starts = row.read(OrderColumns.starts)
        let ends = row.read(OrderColumns.ends)
        let doseTimes = row.read(OrderColumns.doseTimes)
        let doseIntervalHours = row.read(OrderColumns.doseIntervalHours)
        let doseHours = row.read(OrderColumns.doseHours)
        let container = row.read(OrderColumns.container)
        let dosesPerContainer = row.read(OrderColumns.dosesPerContainer) ?? 1
        let usableMilliliters = row.read(OrderColumns.usableMilliliters)
        let hangLimitHours = row.read(OrderColumns.hangLimitHours)
        let maxConcentration = row.read(OrderColumns.maxConcentration)
        let drugMgPerDay = row.read(OrderColumns.drugMgPerDay)
        let changeIntervalHours = row.read(OrderColumns.changeIntervalHours)
        let catheters = row.read(OrderColumns.catheters) ?? 1
        let coverage = row.read(OrderColumns.coverage)
        let signedOn = row.read(OrderColumns.signedOn)
        let prescriberNPI = row.read(OrderColumns.prescriberNPI)
        if doseTimes != nil, doseIntervalHours != nil {
            row.complain(OrderColumns.doseIntervalHours.name, .bothSchedules)
        }
        let schedule = doseTimes.map(Schedule.timesOfDay) ?? doseIntervalHours.map(Schedule.everyHours)
        guard let id, let patient, let drug, let mode, let starts, let container else { return nil }
        self.init(
            id: id, patient: patient, drug: drug, drugHcpcs: drugHcpcs, indication: indication, route: route,
            mode: mode, starts: starts, ends: ends, schedule: schedule, doseHours: doseHours, container: container,
            dosesPerContainer: dosesPerContainer, usableMilliliters: usableMilliliters,
            hangLimitHours: hangLimitHours, maxConcentrationMgPerMl: maxConcentration, drugMgPerDay: drugMgPerDay,
            changeIntervalHours: changeIntervalHours, catheters: catheters, coverage: coverage, signedOn: signedOn,
            prescriberNPI: prescriberNPI, origin: row.origin)
    }
}
