import PumpCore

/// Plays an infusion that never stops, from one container after another, with or without demand doses.
struct BagPlay {
    private let program: BagProgram
    private let start: CivilDateTime

    static func run(_ program: BagProgram, on stage: inout Stage) {
        BagPlay(
            program: program, start: CivilDateTime(stage.firstDay).adding(seconds: program.firstAt)
        ).run(on: &stage)
    }

    private func run(on stage: inout Stage) {
        var flowAt = stage.zone.instant(start)
        while flowAt < min(stage.horizon, stage.end) {
            flowAt = give(from: flowAt, next: dueAt(after: flowAt, on: &stage), on: &stage)
        }
    }

    /// When a container that flows from `flowAt` on is due to be changed: at the next time of the plan, unless it would
    /// then have hung for less than half of the interval. Nil where only emptiness decides.
    private func dueAt(after flowAt: Instant, on stage: inout Stage) -> Instant? {
        guard program.changeEveryHours > 0 else { return nil }
        let interval = program.changeEveryHours * 3600
        let hung = stage.zone.civil(flowAt).wallSeconds - start.wallSeconds
        let planned = start.adding(seconds: ((hung + interval / 2) / interval + 1) * interval)
        return stage.zone.instant(planned).adding(seconds: stage.offset(atMost: program.changeEveryHours * 3600 / 8))
    }

    /// Hangs a container and lets it run. Returns when the next one begins to flow.
    private func give(from flowAt: Instant, next due: Instant?, on stage: inout Stage) -> Instant {
        let index = stage.place(
            at: flowAt.adding(seconds: -stage.dice.roll(40...120)), firstFlow: flowAt, holding: program.usable)
        stage.act(
            flowAt.adding(seconds: -15),
            .programmed(
                PumpAct.Prescription(
                    milliliterPerHour: program.milliliterPerHour, volume: program.usable,
                    extraDose: program.demandDose, lockoutSeconds: program.lockoutMinutes * 60)))
        var flow = CassetteFlow(milliliterPerHour: program.milliliterPerHour)
        flow.start(on: &stage, at: flowAt)
        var at = flowAt
        var lastDose = flowAt
        let ending: Ending = {
            while true {
                let emptyAt = at.adding(seconds: flow.seconds(for: max(0, program.usable.thousandths - flow.counter)))
                var limit = min(emptyAt, stage.end)
                if let due { limit = min(limit, due) }
                if let incident = stage.take(
                    CassetteFlow.interruptions.union([.earlyChange]), before: limit.adding(seconds: -120))
                {
                    at = max(stage.zone.instant(incident.at), at.adding(seconds: 60))
                    flow.advance(to: at)
                    if incident.kind == .earlyChange {
                        stage.note(incident, at: at)
                        stage.act(at, .alarm(.occlusion))
                        return .occluded(at)
                    }
                    at = flow.interrupt(incident, on: &stage, at: at)
                    continue
                }
                guard let press = nextDemand(after: at, on: &stage), press < limit else {
                    flow.advance(to: limit)
                    return limit == emptyAt ? .empty(limit) : .changed(limit)
                }
                flow.advance(to: press)
                at = press
                demand(&flow, lastDose: &lastDose, at: press, on: &stage)
            }
        }()
        return finish(ending, &flow, index, on: &stage)
    }

    private enum Ending {
        case empty(Instant)
        case changed(Instant)
        case occluded(Instant)
    }

    private func finish(
        _ ending: Ending, _ flow: inout CassetteFlow, _ index: Int, on stage: inout Stage
    ) -> Instant {
        let stopped: Instant
        var pause = stage.dice.roll(60...300)
        switch ending {
        case .empty(let at):
            stopped = at
            stage.act(at, .containerEmptied)
            // Nobody stands beside the pump when it runs dry.
            pause += stage.dice.roll(120...1200)
        case .changed(let at): stopped = at
        case .occluded(let at):
            stopped = at
            stage.act(at.adding(seconds: 50), .alarmCleared(.occlusion))
        }
        flow.stop(on: &stage, at: stopped, limit: program.usable.thousandths)
        let removed = stopped.adding(seconds: pause)
        stage.act(removed, .containerRemoved)
        stage.truth.containers[index].endedAt = removed
        stage.truth.containers[index].infused = flow.infused
        return removed.adding(seconds: stage.dice.roll(150...400))
    }

    // MARK: Demand doses

    private func nextDemand(after moment: Instant, on stage: inout Stage) -> Instant? {
        guard program.demandsPerDay > 0, program.demandDose.thousandths > 0 else { return nil }
        // Evenly drawn from nothing to twice the mean distance.
        let mean = 86_400 / program.demandsPerDay
        return moment.adding(seconds: stage.dice.roll(30...max(31, 2 * mean)))
    }

    private func demand(_ flow: inout CassetteFlow, lastDose: inout Instant, at: Instant, on stage: inout Stage) {
        let attempts = stage.dice.roll(1...3)
        let left = program.usable.thousandths - flow.counter
        guard at.seconds(since: lastDose) >= program.lockoutMinutes * 60, left > program.demandDose.thousandths else {
            stage.act(at, .doseDenied(attempts: attempts))
            return
        }
        stage.act(at, .doseGranted(.extra, attempts: attempts))
        // A milliliter a minute: a demand dose is over in seconds.
        let seconds = max(2, program.demandDose.thousandths * 60 / 1000)
        stage.act(at.adding(seconds: seconds), .doseFinished(.extra))
        flow.add(program.demandDose)
        lastDose = at
    }
}
