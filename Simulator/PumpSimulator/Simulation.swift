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
    /// What happened before the simulator was ready, where it was asked for.
    package private(set) var journal: [Deed] = []

    /// How far a play reaches beyond the first moment that it is asked for.
    package static let horizonDays = 400

    /// What kind of pump of its family it is.
    package struct Build: Equatable, Sendable {
        package var paradigm: ParadigmModel?
        package var firmware: MivaPump.Firmware
        package var clock: MivaPump.ClockKind

        package init(
            paradigm: ParadigmModel? = nil, firmware: MivaPump.Firmware = .newer, clock: MivaPump.ClockKind = .counter
        ) {
            self.paradigm = paradigm
            self.firmware = firmware
            self.clock = clock
        }
    }

    package enum Refusal: Error, Equatable {
        case serial(String, expected: String)
        case family(scenario: PumpFamily, asked: PumpFamily)
    }

    /// Plays the scenario up to `endsAt`; it can be let go on for `horizonDays` more.
    package init(
        _ scenario: Scenario, family: PumpFamily, serial: String? = nil, build: Build = Build(), seed: UInt64,
        endsAt: Instant, horizonDays: Int = horizonDays, keepsJournal: Bool = false
    ) throws(Refusal) {
        guard scenario.family == family else { throw .family(scenario: scenario.family, asked: family) }
        self.scenario = scenario
        self.seed = seed
        let firstDay = Self.firstDay(of: scenario, endsAt: endsAt)
        self.firstDay = firstDay
        play = TherapyPlay(
            scenario, from: firstDay, seed: seed, until: endsAt.adding(seconds: horizonDays * 86_400))
        switch scenario.therapy {
        case .insulin(let program):
            let generation = build.paradigm ?? program.model
            let wish = serial ?? "SIM000001"
            guard let pump = ParadigmPump(serial: wish, model: generation, zone: scenario.zone) else {
                throw .serial(wish, expected: "SIM and six digits, such as SIM000001")
            }
            device = SimulatedDevice(CareLinkStick(pump: pump, seed: seed))
            self.serial = pump.reportedID
            self.model = generation.rawValue
        case .doses where family == .phd, .bags where family == .phd:
            let wish = serial ?? "SIM00001"
            guard let pump = PhdPump(serial: wish, zone: scenario.zone) else {
                throw .serial(wish, expected: "SIM and five upper-case letters or digits, such as SIM00001")
            }
            device = SimulatedDevice(pump)
            self.serial = pump.serial
            self.model = PhdPump.model
        case .doses, .bags:
            let wish = serial ?? "SIM00001"
            let set = play.acts.first?.at ?? endsAt
            let loaded = set.adding(seconds: -MivaPast.firmwareAgeDays * 86_400)
            guard
                let pump = MivaPump(
                    serial: wish, firmware: build.firmware, clock: build.clock, zone: scenario.zone, loaded: loaded)
            else { throw .serial(wish, expected: "SIM and five upper-case letters or digits, such as SIM00001") }
            device = SimulatedDevice(pump)
            self.serial = pump.serial
            self.model = "MIVA"
        }
        now = play.acts.first?.at ?? endsAt
        let past = MivaPast.acts(
            events: family == .miva ? scenario.olderEvents : 0, before: now, firmware: build.firmware, seed: seed)
        for timed in past {
            let deed = perform(timed.act, at: timed.at)
            if keepsJournal { journal.append(deed) }
        }
        let deeds = advance(to: endsAt)
        if keepsJournal { journal += deeds }
    }

    /// The scenario's own first day, else the first day of the month before the present: a whole month is behind it.
    package static func firstDay(of scenario: Scenario, endsAt: Instant) -> CivilDate {
        firstDay(of: scenario.from, zone: scenario.zone, endsAt: endsAt)
    }

    package static func firstDay(of stated: CivilDate?, zone: HomeZone, endsAt: Instant) -> CivilDate {
        if let stated { return stated }
        let date = zone.civil(endsAt).date
        let lastOfMonthBefore = date.adding(days: -date.day)
        return lastOfMonthBefore.adding(days: 1 - lastOfMonthBefore.day)
    }

    /// Lets time pass, and everything happen that the play has in store until then.
    package mutating func advance(to moment: Instant) -> [Deed] {
        var deeds: [Deed] = []
        while next < play.acts.count, play.acts[next].at <= moment {
            let timed = play.acts[next]
            next += 1
            deeds.append(perform(timed.act, at: timed.at))
        }
        now = max(now, moment)
        return deeds
    }

    /// When the play goes on; nil when it is over.
    package var nextActAt: Instant? { next < play.acts.count ? play.acts[next].at : nil }

    /// Something happens to the pump, from the play or beside it.
    package mutating func perform(_ act: PumpAct, at moment: Instant) -> Deed {
        let records = device.perform(act, at: moment)
        let wall = scenario.zone.civil(moment)
        return Deed(
            at: moment, records.isEmpty ? "happened" : "logged",
            [
                JSON.Field(name: "civil", value: .text(wall.description)),
                JSON.Field(name: "act", value: .text(act.name)),
            ]
                + act.details + [JSON.Field(name: "raw", value: .list(records.map { .text($0.hex) }))])
    }

    package mutating func receive(_ bytes: [UInt8], at moment: Instant) throws(CommandViolation) -> [Answer] {
        try device.receive(bytes, at: moment)
    }

    /// A host has come. Only an agent has something to say to that.
    package mutating func greet(at moment: Instant) -> [Answer] { device.greet(at: moment) }

    /// The cable came out.
    package mutating func unplug() { device.unplug() }

    package var truth: Truth { play.truth.upTo(now, zone: scenario.zone) }

    package var truthJSON: JSON { truth.json(scenario: scenario, pump: serial, seed: seed, until: now) }

    package var register: RegisterFolder {
        RegisterFolder(scenario: scenario, firstDay: firstDay, truth: truth, pump: serial, model: model, until: now)
    }
}

/// What is at the other end of the line: one of the three. (Not an enum: its payload would be copied at every event.)
package struct SimulatedDevice: Sendable {
    package private(set) var stick: CareLinkStick?
    package private(set) var miva: MivaPump?
    package private(set) var phd: PhdPump?

    init(_ stick: CareLinkStick) { self.stick = stick }
    init(_ miva: MivaPump) { self.miva = miva }
    init(_ phd: PhdPump) { self.phd = phd }

    mutating func perform(_ act: PumpAct, at now: Instant) -> [[UInt8]] {
        stick?.perform(act, at: now) ?? miva?.perform(act, at: now) ?? phd?.perform(act, at: now) ?? []
    }

    mutating func greet(at now: Instant) -> [Answer] { phd?.greet(at: now) ?? [] }

    mutating func receive(_ bytes: [UInt8], at now: Instant) throws(CommandViolation) -> [Answer] {
        if let answers = try stick?.receive(bytes, at: now) { return answers }
        if let answers = try miva?.receive(bytes, at: now) { return answers }
        return try phd?.receive(bytes, at: now) ?? []
    }

    mutating func unplug() {
        stick?.unplug()
        miva?.unplug()
        phd?.unplug()
    }
}
