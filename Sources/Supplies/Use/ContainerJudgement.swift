import PumpCore
import Register
import Timeline

/// What the rules make of each container of an order, apart from any period: its day, whether it counts, and why.
struct ContainerJudgement {
    private let plan: OrderPlan
    private let pumps: [String]
    private let readings: [String: PumpReading]

    init(_ plan: OrderPlan, pumps: [String], readings: [String: PumpReading]) {
        self.plan = plan
        self.pumps = pumps
        self.readings = readings
    }

    func judge(_ containers: inout [FoldedContainer]) {
        for index in containers.indices {
            containers[index].isEarly = isEarly(containers[index], containers)
            containers[index].day = day(of: containers[index])
            let verdict = verdict(on: containers[index], wantsReason: false)
            containers[index].counted = verdict.counted
            containers[index].rule = verdict.rule
        }
    }

    /// Intermittent and prolonged doses: the day of the first slot that it served, and where that slot upholds another
    /// container, the day of the slot that upholds this one; else the day on which it was attached. Continuous: the day
    /// on which it was hung. (Contract, Counting 5.)
    private func day(of container: FoldedContainer) -> CivilDate {
        let wall: Int
        if plan.hasDoses, container.hasFlow, !container.isInStay, let slots = plan.slots,
            let slot = container.upheldBy ?? container.slots.first
        {
            wall = slots.wall(slot)
        } else {
            wall = plan.hasDoses || !container.hasFlow ? container.startWall : container.hungWall
        }
        return CivilDateTime(wallSeconds: wall).date
    }

    /// Changed before its time, after an alarm that says occlusion, leak or air (contract, Counting 10).
    private func isEarly(_ container: FoldedContainer, _ containers: [FoldedContainer]) -> Bool {
        guard container.alarmBefore, container.isUsed, let previous = container.previous else { return false }
        guard !plan.hasDoses, let life = plan.life.seconds else { return true }
        return (container.hungWall - containers[previous].hungWall) * 10 < life * 9
    }

    private struct Verdict {
        var counted: Counted
        var rule: String
        /// Empty unless wanted: a month has many containers and prints the reasons of few.
        var reason: String

        init(_ counted: Counted, _ rule: String, _ wantsReason: Bool, _ reason: @autoclosure () -> String) {
            self.counted = counted
            self.rule = rule
            self.reason = wantsReason ? reason() : ""
        }
    }

    private func verdict(on container: FoldedContainer, wantsReason wants: Bool) -> Verdict {
        var shown: String { shownReason(container) }
        if container.isInStay {
            return Verdict(.no, "R10", wants, "hung during a stay in hospital; \(shown)")
        }
        if !container.hasFlow {
            let hasPrime = "put in place and never infused from"
            return Verdict(.no, "R8", wants, "\(hasPrime): prepared, not used; \(shown)")
        }
        if container.isBeforeLog {
            return Verdict(.no, "R3", wants, "in place when the log begins: hung at a time that the log does not show")
        }
        if container.isDoubtful { return Verdict(.review, plan.hasDoses ? "R2" : "R3", wants, shown) }
        return plan.hasDoses ? doseVerdict(on: container, wants) : Verdict(.yes, "R3", wants, shown)
    }

    private func doseVerdict(on container: FoldedContainer, _ wants: Bool) -> Verdict {
        var shown: String { shownReason(container) }
        guard let slots = plan.slots else {
            return Verdict(.review, "R2", wants, "the order has no dose_times or dose_interval_hours; \(shown)")
        }
        if let slot = container.upheldBy {
            let at = CivilDateTime(wallSeconds: slots.wall(slot))
            let others = container.slots.count - 1
            let more = others > 0 ? " and \(others) more" : ""
            return Verdict(.yes, "R2", wants, "served the dose of \(at)\(more); \(shown)")
        }
        if let slot = container.slots.first {
            let at = CivilDateTime(wallSeconds: slots.wall(slot))
            return container.isEarly
                ? Verdict(
                    .review, "R2", wants, "second container for the dose of \(at), changed after an alarm; \(shown)")
                : Verdict(
                    .no, "R2", wants,
                    "another container for the dose of \(at): no more than one is covered for each dose; \(shown)")
        }
        if container.hasDuplicate {
            return Verdict(.review, "R2", wants, "served a slot that another pump served already; \(shown)")
        }
        return Verdict(
            .review, "R2", wants,
            container.hasExtra
                ? "its dose fits no ordered slot that is free; \(shown)" : "used for no ordered dose; \(shown)")
    }

    private func shownReason(_ container: FoldedContainer) -> String {
        guard let part = container.parts.first, let reading = readings[pumps[part.pump]] else { return "" }
        let draft = reading.drafts[part.draft]
        var reason = draft.reason
        let reseats = container.parts.reduce(0) { sum, part in
            sum + (readings[pumps[part.pump]]?.drafts[part.draft].reseats ?? 0)
        }
        if reseats > 0 { reason += "; taken off and put back \(reseats == 1 ? "once" : "\(reseats) times")" }
        if draft.isTimeDoubtful { reason += "; the pump's clock had jumped, so its time is doubtful" }
        return reason
    }

    // MARK: The row that a person reads

    func row(_ container: FoldedContainer) -> ContainerUse? {
        let parts = container.parts.compactMap { part in
            readings[pumps[part.pump]].map { (reading: $0, draft: $0.drafts[part.draft]) }
        }
        guard let first = parts.first, let last = parts.last else { return nil }
        let ended = parts.allSatisfy { $0.draft.ended != nil } ? last.reading.moment(last.draft.ended) : nil
        var volume: Quantity?
        for part in parts {
            guard let unit = part.draft.volumeUnit, volume?.unit ?? unit == unit else { continue }
            volume = Quantity(thousandths: (volume?.thousandths ?? 0) + part.draft.volumeThousandths, unit)
        }
        var serials: [String] = []
        for part in parts where !serials.contains(part.reading.serial) { serials.append(part.reading.serial) }
        return ContainerUse(
            id: ContainerName.text(container, of: plan.order.id, first.reading, first.draft), order: plan.order.id,
            pump: last.reading.serial, pumps: serials, channel: last.draft.channel, containerID: container.containerID,
            attached: first.reading.moment(first.draft.attached ?? (first.draft.isInPlace ? nil : first.draft.start)),
            firstFlow: parts.lazy.compactMap { $0.reading.moment($0.draft.firstFlow) }.min { $0.civil < $1.civil },
            ended: ended, volume: volume, containerClass: containerClass(container),
            reseats: parts.reduce(0) { $0 + $1.draft.reseats } + parts.count - 1,
            ranEmpty: parts.contains { $0.draft.ranEmpty },
            slots: plan.slots.map { slots in container.slots.map { CivilDateTime(wallSeconds: slots.wall($0)) } } ?? [],
            doses: plan.hasDoses ? container.slots.count : nil, date: container.day, isUsed: container.isUsed,
            counted: container.counted, reason: verdict(on: container, wantsReason: true).reason, rule: container.rule,
            records: ContainerName.records(parts.map { ($0.reading, $0.draft) }),
            isUncorrected: first.reading.timeline.records[first.draft.start].correctedAt == nil,
            isTimeDoubtful: parts.contains { $0.draft.isTimeDoubtful })
    }

    private func containerClass(_ container: FoldedContainer) -> ContainerClass {
        if !container.hasFlow { return .primedOnly }
        if container.isDoubtful { return .doubtful }
        if container.isInPlace { return .inPlace }
        return container.isEarly ? .earlyChange : .new
    }
}

/// What a container is called, and what it rests on.
enum ContainerName {
    /// Order and own id name a container on every pump; without an id its first record does.
    static func text(_ container: FoldedContainer, of order: String, _ reading: PumpReading, _ draft: UseDraft)
        -> String
    {
        if let id = container.containerID { return "c:\(order)/\(id)" }
        return text(reading, draft)
    }

    static func text(_ reading: PumpReading, _ draft: UseDraft) -> String {
        let place = place(reading, draft)
        if let id = draft.containerID { return "\(place)/\(id)" }
        return "\(place)@\(reading.timeline.records[draft.start].record.key.text)"
    }

    /// Pump and channel.
    static func place(_ reading: PumpReading, _ draft: UseDraft) -> String { "c:\(reading.serial).\(draft.channel)" }

    static func records(_ parts: [(reading: PumpReading, draft: UseDraft)]) -> [RecordKey] {
        parts.flatMap { part in
            Array(Set(part.draft.records)).sorted().map { part.reading.timeline.records[$0].record.key }
        }
    }

    /// A container of no order: nobody said what it is for.
    static func unassigned(_ reading: PumpReading, _ draft: UseDraft, isPumpKnown: Bool) -> ContainerUse {
        let start = reading.timeline.records[draft.start]
        let why =
            isPumpKnown
            ? "the pump was not assigned to an order then" : "the register does not know the pump"
        let day = CivilDateTime(wallSeconds: draft.hasFlow ? draft.hungWall : draft.startWall).date
        return ContainerUse(
            id: text(reading, draft), order: nil, pump: reading.serial,
            pumps: [reading.serial], channel: draft.channel, containerID: draft.containerID,
            attached: reading.moment(draft.attached ?? (draft.isInPlace ? nil : draft.start)),
            firstFlow: reading.moment(draft.firstFlow), ended: reading.moment(draft.ended),
            volume: draft.volumeUnit.map { Quantity(thousandths: draft.volumeThousandths, $0) },
            containerClass: draft.isDoubtful
                ? .doubtful : draft.isInPlace ? .inPlace : draft.hasFlow ? .new : .primedOnly,
            reseats: draft.reseats, ranEmpty: draft.ranEmpty, slots: [], doses: nil, date: day, isUsed: draft.hasFlow,
            counted: draft.isDoubtful ? .review : .no, reason: "\(why); \(draft.reason)", rule: "R1",
            records: records([(reading, draft)]), isUncorrected: start.correctedAt == nil,
            isTimeDoubtful: draft.isTimeDoubtful)
    }
}
