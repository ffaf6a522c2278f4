package import PumpCore

/// A scenario played out: every act of pump and patient in the order of time, and the truth behind them.
///
/// Two plays with the same scenario, first day and seed agree on everything that both contain, whatever their horizons,
/// so that a pump read on two days tells one story.
package struct TherapyPlay: Sendable {
    package private(set) var acts: [TimedAct]
    package private(set) var truth: Truth

    package init(_ scenario: Scenario, from firstDay: CivilDate, seed: UInt64, until horizon: Instant) {
        var stage = Stage(scenario: scenario, firstDay: firstDay, seed: seed, horizon: horizon)
        switch scenario.therapy {
        case .doses(let program): DosePlay.run(program, on: &stage)
        case .bags(let program): BagPlay.run(program, on: &stage)
        case .insulin(let program): InsulinPlay.run(program, on: &stage)
        }
        // Stable: acts of one second keep the order in which they were played.
        acts = stage.acts.enumerated()
            .sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }
            .map(\.element)
        stage.truth.incidents.sort { $0.at < $1.at }
        truth = stage.truth
    }
}

/// Where a play is put together.
struct Stage {
    let scenario: Scenario
    let zone: HomeZone
    let firstDay: CivilDate
    let horizon: Instant
    /// The first moment that no longer belongs to the therapy.
    let end: Instant
    var dice: Dice
    private(set) var acts: [TimedAct]
    var truth = Truth()
    private var waiting: [Incident]

    /// The pump is set up at 20:00 on the evening before the first day: its log begins there.
    static let setUpSecond = -4 * 3600

    init(scenario: Scenario, firstDay: CivilDate, seed: UInt64, horizon: Instant) {
        self.scenario = scenario
        self.firstDay = firstDay
        self.horizon = horizon
        zone = scenario.zone
        dice = Dice(seed: seed, stream: "therapy " + scenario.name)
        waiting = scenario.incidents.sorted { $0.at < $1.at }
        let setUp = scenario.zone.instant(CivilDateTime(firstDay).adding(seconds: Self.setUpSecond))
        // The nurse clears what the patient before left on the counter.
        acts = [TimedAct(setUp, .powerOn), TimedAct(setUp.adding(seconds: 90), .shiftTotalCleared)]
        end = scenario.until.map { scenario.zone.instant(CivilDateTime($0.adding(days: 1))) } ?? horizon
    }

    mutating func act(_ at: Instant, _ act: PumpAct) { acts.append(TimedAct(at, act)) }

    /// The instant of a civil second of a day of therapy; day 0 is the first.
    func instant(day: Int, second: Int) -> Instant {
        zone.instant(CivilDateTime(firstDay.adding(days: day)).adding(seconds: second))
    }

    /// Hands out the oldest waiting incident of one of these kinds that is due before `moment`.
    mutating func take(_ kinds: Set<Incident.Kind>, before moment: Instant) -> Incident? {
        guard let index = waiting.firstIndex(where: { kinds.contains($0.kind) && zone.instant($0.at) < moment })
        else { return nil }
        return waiting.remove(at: index)
    }

    mutating func note(_ incident: Incident, at: Instant) {
        truth.incidents.append(Truth.Doubt(at: at, what: incident.kind))
    }

    /// How far from its time something is done, in seconds; never further than `most`.
    mutating func offset(atMost most: Int) -> Int {
        let habits = scenario.habits
        var minutes = dice.roll(-habits.minutesOff...habits.minutesOff)
        let draw = dice.fraction()
        if draw < habits.late {
            minutes = dice.roll(0...max(0, habits.lateMinutes))
        } else if draw < habits.late + habits.early {
            minutes = -dice.roll(0...max(0, habits.earlyMinutes))
        }
        return min(max(minutes * 60 + dice.roll(0...59), -most), most)
    }

    /// A new container in place. Returns its index in the truth.
    mutating func place(at: Instant, firstFlow: Instant, holding: Quantity) -> Int {
        act(at, .containerPlaced(holding: holding))
        truth.containers.append(
            Truth.Container(
                id: "T\(truth.containers.count + 1)", attachedAt: at, firstFlowAt: firstFlow, endedAt: nil,
                infused: nil, slots: []))
        return truth.containers.count - 1
    }
}
