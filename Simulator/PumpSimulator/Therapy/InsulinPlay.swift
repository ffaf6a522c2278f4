import PumpCore

/// Plays an insulin therapy: boluses with meals, midnight totals, a new reservoir every few days.
struct InsulinPlay {
    private let program: InsulinProgram
    private var level = 0
    private var hasWarned = false
    private var container: Int?
    private var bolusesToday: [(at: Instant, amount: Quantity)] = []
    private var drawnFromContainer = 0
    /// Somebody's hands are on the pump, or its clock is lost, until this moment.
    private var busyUntil: Instant
    private var basalDrawnUntil: Instant
    /// When a reservoir was changed before its time.
    private var changedEarlyAt: Instant?

    /// The pump warns at this level.
    private static let lowLevel = Quantity.units(thousandths: 20_000)
    private static let fixedPrime = Quantity.units(thousandths: 300)
    private static let batteryEveryDays = 18

    static func run(_ program: InsulinProgram, on stage: inout Stage) {
        var play = InsulinPlay(program: program, busyUntil: stage.instant(day: 0, second: program.firstAt))
        play.run(on: &stage)
    }

    private init(program: InsulinProgram, busyUntil: Instant) {
        self.program = program
        self.busyUntil = busyUntil
        basalDrawnUntil = busyUntil
    }

    private mutating func run(on stage: inout Stage) {
        let start = CivilDateTime(stage.firstDay).adding(seconds: program.firstAt)
        var nextChange = change(on: &stage, at: stage.zone.instant(start), number: 0)
        var changes = 1
        var day = 0
        while stage.instant(day: day, second: 0) < min(stage.horizon, stage.end) {
            let midnight = stage.instant(day: day + 1, second: 0)
            for moment in meals(on: &stage, day: day) {
                while nextChange <= moment {
                    nextChange = change(on: &stage, at: nextChange, number: changes)
                    changes += 1
                }
                if moment >= busyUntil { bolus(on: &stage, at: moment) }
            }
            while nextChange < midnight {
                nextChange = change(on: &stage, at: nextChange, number: changes)
                changes += 1
            }
            smallHappenings(on: &stage, day: day, midnight: midnight)
            closeDay(on: &stage, day: day, midnight: midnight)
            day += 1
        }
        if stage.scenario.until != nil { endContainer(on: &stage, at: stage.end) }
    }

    // MARK: Reservoirs

    /// Rewind, manual prime, fixed prime. Returns when the next change is due.
    private mutating func change(on stage: inout Stage, at planned: Instant, number: Int) -> Instant {
        let start = CivilDateTime(stage.firstDay).adding(seconds: program.firstAt)
        let slot = start.adding(seconds: number * program.changeEveryHours * 3600)
        var at = max(planned, busyUntil)
        // Nobody changes again what was changed early a few hours ago.
        let isFresh = changedEarlyAt.map { at.seconds(since: $0) < program.changeEveryHours * 1800 } ?? false
        if at < stage.end, !isFresh {
            stage.act(at, .rewound)
            if let incident = stage.take([.doubleRewind], before: at) {
                stage.note(incident, at: at)
                at = at.adding(seconds: 6)
                stage.act(at, .rewound)
            }
            if let incident = stage.take([.cancelPrime], before: at) {
                stage.note(incident, at: at)
                at = at.adding(seconds: stage.dice.roll(30...90))
                stage.act(at, .primed(.manual, .units(thousandths: stage.dice.roll(4...20) * 100)))
                at = at.adding(seconds: stage.dice.roll(60...240))
                stage.act(at, .rewound)
            }
            let primedAt = at.adding(seconds: stage.dice.roll(60...200))
            let flowAt = primedAt.adding(seconds: stage.dice.roll(20...60))
            let filled = Quantity.units(thousandths: stage.dice.roll(program.reservoirUnits) * 1000)
            drawBasal(on: &stage, until: at)
            endContainer(on: &stage, at: at)
            container = stage.place(at: at, firstFlow: flowAt, holding: filled)
            let tubing = Quantity.units(thousandths: stage.dice.roll(60...110) * 100)
            stage.act(primedAt, .primed(.manual, tubing))
            stage.act(flowAt, .primed(.fixed, Self.fixedPrime))
            level = filled.thousandths - tubing.thousandths - Self.fixedPrime.thousandths
            hasWarned = false
            busyUntil = flowAt.adding(seconds: 60)
        }
        let next = slot.adding(seconds: program.changeEveryHours * 3600)
        // Never so far off that two changes could trade places.
        return stage.zone.instant(next).adding(seconds: stage.offset(atMost: program.changeEveryHours * 3600 / 4))
    }

    private mutating func endContainer(on stage: inout Stage, at: Instant) {
        guard let container else { return }
        stage.truth.containers[container].endedAt = at
        stage.truth.containers[container].infused = .units(thousandths: drawnFromContainer)
        drawnFromContainer = 0
    }

    // MARK: Boluses

    private mutating func meals(on stage: inout Stage, day: Int) -> [Instant] {
        let count = stage.dice.roll(program.bolusesPerDay)
        // Between 06:30 and 22:00, each in its own part of the day.
        let (first, last) = (6 * 3600 + 1800, 22 * 3600)
        let width = (last - first) / max(count, 1)
        return (0..<count).map { meal in
            stage.instant(day: day, second: first + meal * width + stage.dice.roll(0...max(0, width - 1)))
        }.filter { $0 < stage.end }
    }

    private mutating func bolus(on stage: inout Stage, at began: Instant) {
        drawBasal(on: &stage, until: began)
        let programmed = Quantity.units(thousandths: stage.dice.roll(program.bolusTenths) * 100)
        let atWork = bolusesToday.reversed().compactMap { earlier -> PumpAct.Bolus.AtWork? in
            let minutes = began.seconds(since: earlier.at) / 60
            // What is left falls off evenly over four hours.
            let left = earlier.amount.thousandths * (240 - minutes) / 240 / 100 * 100
            return minutes < 240 && left > 0 ? .init(amount: .units(thousandths: left), ageMinutes: minutes) : nil
        }
        let byWizard = stage.dice.happens(0.8)
        var bolus = PumpAct.Bolus(
            beganAt: began, programmed: programmed, delivered: programmed, atWork: byWizard ? atWork : [],
            carbohydrateGrams: byWizard ? programmed.thousandths / 100 : nil)
        // A motor stroke a second, 0.1 U each.
        let seconds = programmed.thousandths / 100
        if seconds > 12, let incident = stage.take([.suspendedBolus], before: began) {
            stage.note(incident, at: began)
            bolus.delivered = .units(thousandths: 1_000)
            stage.act(began.adding(seconds: 10), .suspended(by: .pump))
            stage.act(began.adding(seconds: 11), .bolus(bolus))
            stage.act(began.adding(seconds: 55), .resumed(by: .pump))
            busyUntil = began.adding(seconds: 120)
        } else {
            stage.act(began.adding(seconds: seconds), .bolus(bolus))
            busyUntil = began.adding(seconds: seconds + 60)
        }
        bolusesToday.append((began, bolus.delivered))
        draw(bolus.delivered.thousandths, on: &stage, at: began.adding(seconds: seconds + 1))
    }

    private mutating func drawBasal(on stage: inout Stage, until moment: Instant) {
        guard moment > basalDrawnUntil else { return }
        draw(
            program.basalPerHour.thousandths * moment.seconds(since: basalDrawnUntil) / 3600, on: &stage, at: moment)
        basalDrawnUntil = moment
    }

    private mutating func draw(_ thousandths: Int, on stage: inout Stage, at: Instant) {
        level -= thousandths
        drawnFromContainer += thousandths
        if level < Self.lowLevel.thousandths, !hasWarned, container != nil {
            hasWarned = true
            stage.act(at, .containerLow(left: Self.lowLevel))
        }
    }

    // MARK: The rest of the day

    private mutating func smallHappenings(on stage: inout Stage, day: Int, midnight: Instant) {
        if day > 0, day % Self.batteryEveryDays == 0 {
            stage.act(stage.instant(day: day, second: 22 * 3600 + 1200), .batteryChanged)
        }
        if program.model.logsBasalSegments {
            for (index, halfHour) in [0, 14, 42].enumerated() {
                stage.act(
                    stage.instant(day: day, second: halfHour * 1800),
                    .basalSegment(index: index, halfHour: halfHour, rate: program.basalPerHour))
            }
        }
        while let incident = stage.take(
            [.primeWithoutRewind, .refit, .occlusion, .batteryPull, .clockReset, .clockChange, .earlyChange],
            before: midnight)
        {
            let at = max(stage.zone.instant(incident.at), busyUntil)
            stage.note(incident, at: at)
            play(incident, on: &stage, at: at)
        }
    }

    private mutating func play(_ incident: Incident, on stage: inout Stage, at: Instant) {
        switch incident.kind {
        case .primeWithoutRewind: stage.act(at, .primed(.fixed, Self.fixedPrime))
        case .refit:
            // Taken out and put back without a rewind: all that the log shows is a fixed prime.
            stage.act(at, .containerRemoved)
            stage.act(at.adding(seconds: 90), .primed(.fixed, Self.fixedPrime))
        case .occlusion:
            stage.act(at, .alarm(.noDelivery))
            stage.act(at.adding(seconds: 150), .alarmCleared(.noDelivery))
        case .earlyChange:
            stage.act(at, .alarm(.noDelivery))
            stage.act(at.adding(seconds: 150), .alarmCleared(.noDelivery))
            _ = change(on: &stage, at: at.adding(seconds: 600), number: 0)
            changedEarlyAt = at
        case .batteryPull:
            stage.act(at, .powerOff)
            stage.act(at.adding(seconds: 75), .powerOn)
        case .clockReset:
            stage.act(at, .powerOff)
            let back = at.adding(seconds: 1_500)
            stage.act(back, .powerOn)
            stage.act(back, .clockLost)
            let set = back.adding(seconds: 240)
            stage.act(set, .clockSet(stage.zone.civil(set)))
            busyUntil = set.adding(seconds: 60)
        case .clockChange:
            stage.act(at, .clockSet(stage.zone.civil(at).adding(seconds: incident.minutes * 60)))
        case .doubleRewind, .cancelPrime, .suspendedBolus: break
        }
    }

    private mutating func closeDay(on stage: inout Stage, day: Int, midnight: Instant) {
        let started = stage.instant(day: day, second: day == 0 ? program.firstAt : 0)
        let until = min(midnight, stage.end)
        let basal = program.basalPerHour.thousandths * until.seconds(since: started) / 3600 / 25 * 25
        let boluses = bolusesToday.reduce(0) { $0 + $1.amount.thousandths }
        drawBasal(on: &stage, until: until)
        bolusesToday = []
        guard midnight <= stage.end else { return }
        stage.act(
            midnight,
            .dayEnded(
                stage.firstDay.adding(days: day), basal: .units(thousandths: basal), bolus: .units(thousandths: boluses)
            ))
    }
}
