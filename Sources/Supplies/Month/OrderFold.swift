import PumpCore
import Register
import Timeline

/// Everything that the logs of an order's pumps say about it, over its whole time. Months are cut from it afterwards, so
/// that the parts of a period add up to the whole.
struct OrderFold {
    let plan: OrderPlan
    /// The pumps that were assigned to it, in the order of time.
    let pumps: [String]
    let readings: [String: PumpReading]
    private(set) var containers: [FoldedContainer] = []
    /// Numbers of the slots that were given, ascending.
    private(set) var given: [Int] = []
    /// What may have been used in unread time.
    private(set) var unknown: [UnknownUse] = []
    /// From one container to the next, as a rule, in seconds.
    private let step: Int
    private(set) var hang: HangTimes
    let unread: UnreadTime
    private(set) var unused = Unused()
    let stock: Stock

    /// `horizon`: wall seconds behind the last day that anybody asks for.
    init(_ plan: OrderPlan, readings: [String: PumpReading], countedCodes: Set<String>, horizon: Int) {
        self.plan = plan
        self.readings = readings
        var pumps: [String] = []
        for time in plan.assignments where !pumps.contains(time.pump) { pumps.append(time.pump) }
        self.pumps = pumps
        unread = UnreadTime(plan, timelines: readings.mapValues(\.coverage))
        hang = HangTimes(plan, hung: [], horizon: plan.span.from)
        var merging = ContainerMerging(plan, pumps: pumps, readings: readings)
        merging.run()
        var containers = merging.containers
        for index in containers.indices {
            containers[index].isInStay = plan.stays.contains(containers[index].hungWall)
            containers[index].isBeforeLog = Self.isBeforeLog(containers[index], plan, pumps, readings)
        }
        var slotsGiven: Set<Int> = []
        if plan.hasDoses, let slots = plan.slots {
            slotsGiven = Self.match(merging.attempts, slots: slots, stays: plan.stays, into: &containers)
            Self.uphold(&containers)
            given = slotsGiven.sorted()
        }
        let hung = containers.indices.filter { containers[$0].isUsed }.map { containers[$0].hungWall }.sorted()
        hang = HangTimes(plan, hung: hung, horizon: horizon)
        unused = Unused(plan, given: slotsGiven, hung: hung, unread: unread, horizon: horizon)
        step = Self.usualStep(plan, hung: hung, unread: unread)
        unknown =
            plan.hasDoses
            ? Self.unknownSlots(plan, given: slotsGiven, excused: unused.slots, unread: unread, horizon: horizon)
            : Self.unknownHangs(plan, hung: hung, unread: unread, step: step, horizon: horizon)
        unknown +=
            HiddenUse(
                containers, plan, pumps: pumps, readings: readings, given: slotsGiven.union(unused.slots),
                unread: unknown
            ).found
        let judgement = ContainerJudgement(plan, pumps: pumps, readings: readings)
        judgement.judge(&containers)
        self.containers = containers
        stock = Stock(plan, countedCodes: countedCodes, containers: containers, unused: unused)
    }

    // MARK: Matching

    private static func match(
        _ all: [DoseMatching.Attempt], slots: DoseSlots, stays: InpatientStays, into containers: inout [FoldedContainer]
    ) -> Set<Int> {
        // What was given in hospital is not the home supplier's (rule R10).
        let attempts = stays.entries.isEmpty ? all : all.filter { !stays.contains($0.startWall) }
        let matching = DoseMatching(attempts, slots: slots)
        for (place, result) in matching.results.enumerated() {
            for container in attempts[place].containers {
                switch result {
                case .slot(let number): containers[container].slots.append(number)
                case .duplicate: containers[container].hasDuplicate = true
                case .extra: containers[container].hasExtra = true
                }
            }
        }
        for index in containers.indices where containers[index].slots.count > 1 {
            containers[index].slots = Array(Set(containers[index].slots)).sorted()
        }
        return Set(matching.given.keys)
    }

    private static func uphold(_ containers: inout [FoldedContainer]) {
        var limit = IntermittentLimit()
        let order = containers.indices.filter { containers[$0].isUsed && !containers[$0].slots.isEmpty }
        let slots = containers.map(\.slots)
        for index in order where !containers[index].isDoubtful {
            _ = limit.add(index, slots: slots[index]) { slots[$0] }
        }
        for index in order where containers[index].isDoubtful {
            containers[index].isPossible = limit.add(index, slots: slots[index]) { slots[$0] }
        }
        for index in order { containers[index].upheldBy = limit.upheld[index] }
    }

    /// A container that hangs when the log begins was hung before it. Of a dose that is no matter: the slot says to which
    /// month it belongs. A continuous one counts here only if the log shows it beginning to flow.
    private static func isBeforeLog(
        _ container: FoldedContainer, _ plan: OrderPlan, _ pumps: [String], _ readings: [String: PumpReading]
    ) -> Bool {
        guard container.isInPlace, !plan.hasDoses, let part = container.parts.first,
            let reading = readings[pumps[part.pump]]
        else { return false }
        if reading.timeline.signs.attachment == .rewindThenPrime { return true }
        guard let flow = reading.drafts[part.draft].firstFlow else { return false }
        let kind = reading.timeline.records[flow].record.event.kind
        return kind != .deliveryStarted && kind != .doseStarted
    }

    // MARK: What is not known

    private static func unknownSlots(
        _ plan: OrderPlan, given: Set<Int>, excused: Set<Int>, unread: UnreadTime, horizon: Int
    ) -> [UnknownUse] {
        guard !unread.intervals.isEmpty, let slots = plan.slots else { return [] }
        var found: [UnknownUse] = []
        for number in slots.numbers(in: plan.span.clipped(to: WallSpan(Int.min, horizon)))
        where !given.contains(number) && !excused.contains(number) {
            let wall = slots.wall(number)
            guard !plan.stays.contains(wall), let why = unread.interval(at: wall, window: slots.window(number))
            else { continue }
            found.append(UnknownUse(wall: wall, why: why))
        }
        return found
    }

    private static func unknownHangs(
        _ plan: OrderPlan, hung: [Int], unread: UnreadTime, step: Int, horizon: Int
    ) -> [UnknownUse] {
        guard !unread.intervals.isEmpty else { return [] }
        // One that is due just behind the horizon may have come before it.
        let hang = HangTimes(plan, hung: hung, horizon: horizon + step)
        let keepsPlan = plan.order.changeIntervalHours.map { $0 > 0 } ?? false
        return hang.missing(hung: hung, unread: unread.intervals, step: step).compactMap { missing in
            let doubt = UnknownHangs.doubt(steps: missing.steps, step: step, keepsPlan: keepsPlan)
            return unread.intervals.first { $0.reaches(missing.wall, slack: UnreadTime.slack) }.map {
                UnknownUse(wall: missing.wall, why: $0, doubtSeconds: doubt)
            }
        }
    }

    /// What may have been used in unread time of a period.
    func unknown(in span: WallSpan) -> [UnknownUse] {
        if plan.hasDoses { return unknown.filter { span.contains($0.wall) } }
        return UnknownHangs(uses: unknown, step: step).uses(in: span)
    }

    /// From one container to the next, as a rule: their life, or, where the log shows that they were changed more often,
    /// one of the shorter intervals that it shows.
    private static func usualStep(_ plan: OrderPlan, hung: [Int], unread: UnreadTime) -> Int {
        let intervals = zip(hung, hung.dropFirst()).filter { a, b in
            b > a && !unread.intervals.contains { $0.span.overlaps(WallSpan(a, b)) }
                && !plan.stays.spans.contains { $0.overlaps(WallSpan(a, b)) }
        }.map { $1 - $0 }.sorted()
        // The quarter of them that are shortest: what is not known must not be thought too little.
        let observed = intervals.count >= 3 ? intervals[intervals.count / 4] : nil
        if let life = plan.life.seconds {
            // Nine tenths: a change that comes somewhat early is no other habit.
            return observed.map { $0 * 10 < life * 9 ? $0 : life } ?? life
        }
        let interval = plan.order.changeIntervalHours.flatMap { $0 > 0 ? Seconds.hours(min($0, 24 * 366)) : nil }
        return observed ?? interval ?? Self.unknownStep
    }

    /// Where nothing at all tells how often containers are changed: every second day, as insulin reservoirs mostly are.
    private static let unknownStep = 2 * Seconds.day
}
