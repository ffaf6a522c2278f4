import PumpCore

/// Plays a therapy of doses at set times.
struct DosePlay {
    private let program: DoseProgram
    /// The container in place, how many doses it still holds, and until when it may hang.
    private var hung: (index: Int, dosesLeft: Int, until: Instant)?
    private var freeAt = Instant(secondsSince1970: .min)
    private var batteryDueAt: Instant
    private let rate: Quantity

    private static let batteryEveryDays = 6

    static func run(_ program: DoseProgram, on stage: inout Stage) {
        var play = DosePlay(program, on: stage)
        play.run(on: &stage)
    }

    private init(_ program: DoseProgram, on stage: Stage) {
        self.program = program
        batteryDueAt = stage.instant(day: Self.batteryEveryDays, second: 0)
        rate = .milliliters(thousandths: program.dose.thousandths * 60 / max(1, program.doseMinutes))
    }

    private mutating func run(on stage: inout Stage) {
        let horizon = min(stage.horizon, stage.end)
        for slot in slots(on: stage, until: horizon) {
            let spacing = slot.spacingSeconds
            let offset = stage.offset(atMost: spacing * 2 / 5)
            let fate = stage.dice.fraction()
            guard fate >= stage.scenario.habits.missed else {
                stage.truth.doses.append(
                    Truth.Dose(
                        slot: slot.civil, outcome: .missed, startedAt: nil, endedAt: nil,
                        infused: .milliliters(thousandths: 0), containers: []))
                continue
            }
            let abandoned = fate < stage.scenario.habits.missed + stage.scenario.habits.abandoned
            give(
                slot.civil, at: stage.zone.instant(slot.civil).adding(seconds: offset), abandoned: abandoned, on: &stage
            )
        }
        if stage.scenario.until != nil, hung != nil { remove(on: &stage, at: freeAt.adding(seconds: 900)) }
    }

    // MARK: The schedule

    private struct Slot {
        let civil: CivilDateTime
        let spacingSeconds: Int
    }

    private func slots(on stage: Stage, until horizon: Instant) -> [Slot] {
        var slots: [Slot] = []
        switch program.schedule {
        case .timesOfDay(let times):
            guard let first = times.first else { return [] }
            var day = 0
            while stage.instant(day: day, second: 0) < horizon {
                let midnight = CivilDateTime(stage.firstDay.adding(days: day))
                for (index, time) in times.enumerated() {
                    let next = index + 1 < times.count ? times[index + 1] : first + 86_400
                    slots.append(Slot(civil: midnight.adding(seconds: time), spacingSeconds: next - time))
                }
                day += 1
            }
        case .everyHours(let hours, let first):
            var civil = CivilDateTime(stage.firstDay).adding(seconds: first)
            while stage.zone.instant(civil) < horizon {
                slots.append(Slot(civil: civil, spacingSeconds: hours * 3600))
                civil = civil.adding(seconds: hours * 3600)
            }
        }
        return slots.filter { stage.zone.instant($0.civil) < horizon }
    }

    // MARK: A dose

    private mutating func give(_ slot: CivilDateTime, at wished: Instant, abandoned: Bool, on stage: inout Stage) {
        var at = max(wished, freeAt.adding(seconds: 300))
        changeBattery(on: &stage, before: at)
        if let hung, hung.until <= at { remove(on: &stage, at: at.adding(seconds: -240)) }
        if hung == nil { hang(on: &stage, firstFlow: at) }
        guard var current = hung else { return }
        var containers = [current.index]
        stage.truth.containers[current.index].slots.append(slot)

        // One program gives all doses of a container.
        var flow = CassetteFlow(
            milliliterPerHour: rate, before: stage.truth.containers[current.index].infused?.thousandths ?? 0)
        let started = at
        flow.start(on: &stage, at: at)
        let whole = program.dose.thousandths
        let wanted = abandoned ? whole * stage.dice.roll(20...70) / 100 : whole
        /// What the containers before the one in place gave of this dose.
        var before = 0
        var end = at.adding(seconds: flow.seconds(for: wanted))
        while let incident = stage.take(
            CassetteFlow.interruptions.union([.earlyChange]), before: end.adding(seconds: -60))
        {
            at = max(stage.zone.instant(incident.at), at.adding(seconds: 60))
            guard at < end.adding(seconds: -60) else { break }
            if incident.kind == .earlyChange {
                let next = replace(incident, &current, &flow, on: &stage, at: at)
                before += next.given
                at = next.flowAt
                containers.append(current.index)
                stage.truth.containers[current.index].slots.append(slot)
            } else {
                at = flow.interrupt(incident, on: &stage, at: at)
            }
            end = at.adding(seconds: flow.seconds(for: max(0, wanted - before - flow.counter)))
        }
        current.dosesLeft = abandoned ? 0 : current.dosesLeft - 1
        flow.advance(to: end)
        flow.limit(to: wanted - before)
        // One that was hung for the rest of a dose has something left.
        let drawn = (stage.truth.containers[current.index].infused?.thousandths ?? 0) + flow.counter
        let isEmpty = !abandoned && program.overfill.thousandths == 0 && drawn >= whole * program.dosesPerContainer
        if isEmpty { stage.act(end, .containerEmptied) }
        if !abandoned { stage.act(end, .completed(infused: flow.infused)) }
        flow.stop(on: &stage, at: end, limit: wanted - before)
        book(flow.counter, on: &stage, to: current.index)
        freeAt = end
        hung = current
        stage.truth.doses.append(
            Truth.Dose(
                slot: slot, outcome: abandoned ? .abandoned : .given, startedAt: started, endedAt: end,
                infused: .milliliters(thousandths: before + flow.counter),
                containers: containers.map { stage.truth.containers[$0].id }))
        if current.dosesLeft == 0 { remove(on: &stage, at: end.adding(seconds: stage.dice.roll(120...900))) }
    }

    private mutating func hang(on stage: inout Stage, firstFlow: Instant) {
        let placed = firstFlow.adding(seconds: -stage.dice.roll(60...200))
        let holding = Quantity.milliliters(
            thousandths: program.dose.thousandths * program.dosesPerContainer + program.overfill.thousandths)
        let index = stage.place(at: placed, firstFlow: firstFlow, holding: holding)
        stage.act(
            firstFlow.adding(seconds: -20),
            .programmed(PumpAct.Prescription(milliliterPerHour: rate, volume: program.dose)))
        let limit = stage.scenario.register.hangLimitHours ?? 24 * max(1, program.dosesPerContainer)
        // The last dose of a container may begin until just before the limit.
        hung = (index, program.dosesPerContainer, firstFlow.adding(seconds: limit * 3600 - 1800))
    }

    private mutating func remove(on stage: inout Stage, at: Instant) {
        guard let hung else { return }
        let at = max(at, freeAt.adding(seconds: 30))
        stage.act(at, .containerRemoved)
        stage.truth.containers[hung.index].endedAt = at
        freeAt = max(freeAt, at)
        self.hung = nil
    }

    /// The line is blocked and a new container is hung before the old one is done.
    private mutating func replace(
        _ incident: Incident, _ current: inout (index: Int, dosesLeft: Int, until: Instant), _ flow: inout CassetteFlow,
        on stage: inout Stage, at: Instant
    ) -> (flowAt: Instant, given: Int) {
        stage.note(incident, at: at)
        stage.act(at, .alarm(.occlusion))
        flow.stop(on: &stage, at: at)
        book(flow.counter, on: &stage, to: current.index)
        let removed = at.adding(seconds: 120)
        let back = at.adding(seconds: 420)
        stage.act(removed.adding(seconds: -10), .alarmCleared(.occlusion))
        stage.act(removed, .containerRemoved)
        stage.truth.containers[current.index].endedAt = removed
        let given = flow.counter
        hang(on: &stage, firstFlow: back)
        if let hung { current = hung }
        flow = CassetteFlow(milliliterPerHour: rate)
        flow.start(on: &stage, at: back)
        return (back, given)
    }

    private func book(_ thousandths: Int, on stage: inout Stage, to index: Int) {
        let sofar = stage.truth.containers[index].infused?.thousandths ?? 0
        stage.truth.containers[index].infused = .milliliters(thousandths: sofar + thousandths)
    }

    private mutating func changeBattery(on stage: inout Stage, before moment: Instant) {
        guard batteryDueAt < moment, freeAt.adding(seconds: 1200) < moment else { return }
        let at = moment.adding(seconds: -900)
        stage.act(at, .batteryLow)
        stage.act(at.adding(seconds: 60), .powerOff)
        stage.act(at.adding(seconds: 130), .powerOn)
        batteryDueAt = moment.adding(seconds: Self.batteryEveryDays * 86_400)
    }
}
