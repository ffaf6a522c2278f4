import PumpCore
import PumpSimulator

/// One patient's month, drawn by a seed: who, which pump, when it was read, and what of its log was lost.
struct PatientMonth {
    enum Kind: String, CaseIterable {
        /// Read to the end; the pump and the patient did nothing out of the ordinary.
        case plain
        /// With mishaps of patient, pump and clock.
        case mishaps
        /// A stretch of the log was never read.
        case gap
        /// Read before the month was over.
        case unreadEnd
        /// The log begins within the month: what lies before was overwritten.
        case lateBeginning
    }

    let seed: UInt64
    let kind: Kind
    let scenario: Scenario
    let build: Simulation.Build
    let period: ClosedRange<CivilDate>
    /// When the pump was read.
    let readAt: Instant
    /// When it was read before, oldest first.
    let visits: [Instant]
    /// When the month is looked at: after its end, whatever was read.
    let now: Instant
    /// The stretch of time, on the clock of the world, whose records were lost.
    let lost: Range<Instant>?

    private static let zones = [
        "America/New_York", "America/Chicago", "America/Denver", "America/Phoenix", "America/Los_Angeles",
        "America/Anchorage", "Pacific/Honolulu", "America/Puerto_Rico",
    ]

    init?(seed: UInt64, kind: Kind) {
        self.seed = seed
        self.kind = kind
        var dice = Dice(seed: seed, stream: "month " + kind.rawValue)
        guard let zone = HomeZone(identifier: Self.zones[dice.roll(0...(Self.zones.count - 1))]),
            let first = CivilDate(year: dice.roll(2026...2030), month: dice.roll(1...12), day: 1)
        else { return nil }
        let last = first.adding(days: 31).adding(days: -first.adding(days: 31).day)
        period = first...last
        // Half of them begin with the month, the others were patients before.
        let before = dice.happens(0.5) ? 0 : dice.roll(1...40)
        guard
            var scenario = Scenario.drawn(
                seed: seed, from: first.adding(days: -before), zone: zone, mishaps: kind == .mishaps)
        else { return nil }
        // Mishaps of the month that is looked at.
        for index in scenario.incidents.indices {
            scenario.incidents[index].at = scenario.incidents[index].at.adding(seconds: before * 86_400)
        }
        if dice.happens(0.02), scenario.family == .miva { scenario.olderEvents = 43_264 }
        self.scenario = scenario
        build = Simulation.Build(
            paradigm: nil, firmware: dice.happens(0.8) ? .newer : .older,
            clock: dice.happens(0.5) ? .counter : .calendar)
        let start = zone.instant(CivilDateTime(first))
        let end = zone.instant(CivilDateTime(last.adding(days: 1)))
        let now = end.adding(seconds: dice.roll(60...3 * 86_400))
        self.now = now
        let inside = start.adding(seconds: dice.roll(86_400...(end.seconds(since: start) - 86_400)))
        // Where the pump's clock may be lost, a nurse comes every week and reads the pump.
        let began = zone.instant(CivilDateTime(first.adding(days: -before)))
        visits =
            scenario.incidents.contains { $0.kind == .clockReset } && scenario.olderEvents == 0
            ? (1..<20).map { began.adding(seconds: $0 * 7 * 86_400 - 36_000) }.filter { $0 < now } : []
        switch kind {
        case .plain, .mishaps:
            readAt = now
            lost = nil
        case .gap:
            readAt = now
            // Minutes, hours, or days.
            let seconds = [dice.roll(60...3600), dice.roll(3600...86_400), dice.roll(86_400...9 * 86_400)][
                dice.roll(0...2)]
            lost = inside..<inside.adding(seconds: seconds)
        case .unreadEnd:
            readAt = inside
            lost = nil
        case .lateBeginning:
            readAt = now
            lost = Instant(secondsSince1970: 0)..<inside
        }
    }

    /// The simulated pump at a moment. Every call plays the same story.
    func simulation(endsAt: Instant) throws -> Simulation {
        try Simulation(
            scenario, family: scenario.family, build: build, seed: seed, endsAt: endsAt, horizonDays: 45)
    }
}
