import PumpCore
import Register
import Timeline

/// Reads one pump's log, oldest record first, and infers containers and attempts to give doses.
///
/// Drivers state facts; what a container is, is decided here, over the whole log (contract, Counting 3):
/// an attach with an id not seen is a new one; so is an attach without id after an empty container, or with a reset or a
/// prime before flow; so is a rewind followed by a prime. Anything else is the same one. A reset after a power-off without
/// a prime, and a re-attach in mid-dose without id, reset or prime, do not decide it.
struct ContainerInference {
    let timeline: PumpTimeline
    private let uses: [RegisterIndex.PumpUse]
    /// The signs' few kinds as they are compared, with every record: to hash one takes longer.
    private let flowing: [EventKind]
    private let emptied: [EventKind]
    let plans: [OrderPlan]
    var channels = PumpChannels()
    var known: [KnownContainer: Int] = [:]
    var drafts: [UseDraft] = []
    var attempts: [DoseAttempt] = []
    /// Wall seconds of each record; the one before where a record has none.
    var wall = 0
    private var hasWall = false

    struct KnownContainer: Hashable {
        var plan: Int?
        var id: String
    }

    init(_ timeline: PumpTimeline, index: RegisterIndex) {
        self.timeline = timeline
        uses = index.uses(ofPump: timeline.pump.serial)
        flowing = Array(timeline.signs.flow)
        emptied = Array(timeline.signs.emptied)
        plans = index.plans
    }

    mutating func run() {
        let superseded = Set(timeline.records.compactMap(\.record.supersedes))
        var stretch: Int?
        for index in timeline.records.indices {
            if !superseded.isEmpty, superseded.contains(timeline.records[index].record.key) { continue }
            let own = timeline.records[index].record.stretch
            if let stretch, stretch != own { crossGap() }
            stretch = own
            if let civil = timeline.records[index].civil ?? timeline.records[index].correctedAt?.utc {
                wall = civil.wallSeconds
                hasWall = true
            }
            take(index)
        }
        finish()
    }

    // MARK: One record

    mutating func take(_ index: Int) {
        let kind = timeline.records[index].record.record.event.kind
        switch kind {
        case .clockChanged, .counter, .setting, .note, .unknown, .containerLow, .alarmCleared: break
        case .battery, .powerOn, .powerOff:
            if channels.isEmpty { channels.put(1, ChannelState()) }
            for channel in channels.numbers {
                var state = channels.take(channel)
                if kind == .powerOff {
                    state.sawPowerOff = true
                    state.isRunning = false
                }
                measure(index, &state)
                channels.put(channel, state)
            }
        default:
            let channel = timeline.records[index].record.record.event.channel ?? 1
            var state = channels.take(channel)
            take(index, kind, on: channel, &state)
            channels.put(channel, state)
        }
    }

    mutating func take(_ index: Int, _ kind: EventKind, on channel: Int, _ state: inout ChannelState) {
        if kind != .containerEmpty, emptied.contains(kind) { empty(index, &state) }
        switch kind {
        case .containerAttached: attach(index, id: containerID(index), on: channel, &state)
        case .containerDetached: detach(index, &state)
        case .containerEmpty: empty(index, &state)
        case .reservoirReset: reset(index, on: channel, &state)
        case .rewind:
            state.rewinds.append(index)
            state.isRunning = false
        case .primed: prime(index, on: channel, &state)
        case .alarm: alarm(index, &state)
        case .deliveryStopped:
            state.isRunning = false
            closeRun(&state)
            add(volumeOf: index, &state)
        case .doseCancelled:
            if let open = state.dose {
                attempts[open].isOpen = false
                attempts[open].records.append(index)
                note(index, &state)
            }
            state.dose = nil
            add(volumeOf: index, &state)
        case .bolusCancelled: add(volumeOf: index, &state)
        case .doseStarted, .doseCompleted, .bolus, .deliveryStarted:
            if let id = containerID(index) {
                if state.current.map({ drafts[$0].containerID != id }) ?? true {
                    attach(index, id: id, on: channel, &state)
                }
                state.hasGap = false
            }
            if kind == .doseStarted || kind == .doseCompleted || flowing.contains(kind) {
                flow(index, kind, on: channel, &state)
            }
            add(volumeOf: index, &state)
        default: break
        }
    }

    func containerID(_ index: Int) -> String? { timeline.records[index].record.record.event.containerID }

    // MARK: Bookkeeping

    mutating func note(_ index: Int, _ state: inout ChannelState) {
        if let current = state.current, drafts[current].records.last != index { drafts[current].records.append(index) }
    }

    mutating func begin(
        _ start: Int, attached: Int?, id: String? = nil, on channel: Int, _ state: inout ChannelState, _ reason: String,
        also: [Int] = []
    ) {
        if let current = state.current { end(current, by: start) }
        var draft = UseDraft(
            plan: plan(on: channel), channel: channel, containerID: id, records: [start] + also, attached: attached,
            start: start, startWall: wallOf(start), reason: reason)
        if let attached, attached != start, !also.contains(attached) { draft.records.append(attached) }
        let recent = state.lastAlarm.flatMap { wall - $0.wall <= Self.triesSeconds ? $0.record : nil }
        draft.alarmBefore = state.alarm ?? recent
        draft.previous = state.current
        draft.isTimeDoubtful = timeline.records[start].isDoubtful
        if let alarm = draft.alarmBefore { draft.records.append(alarm) }
        if let id { known[KnownContainer(plan: draft.plan, id: id)] = drafts.count }
        state.current = drafts.count
        state.hasGap = false
        state.awaitsFlow = true
        state.hasAttach = attached != nil
        state.isRewound = false
        state.opening = nil
        state.ambiguousReset = nil
        state.rewinds = []
        state.alarm = nil
        state.lastAlarm = nil
        state.isKnownByID = id != nil
        drafts.append(draft)
    }

    /// How long people try again after an alarm before they change the container.
    static let triesSeconds = 2 * Seconds.hour

    mutating func end(_ use: Int, by next: Int) {
        guard drafts[use].ended == nil else { return }
        let last = drafts[use].detached ?? next
        let lastWall = wallOf(last)
        drafts[use].ended = last
        drafts[use].endedWall = lastWall
    }

    func wallOf(_ index: Int) -> Int {
        (timeline.records[index].civil ?? timeline.records[index].correctedAt?.utc)?.wallSeconds ?? wall
    }

    /// What lay in the gap is not known: what was begun before it is not carried over it, but the container in place is;
    /// and what the pump's running total grew by was infused in there, or, where it was cleared, no less than it shows.
    mutating func crossGap() {
        for channel in channels.numbers {
            channels[channel]?.dose = nil
            channels[channel]?.run = nil
            channels[channel]?.lastAttempt = nil
            // A cassette that was seen taken off is off; what else was begun, nobody saw the end of.
            if timeline.signs.attachment != .flowAfterDetach || channels[channel]?.opening?.attach != nil {
                channels[channel]?.opening = nil
            }
            channels[channel]?.ambiguousReset = nil
            channels[channel]?.sawPowerOff = false
            channels[channel]?.rewinds = []
            channels[channel]?.isRewound = false
            channels[channel]?.alarm = nil
            if let current = channels[channel]?.current, drafts[current].hasFlow {
                channels[channel]?.hasGap = true
                if drafts[current].detached == nil { drafts[current].gapsCrossed.append(wall) }
            }
        }
    }

    mutating func finish() {
        for state in channels.states {
            if let current = state.current, drafts[current].ended == nil, let detached = drafts[current].detached {
                drafts[current].ended = detached
                drafts[current].endedWall = wallOf(detached)
            }
        }
        presumeFlow()
        weighVolumes()
    }

    /// A log that records no flow at all on a continuous order still shows use: a container that hung for an hour or
    /// more, until it ran empty, was taken off or was followed by another.
    mutating func presumeFlow() {
        guard !drafts.isEmpty, !drafts.contains(where: { $0.firstFlow != nil }) else { return }
        for index in drafts.indices {
            guard let plan = drafts[index].plan, !plans[plan].hasDoses, let end = drafts[index].endedWall,
                end - drafts[index].startWall >= Seconds.hour
            else { continue }
            drafts[index].flowsUnseen = true
        }
    }

    /// The order that this channel serves now; what is hung shortly before an assignment begins is hung for it.
    func plan(on channel: Int) -> Int? {
        guard hasWall else { return nil }
        if let use = uses.last(where: { $0.channel == channel && $0.span.contains(wall) }) { return use.plan }
        return uses.first { $0.channel == channel && (1...Self.beforehand).contains($0.span.from - wall) }?.plan
            ?? uses.last { $0.channel == channel && gaveLate($0) }?.plan
    }

    /// How long before its assignment a container is put in place.
    static let beforehand = Seconds.hour

    /// Whether the last dose of an order may come now: after its end, and nearer to its last slot than the next one would
    /// be (contract, Counting 4).
    private func gaveLate(_ use: RegisterIndex.PumpUse) -> Bool {
        let plan = plans[use.plan]
        guard plan.hasDoses, wall >= use.span.to, wall - use.span.to <= Seconds.day, use.span.to >= plan.span.to,
            let slots = plan.slots, let last = slots.nearest(to: wall)
        else { return false }
        return slots.window(last).contains(wall)
    }
}
