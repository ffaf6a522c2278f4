package import PumpCore

extension Scenario {
    /// Scenario names that draw a patient by the seed.
    package static let drawnNames = ["drawn", "drawn-with-mishaps"]

    /// A patient drawn by chance, for property tests: one of the built-in therapies, habits, and, where asked for, up to
    /// three mishaps in the first month. The same seed draws the same patient.
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
        scenario.register.patient = "P-\(padded(Int(seed % 10_000), 4))"
        scenario.register.order = "O-\(padded(Int(seed % 10_000), 4))"
        guard mishaps else { return scenario }
        let kinds = Incident.Kind.allCases.filter {
            Incident.families(of: $0).contains(scenario.family) && $0 != .clockChange
        }
        for _ in 0..<dice.roll(1...3) {
            let at = CivilDateTime(firstDay).adding(seconds: dice.roll(86_400...28 * 86_400))
            scenario.incidents.append(Incident(kinds[dice.roll(0...(kinds.count - 1))], at: at))
        }
        return scenario
    }
}
