package import PumpCore

extension Scenario {
    /// Scenarios that come with the simulator, by name. Figures are those of usual home therapies, not of a patient.
    package static let builtInNames = [
        "antibiotic-q4h", "antibiotic-q6h-day-bag", "antibiotic-q8h", "antibiotic-q12h", "antibiotic-q24h", "tpn-12h",
        "deferoxamine-10h", "inotrope-48h", "pca-morphine", "fluorouracil-46h", "treprostinil-sc", "insulin",
    ]

    /// Nil for a name that is not built in.
    package static func builtIn(_ name: String, zone: HomeZone) -> Scenario? {
        guard let (therapy, habits, register) = parts(name) else { return nil }
        return Scenario(name: name, zone: zone, therapy: therapy, habits: habits, register: register)
    }

    private static func hours(_ hours: Int...) -> [Int] { hours.map { $0 * 3600 } }

    private static func mL(_ milliliters: Double) -> Quantity {
        .milliliters(thousandths: Int((milliliters * 1000).rounded()))
    }

    /// A patient who is sometimes late and now and then forgets a dose.
    private static let usual = Habits(
        minutesOff: 12, late: 0.06, lateMinutes: 75, early: 0.03, earlyMinutes: 30, missed: 0.01)

    private static func parts(_ name: String) -> (Therapy, Habits, RegisterEntry)? {
        switch name {
        case "antibiotic-q4h":
            return antibiotic(hours(2, 6, 10, 14, 18, 22), minutes: 30, dose: mL(50))
        case "antibiotic-q6h-day-bag":
            // One 24-hour bag gives four doses: doses are not bags.
            return antibiotic(hours(0, 6, 12, 18), minutes: 30, dose: mL(60), dosesPerContainer: 4, hangLimit: 24)
        case "antibiotic-q8h":
            return antibiotic(
                hours(6, 14, 22), minutes: 60, dose: mL(100), drug: "acyclovir", code: "J0133")
        case "antibiotic-q12h":
            return antibiotic(hours(6, 18), minutes: 90, dose: mL(250), drug: "foscarnet", code: "J1455")
        case "antibiotic-q24h":
            return antibiotic(hours(9), minutes: 60, dose: mL(100), drug: "ganciclovir", code: "J1570")
        case "tpn-12h":
            return (
                .doses(
                    DoseProgram(
                        schedule: .timesOfDay(hours(20)), doseMinutes: 720, dose: mL(2000), overfill: mL(75))),
                usual,
                RegisterEntry(
                    drug: "parenteral nutrition", route: "intravenous", mode: "prolonged-dose", container: "bag",
                    hangLimitHours: 24, maxConcentrationMgPerMl: 150, drugMgPerDay: 300_000)
            )
        case "deferoxamine-10h":
            return (
                .doses(DoseProgram(schedule: .timesOfDay(hours(21)), doseMinutes: 600, dose: mL(20))),
                usual,
                RegisterEntry(
                    drug: "deferoxamine", drugHcpcs: "J0895", route: "subcutaneous", mode: "prolonged-dose",
                    container: "cassette", hangLimitHours: 24, maxConcentrationMgPerMl: 100, drugMgPerDay: 2000)
            )
        case "inotrope-48h":
            return (
                .bags(
                    BagProgram(milliliterPerHour: mL(2), usable: mL(100), changeEveryHours: 48, firstAt: 10 * 3600)),
                Habits(minutesOff: 15),
                RegisterEntry(
                    drug: "milrinone", drugHcpcs: "J2260", route: "intravenous", mode: "continuous", container: "bag",
                    hangLimitHours: 48, maxConcentrationMgPerMl: 0.2, drugMgPerDay: 9.6, deliveryDays: 14)
            )
        case "pca-morphine":
            return (
                .bags(
                    BagProgram(
                        milliliterPerHour: mL(0.8), usable: mL(100), changeEveryHours: 0, firstAt: 11 * 3600,
                        demandDose: mL(0.5), lockoutMinutes: 10, demandsPerDay: 20)),
                Habits(),
                RegisterEntry(
                    drug: "morphine", drugHcpcs: "J2270", route: "subcutaneous", mode: "continuous",
                    container: "cassette", hangLimitHours: 168, maxConcentrationMgPerMl: 10, drugMgPerDay: 292)
            )
        case "fluorouracil-46h":
            return (
                .doses(
                    DoseProgram(
                        schedule: .everyHours(336, first: 13 * 3600), doseMinutes: 46 * 60, dose: mL(92))),
                Habits(minutesOff: 40),
                RegisterEntry(
                    drug: "fluorouracil", drugHcpcs: "J9190", route: "intravenous", mode: "continuous",
                    container: "cassette", hangLimitHours: 72, maxConcentrationMgPerMl: 50, drugMgPerDay: 2087,
                    deliveryDays: 14)
            )
        case "treprostinil-sc":
            return (
                .bags(
                    BagProgram(
                        milliliterPerHour: mL(0.04), usable: mL(3), changeEveryHours: 72, firstAt: 8 * 3600)),
                Habits(minutesOff: 30),
                RegisterEntry(
                    drug: "treprostinil", drugHcpcs: "J3285", route: "subcutaneous", mode: "continuous",
                    container: "syringe", pumpHcpcs: "K0455", hangLimitHours: 72, maxConcentrationMgPerMl: 5,
                    drugMgPerDay: 4.8, deliveryDays: 30)
            )
        case "insulin":
            return (
                .insulin(
                    InsulinProgram(
                        basalPerHour: .units(thousandths: 850), bolusesPerDay: 3...5, bolusTenths: 15...80,
                        reservoirUnits: 150...176, changeEveryHours: 72, firstAt: 9 * 3600)),
                Habits(minutesOff: 35),
                RegisterEntry(
                    drug: "insulin lispro", drugHcpcs: "J1817", route: "subcutaneous", mode: "continuous",
                    container: "syringe", pumpHcpcs: "E0784", hangLimitHours: 72, maxConcentrationMgPerMl: 3.5,
                    drugMgPerDay: 1.4, deliveryDays: 31)
            )
        default: return nil
        }
    }

    private static func antibiotic(
        _ times: [Int], minutes: Int, dose: Quantity, dosesPerContainer: Int = 1, hangLimit: Int? = nil,
        drug: String = "cefazolin", code: String = ""
    ) -> (Therapy, Habits, RegisterEntry) {
        (
            .doses(
                DoseProgram(
                    schedule: .timesOfDay(times), doseMinutes: minutes, dose: dose,
                    dosesPerContainer: dosesPerContainer)),
            usual,
            RegisterEntry(
                drug: drug, drugHcpcs: code, route: "intravenous", mode: "intermittent", container: "bag",
                hangLimitHours: hangLimit ?? 24)
        )
    }
}
