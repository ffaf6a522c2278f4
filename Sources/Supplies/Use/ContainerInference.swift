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
    private let timeline: PumpTimeline
    private let uses: [RegisterIndex.PumpUse]
    private let plans: [OrderPlan]
    private var channels: [Int: ChannelState] = [:]
    private var known: [KnownContainer: Int] = [:]
    private(set) var drafts: [UseDraft] = []
    private(set) var attempts: [DoseAttempt] = []
    /// Wall seconds of each record; the one before where a record has none.
    private var wall = 0
    private var hasWall = false

    private struct KnownContainer: Hashable {
        var plan: Int?
        var id: String
    }

    init(_ timeline: PumpTimeline, index: RegisterIndex) {
        self.timeline = timeline
        uses = index.uses(ofPump: timeline.pump.serial)
        plans = index.plans
    }

    mutating func run() {
        let superseded = Set(timeline.records.compactMap(\.record.supersedes))
        var stretch: Int?
        for index in timeline.records.indices {
            if !superseded.isEmpty, superseded.contains(timeline.records[index].record.key) { continue }
            if let civil = timeline.records[index].civil ?? timeline.records[index].correctedAt?.utc {
                wall = civil.wallSeconds
                hasWall = true
            }
            let own = timeline.records[index].record.stretch
            if let stretch, stretch != own { crossGap() }
            stretch = own
            take(index)
        }
        finish()
    }

    // MARK: One record

    private mutating func take(_ index: Int) {
        let kind = timeline.records[index].record.record.event.kind
        switch kind {
        case .clockChanged, .counter, .setting, .note, .unknown, .containerLow, .alarmCleared: break
        case .battery, .powerOn, .powerOff:
            if channels.isEmpty { channels[1] = ChannelState() }
            for channel in Array(channels.keys) {
                guard var state = channels[channel] else { continue }
                if kind == .powerOff {
                    state.sawPowerOff = true
                    state.isRunning = false
                }
                measure(index, &state)
                channels[channel] = state
            }
        default:
            let channel = timeline.records[index].record.record.event.channel ?? 1
            var state = channels[channel] ?? ChannelState()
            take(index, kind, on: channel, &state)
            channels[channel] = state
        }
    }

    private mutating func take(_ index: Int, _ kind: EventKind, on channel: Int, _ state: inout ChannelState) {
        if timeline.signs.emptied.contains(kind), kind != .containerEmpty { empty(index, &state) }
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
            if timeline.signs.flow.contains(kind) || kind == .doseStarted || kind == .doseCompleted {
                flow(index, kind, on: channel, &state)
            }
            add(volumeOf: index, &state)
        default: break
        }
    }

    private func containerID(_ index: Int) -> String? { timeline.records[index].record.record.event.containerID }

    // MARK: Putting in place and taking off

    private mutating func attach(_ index: Int, id: String?, on channel: Int, _ state: inout ChannelState) {
        if let id {
            if let current = state.current, drafts[current].containerID == id {
                reseat(index, &state)
            } else if let earlier = known[KnownContainer(plan: plan(on: channel), id: id)] {
                if let current = state.current { end(current, by: index) }
                state.current = earlier
                state.awaitsFlow = !drafts[earlier].hasFlow
                drafts[earlier].endedWall = nil
                drafts[earlier].ended = nil
                reseat(index, &state)
            } else {
                begin(index, attached: index, id: id, on: channel, &state, "put in place with an id not seen before")
            }
            state.isKnownByID = true
            state.ambiguousReset = nil
        } else if state.current == nil {
            begin(index, attached: index, on: channel, &state, "the first container that the log shows")
        } else if let current = state.current, drafts[current].ranEmpty {
            begin(index, attached: index, on: channel, &state, "put in place after the one before had run empty")
        } else if state.awaitsFlow, !state.hasAttach, state.opening == nil {
            state.hasAttach = true
            note(index, &state)
        } else {
            state.opening = Opening(attach: index, detach: state.opening?.detach)
            state.isKnownByID = false
        }
        if state.isRunning, state.opening == nil { flowsOn(index, &state) }
        state.isDetached = false
    }

    private mutating func reseat(_ index: Int, _ state: inout ChannelState) {
        if let current = state.current {
            drafts[current].records.append(index)
            if drafts[current].hasFlow { drafts[current].reseats += 1 }
            drafts[current].detached = nil
        }
        state.opening = nil
        state.alarm = nil
        state.hasGap = false
    }

    private mutating func detach(_ index: Int, _ state: inout ChannelState) {
        if let current = state.current {
            drafts[current].detached = index
            drafts[current].records.append(index)
        }
        state.opening = Opening(attach: nil, detach: index)
        state.isDetached = true
        state.isKnownByID = false
        closeRun(&state)
        if timeline.signs.attachment == .flowAfterDetach { state.isRunning = false }
    }

    private mutating func empty(_ index: Int, _ state: inout ChannelState) {
        guard let current = state.current else { return }
        drafts[current].ranEmpty = true
        drafts[current].records.append(index)
        if !drafts[current].hasFlow, !state.isDetached { flowsOn(index, &state) }
        if let last = state.lastAttempt, attempts[last].uses.contains(current) { attempts[last].emptiedWall = wall }
        closeRun(&state)
    }

    private mutating func alarm(_ index: Int, _ state: inout ChannelState) {
        switch timeline.records[index].record.record.event.alarm {
        case .occlusion, .leak, .air:
            state.alarm = index
            state.lastAlarm = (index, wall)
        case .emptyContainer: empty(index, &state)
        default: break
        }
        measure(index, &state)
    }

    // MARK: Resets, rewinds, primes

    private mutating func reset(_ index: Int, on channel: Int, _ state: inout ChannelState) {
        if state.awaitsFlow, state.opening == nil {
            note(index, &state)
        } else if state.isKnownByID {
            // The id has said already that it is the same one.
            note(index, &state)
        } else if state.sawPowerOff {
            state.ambiguousReset = index
        } else if let opening = state.opening {
            begin(
                opening.attach ?? index, attached: opening.attach, on: channel, &state,
                "put in place with a reset of the reservoir volume before flow", also: [index])
            if state.isRunning { flowsOn(index, &state) }
        }
    }

    private mutating func prime(_ index: Int, on channel: Int, _ state: inout ChannelState) {
        if let type = timeline.records[index].record.record.event.primeType, !timeline.signs.primes.contains(type) {
            return
        }
        if !state.rewinds.isEmpty {
            let isSameChange =
                state.awaitsFlow && state.isRewound && wall - state.lastPrimeWall <= Self.oneChangeSeconds
            if isSameChange, let current = state.current {
                drafts[current].records += state.rewinds + [index]
                state.rewinds = []
            } else {
                let rewinds = state.rewinds
                begin(
                    rewinds[0], attached: index, on: channel, &state, Self.rewoundReason(rewinds.count),
                    also: rewinds.dropFirst() + [index])
                state.isRewound = true
            }
            if let current = state.current { drafts[current].flowsUnseen = true }
            state.opening = nil
            state.lastPrimeWall = wall
        } else if state.isKnownByID || (state.awaitsFlow && state.opening == nil) {
            note(index, &state)
            if state.isRewound { state.lastPrimeWall = wall }
        } else if let opening = state.opening {
            begin(
                opening.attach ?? index, attached: opening.attach, on: channel, &state,
                "put in place and primed before flow", also: [index])
            if state.isRunning { flowsOn(index, &state) }
        } else if let reset = state.ambiguousReset {
            begin(
                reset, attached: nil, on: channel, &state, "reservoir volume reset, and primed before flow",
                also: [index])
        }
        // A prime without detach or rewind is nothing.
    }

    /// Rewinds for one change come minutes apart, also where a pump's basal flow leaves no record between two changes.
    static let oneChangeSeconds = 3600

    private static func rewoundReason(_ rewinds: Int) -> String {
        rewinds == 1
            ? "plunger rewound and primed" : "plunger rewound \(rewinds) times before flow and primed: one change"
    }

    // MARK: Flow

    private mutating func flow(_ index: Int, _ kind: EventKind, on channel: Int, _ state: inout ChannelState) {
        if state.current == nil, state.opening == nil, state.ambiguousReset == nil {
            begin(index, attached: nil, on: channel, &state, "in place when the log begins")
            if let current = state.current {
                drafts[current].isInPlace = true
                state.awaitsFlow = false
            }
        } else if let opening = state.opening {
            decide(opening, at: index, kind, on: channel, &state)
        } else if let reset = state.ambiguousReset {
            begin(
                reset, attached: nil, on: channel, &state,
                "reservoir volume reset after a power-off, without a prime: new, or the same one")
            if let current = state.current { drafts[current].isDoubtful = true }
        }
        flowsOn(index, &state)
        if kind == .deliveryStarted { state.isRunning = true }
        attempt(index, kind, on: channel, &state)
    }

    /// Fluid moves out of the container in place.
    private mutating func flowsOn(_ index: Int, _ state: inout ChannelState) {
        guard let current = state.current else { return }
        if drafts[current].firstFlow == nil {
            drafts[current].firstFlow = index
            drafts[current].firstFlowWall = wall
            drafts[current].records.append(index)
            let channel = drafts[current].channel
            drafts[current].plan = plan(on: channel) ?? drafts[current].plan
            if let id = drafts[current].containerID {
                known[KnownContainer(plan: drafts[current].plan, id: id)] = current
            }
            drafts[current].isTimeDoubtful = timeline.records[index].isDoubtful
        }
        if state.hasGap { drafts[current].flowsBehindGaps.append(wall) }
        state.hasGap = false
        drafts[current].lastFlow = index
        drafts[current].lastFlowWall = wall
        state.opening = nil
        state.ambiguousReset = nil
        state.sawPowerOff = false
        state.isDetached = false
        state.awaitsFlow = false
        state.isRewound = false
        state.rewinds = []
        state.isKnownByID = false
        state.alarm = nil
    }

    /// New or the same one: flow comes again after something was taken off or put in place, without id, reset or prime.
    private mutating func decide(
        _ opening: Opening, at index: Int, _ kind: EventKind, on channel: Int, _ state: inout ChannelState
    ) {
        let start = opening.attach ?? opening.detach ?? index
        guard let current = state.current else {
            begin(start, attached: opening.attach, on: channel, &state, "the first container that the log shows")
            return
        }
        if let reset = state.ambiguousReset {
            begin(
                start, attached: opening.attach, on: channel, &state,
                "reservoir volume reset after a power-off, without a prime: new, or the same one", also: [reset])
            markDoubtful(state)
        } else if timeline.signs.attachment == .flowAfterDetach, opening.attach == nil {
            let lastDose = state.lastAttempt.map { attempts[$0].startWall }
            let order = plan(on: channel).map { plans[$0] }
            switch CassetteReading(drafts[current], plan: order, state, lastDoseWall: lastDose, at: wall) {
            case .new(let why): begin(index, attached: nil, on: channel, &state, why)
            case .same: keep(opening, &state)
            case .doubtful(let why):
                begin(index, attached: nil, on: channel, &state, why)
                markDoubtful(state)
            }
        } else if isMidDose(index, kind, on: channel, state) {
            begin(
                start, attached: opening.attach, on: channel, &state,
                "put back in mid-dose without id, reset or prime: new, or the same one")
            markDoubtful(state)
        } else {
            keep(opening, &state)
        }
    }

    private mutating func keep(_ opening: Opening, _ state: inout ChannelState) {
        guard let current = state.current else { return }
        if let attach = opening.attach { drafts[current].records.append(attach) }
        if drafts[current].hasFlow { drafts[current].reseats += 1 }
        drafts[current].detached = nil
        state.alarm = nil
    }

    private mutating func markDoubtful(_ state: ChannelState) {
        if let current = state.current { drafts[current].isDoubtful = true }
    }

    /// Whether flow goes on with the dose that was being given before.
    private func isMidDose(_ index: Int, _ kind: EventKind, on channel: Int, _ state: ChannelState) -> Bool {
        guard let last = state.lastAttempt, !attempts[last].isCompleted else { return false }
        let event = timeline.records[index].record.record.event
        switch kind {
        case .doseCompleted, .bolus: return attempts[last].isOpen
        default:
            if let attested = attempts[last].attestedSlot, let slot = event.doseSlot {
                return slot.wallSeconds == attested
            }
            guard let slots = plans[attempts[last].plan].slots else { return attempts[last].isOpen }
            let before =
                attempts[last].attestedSlot.flatMap(slots.number(at:)) ?? slots.nearest(to: attempts[last].startWall)
            let now = event.doseSlot.flatMap { slots.number(at: $0.wallSeconds) } ?? slots.nearest(to: wall)
            return before != nil && before == now
        }
    }

    // MARK: Doses

    private mutating func attempt(_ index: Int, _ kind: EventKind, on channel: Int, _ state: inout ChannelState) {
        guard let number = plan(on: channel), plans[number].hasDoses else { return }
        let uses = state.current.map { [$0] } ?? []
        let slot = timeline.records[index].record.record.event.doseSlot?.wallSeconds
        switch kind {
        case .doseStarted:
            state.dose = attempts.count
            state.lastAttempt = attempts.count
            attempts.append(
                DoseAttempt(
                    plan: number, channel: channel, isDose: true, start: index, startWall: wall, attestedSlot: slot,
                    uses: uses, records: [index]))
            note(index, &state)
        case .doseCompleted:
            if let open = state.dose,
                slot == nil || attempts[open].attestedSlot == nil || slot == attempts[open].attestedSlot
            {
                attempts[open].isOpen = false
                attempts[open].isCompleted = true
                attempts[open].records.append(index)
                attempts[open].attestedSlot = attempts[open].attestedSlot ?? slot
                for use in uses where !attempts[open].uses.contains(use) { attempts[open].uses.append(use) }
            } else {
                let hours = plans[number].order.doseHours ?? 0
                state.lastAttempt = attempts.count
                attempts.append(
                    DoseAttempt(
                        plan: number, channel: channel, isDose: true, start: index,
                        startWall: wall - Seconds.hours(min(max(hours, 0), 24 * 366)), isOpen: false, isCompleted: true,
                        attestedSlot: slot, uses: uses, records: [index]))
            }
            note(index, &state)
            state.dose = nil
        case .deliveryStarted:
            guard state.dose == nil else { return }
            closeRun(&state)
            state.run = attempts.count
            state.lastAttempt = attempts.count
            attempts.append(
                DoseAttempt(
                    plan: number, channel: channel, isDose: false, start: index, startWall: wall, attestedSlot: slot,
                    uses: uses, records: [index]))
            note(index, &state)
        default: break
        }
    }

    private mutating func closeRun(_ state: inout ChannelState) {
        if let run = state.run { attempts[run].isOpen = false }
        state.run = nil
    }

    // MARK: Volume

    private mutating func add(volumeOf index: Int, _ state: inout ChannelState) {
        if let current = state.current, let given = timeline.records[index].record.record.event.delivered,
            drafts[current].volumeUnit == nil || drafts[current].volumeUnit == given.unit
        {
            drafts[current].volumeThousandths += given.thousandths
            drafts[current].volumeUnit = given.unit
        }
        measure(index, &state)
    }

    /// Pumps that count all they infuse say so in passing: what the count grew by came from the container in place.
    private mutating func measure(_ index: Int, _ state: inout ChannelState) {
        guard timeline.signs.attachment == .flowAfterDetach,
            let total = timeline.records[index].record.record.event.amount
        else { return }
        let before = state.total
        state.total = total.thousandths
        guard let before, let current = state.current, drafts[current].volumeUnit ?? total.unit == total.unit else {
            return
        }
        let growth = total.thousandths - before
        // A total that fell was cleared in between.
        drafts[current].volumeThousandths += growth >= 0 ? growth : total.thousandths
        drafts[current].volumeUnit = total.unit
    }

    // MARK: Bookkeeping

    private mutating func note(_ index: Int, _ state: inout ChannelState) {
        if let current = state.current, drafts[current].records.last != index { drafts[current].records.append(index) }
    }

    private mutating func begin(
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

    private mutating func end(_ use: Int, by next: Int) {
        guard drafts[use].ended == nil else { return }
        drafts[use].ended = drafts[use].detached ?? next
        drafts[use].endedWall = wallOf(drafts[use].ended ?? next)
    }

    private func wallOf(_ index: Int) -> Int {
        (timeline.records[index].civil ?? timeline.records[index].correctedAt?.utc)?.wallSeconds ?? wall
    }

    /// What lay in the gap is not known: what was begun before it is not carried over it, but the container in place is.
    private mutating func crossGap() {
        for channel in Array(channels.keys) {
            channels[channel]?.dose = nil
            channels[channel]?.run = nil
            channels[channel]?.lastAttempt = nil
            channels[channel]?.opening = nil
            channels[channel]?.ambiguousReset = nil
            channels[channel]?.sawPowerOff = false
            channels[channel]?.rewinds = []
            channels[channel]?.isRewound = false
            channels[channel]?.alarm = nil
            channels[channel]?.total = nil
            if let current = channels[channel]?.current, drafts[current].hasFlow { channels[channel]?.hasGap = true }
        }
    }

    private mutating func finish() {
        for state in channels.values {
            if let current = state.current, drafts[current].ended == nil, let detached = drafts[current].detached {
                drafts[current].ended = detached
                drafts[current].endedWall = wallOf(detached)
            }
        }
        presumeFlow()
    }

    /// A log that records no flow at all on a continuous order still shows use: a container that hung for an hour or
    /// more, until it ran empty, was taken off or was followed by another.
    private mutating func presumeFlow() {
        guard !drafts.isEmpty, !drafts.contains(where: { $0.firstFlow != nil }) else { return }
        for index in drafts.indices {
            guard let plan = drafts[index].plan, !plans[plan].hasDoses, let end = drafts[index].endedWall,
                end - drafts[index].startWall >= Seconds.hour
            else { continue }
            drafts[index].flowsUnseen = true
        }
    }

    /// The order that this channel serves now; what is hung shortly before an assignment begins is hung for it.
    private func plan(on channel: Int) -> Int? {
        guard hasWall else { return nil }
        if let use = uses.last(where: { $0.channel == channel && $0.span.contains(wall) }) { return use.plan }
        return uses.first { $0.channel == channel && (1...Self.beforehand).contains($0.span.from - wall) }?.plan
    }

    /// How long before its assignment a container is put in place.
    static let beforehand = Seconds.hour
}
