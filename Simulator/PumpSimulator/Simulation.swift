package import PumpCore

/// A pump, the scenario that it lives through, and a virtual clock. Time moves only when it is told to.
package struct Simulation: Sendable {
    package let scenario: Scenario
    package let seed: UInt64
    package let firstDay: CivilDate
    /// The serial number that the pump says.
    package let serial: String
    package let model: String
    package private(set) var device: SimulatedDevice
    package private(set) var now: Instant
    private let play: TherapyPlay
    private var next = 0

    /// How far a play reaches beyond the first moment that it is asked for.
    private static let horizonDays = 400

    package enum Refusal: Error, Equatable {
        case serial(String, expected: String)
        case family(scenario: PumpFamily, asked: PumpFamily)
    }

    /// Plays the scenario up to `endsAt`.
    package init(
        _ scenario: Scenario, family: PumpFamily, serial: String? = nil, model: ParadigmModel? = nil, seed: UInt64,
        endsAt: Instant
    ) throws(Refusal) {
        guard scenario.family == family else { throw .family(scenario: scenario.family, asked: family) }
        self.scenario = scenario
        self.seed = seed
        let firstDay = Self.firstDay(of: scenario, endsAt: endsAt)
        self.firstDay = firstDay
        play = TherapyPlay(
            scenario, from: firstDay, seed: seed, until: endsAt.adding(seconds: Self.horizonDays * 86_400))
        switch scenario.therapy {
        case .insulin(let program):
            let generation = model ?? program.model
            let wish = serial ?? "SIM000001"
            guard let pump = ParadigmPump(serial: wish, model: generation, zone: scenario.zone) else {
                throw .serial(wish, expected: "SIM and six digits, such as SIM000001")
            }
            device = SimulatedDevice(CareLinkStick(pump: pump, seed: seed))
            self.serial = pump.reportedID
            self.model = generation.rawValue
        case .doses, .bags: throw .family(scenario: .miva, asked: family)
        }
        now = play.acts.first?.at ?? endsAt
        _ = advance(to: endsAt)
    }

    /// The scenario's own first day, else the first day of the month before the present: a whole month is behind it.
    package static func firstDay(of scenario: Scenario, endsAt: Instant) -> CivilDate {
        if let from = scenario.from { return from }
        let date = scenario.zone.civil(endsAt).date
        let lastOfMonthBefore = date.adding(days: -date.day)
        return lastOfMonthBefore.adding(days: 1 - lastOfMonthBefore.day)
    }

    /// Lets time pass, and everything happen that the play has in store until then.
    package mutating func advance(to moment: Instant) -> [Deed] {
        var deeds: [Deed] = []
        while next < play.acts.count, play.acts[next].at <= moment {
            let timed = play.acts[next]
            next += 1
            deeds += perform(timed.act, at: timed.at)
        }
        now = max(now, moment)
        return deeds
    }

    /// When the play goes on; nil when it is over.
    package var nextActAt: Instant? { next < play.acts.count ? play.acts[next].at : nil }

    /// Something that is not in the play happens to the pump.
    package mutating func perform(_ act: PumpAct, at moment: Instant) -> [Deed] {
        device.perform(act, at: moment).map { record in
            Deed(at: moment, "logged", ["act": .text(act.name), "raw": .text(record.hex)])
        }
    }

    package mutating func receive(_ bytes: [UInt8], at moment: Instant) throws(CommandViolation) -> [Answer] {
        try device.receive(bytes, at: moment)
    }

    /// The cable came out.
    package mutating func unplug() { device.unplug() }

    package var truth: Truth { play.truth.upTo(now, zone: scenario.zone) }

    package var truthJSON: JSON { truth.json(scenario: scenario, pump: serial, seed: seed, until: now) }

    package var register: RegisterFolder {
        RegisterFolder(scenario: scenario, firstDay: firstDay, truth: truth, pump: serial, model: model, until: now)
    }
}

/// What is at the other end of the line: one of the two. (Not an enum: its payload would be copied at every event.)
package struct SimulatedDevice: Sendable {
    package private(set) var stick: CareLinkStick?

    init(_ stick: CareLinkStick) { self.stick = stick }

    mutating func perform(_ act: PumpAct, at now: Instant) -> [[UInt8]] {
        stick?.perform(act, at: now) ?? []
    }

    mutating func receive(_ bytes: [UInt8], at now: Instant) throws(CommandViolation) -> [Answer] {
        try stick?.receive(bytes, at: now) ?? []
    }

    mutating func unplug() { stick?.unplug() }
}
