package import PumpCore

extension Scenario {
    /// Scenario names that draw a patient by the seed.
    package static let drawnNames = ["drawn", "drawn-with-mishaps"]

    /// The payers whose patients are drawn: the rule profiles that ship.
    package static let drawnPayers = [
        "medicare-dme", "texas-medicaid", "florida-medicaid", "maryland-medicaid", "nhia-per-diem", "bcbsnd-per-diem",
    ]

    /// A patient drawn by chance, for property tests: one of the built-in therapies at other hours and rates, a payer,
    /// habits, and, where asked for, up to three mishaps in the first month. The same seed draws the same patient.
    package static func drawn(
        seed: UInt64, family: PumpFamily? = nil, from firstDay: CivilDate, zone: HomeZone, mishaps: Bool
    ) -> Scenario? {
        var dice = Dice(seed: seed, stream: "patient")
        let choices = builtInNames.compactMap { builtIn($0, zone: zone) }.filter {
            family == nil || $0.family == family
        }
        guard !choices.isEmpty else { return nil }
        var scenario = choices[dice.roll(0...(choices.count - 1))]
        scenario.name += " #\(seed)"
        scenario.from = firstDay
        scenario.habits.missed = dice.happens(0.5) ? 0 : dice.fraction() * 0.1
        scenario.habits.late = dice.fraction() * 0.2
        scenario.habits.early = dice.fraction() * 0.1
        scenario.habits.abandoned = dice.happens(0.7) ? 0 : dice.fraction() * 0.05
        scenario.register.patient = "P-\(padded(Int(seed % 10_000), 4))"
        scenario.register.order = "O-\(padded(Int(seed % 10_000), 4))"
        scenario.register.payer = drawnPayers[dice.roll(0...(drawnPayers.count - 1))]
        scenario.vary(&dice)
        if dice.happens(0.15) { scenario.until = firstDay.adding(days: dice.roll(8...40)) }
        guard mishaps else { return scenario }
        let kinds = Incident.Kind.allCases.filter { Incident.families(of: $0).contains(scenario.family) }
        for _ in 0..<dice.roll(1...3) {
            let at = CivilDateTime(firstDay).adding(seconds: dice.roll(86_400...28 * 86_400))
            let kind = kinds[dice.roll(0...(kinds.count - 1))]
            let minutes = kind == .clockChange ? [-60, -17, 23, 60, 125][dice.roll(0...4)] : 0
            scenario.incidents.append(Incident(kind, at: at, minutes: minutes))
        }
        return scenario
    }

    /// The same therapy as another patient has it: at other hours, at another rate, in other containers.
    private mutating func vary(_ dice: inout Dice) {
        let shift = dice.roll(0...47) * 1800
        switch therapy {
        case .doses(var program):
            switch program.schedule {
            case .timesOfDay(let times):
                program.schedule = .timesOfDay(times.map { ($0 + shift) % 86_400 }.sorted())
            case .everyHours(let hours, _):
                program.schedule = .everyHours(hours, first: shift)
                // The infusor of 46 hours, or the one of seven days.
                if dice.happens(0.4) {
                    program.doseMinutes = 7 * 1440
                    program.dose = .milliliters(thousandths: 240_000)
                    register.hangLimitHours = 192
                    register.drugMgPerDay = 400
                }
            }
            therapy = .doses(program)
        case .bags(var program):
            program.firstAt = shift
            if program.demandsPerDay > 0 {
                program.demandsPerDay = dice.roll(0...40)
                program.milliliterPerHour = .milliliters(thousandths: dice.roll(3...20) * 100)
                let daily =
                    program.milliliterPerHour.value * 24 + program.demandDose.value * Double(program.demandsPerDay)
                register.drugMgPerDay = register.maxConcentrationMgPerMl.map { (daily * $0).rounded() }
            } else if program.changeEveryHours == 48, dice.happens(0.5) {
                // Fresh bags every day or every third one, filled for just so long.
                program.changeEveryHours = dice.happens(0.5) ? 24 : 72
                program.usable = .milliliters(thousandths: program.changeEveryHours * 2_000 + 4_000)
                register.hangLimitHours = program.changeEveryHours
            }
            therapy = .bags(program)
        case .insulin(var program):
            program.firstAt = shift
            program.model = ParadigmModel.allCases[dice.roll(0...(ParadigmModel.allCases.count - 1))]
            program.basalPerHour = .units(thousandths: dice.roll(10...40) * 25)
            program.bolusesPerDay = 0...dice.roll(2...8)
            if dice.happens(0.3) {
                program.changeEveryHours = 48
                register.hangLimitHours = 48
            }
            therapy = .insulin(program)
        }
    }
}
