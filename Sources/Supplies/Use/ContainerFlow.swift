import PumpCore
import Register
import Timeline

/// Fluid moves: what is in place is used, and where it was taken off before, it is decided whether it is another one.
extension ContainerInference {
    // MARK: Flow

    mutating func flow(_ index: Int, _ kind: EventKind, on channel: Int, _ state: inout ChannelState) {
        if isHandedOver(state, on: channel) {
            let opening = state.opening
            begin(
                opening?.attach ?? index, attached: opening?.attach, on: channel, &state,
                "the first one of this patient on the pump")
            if opening == nil, let current = state.current { drafts[current].isInPlace = true }
            // What the patient before left on the counter is cleared for the next one, and no record says when.
            if let current = state.current { drafts[current].isVolumeUnknown = true }
        } else if state.current == nil, state.opening == nil, state.ambiguousReset == nil {
            begin(index, attached: nil, on: channel, &state, "in place when the log begins")
            if let current = state.current {
                drafts[current].isInPlace = true
                state.awaitsFlow = false
            }
        } else if let opening = state.opening {
            decide(opening, at: index, kind, on: channel, &state)
        } else if let why = spentBeforeGap(state, on: channel) {
            begin(index, attached: nil, on: channel, &state, why)
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

    /// Whether the pump has gone from one patient to another since it infused last: nobody takes over a container. What
    /// ran before anybody was assigned and has not been taken off since may be the patient's own, unless a dose needs it.
    private func isHandedOver(_ state: ChannelState, on channel: Int) -> Bool {
        guard let current = state.current, drafts[current].hasFlow, let now = plan(on: channel) else { return false }
        guard let before = drafts[current].plan else { return state.opening != nil || plans[now].hasDoses }
        return plans[before].patient.id != plans[now].patient.id
    }

    /// Why what flows behind a gap cannot be the container that was in place before it; nil if it can.
    private func spentBeforeGap(_ state: ChannelState, on channel: Int) -> String? {
        guard state.hasGap, !state.isKnownByID, let current = state.current, drafts[current].containerID == nil else {
            return nil
        }
        if drafts[current].ranEmpty { return "the one before had run empty before a gap, and behind it fluid flows" }
        guard timeline.signs.attachment == .flowAfterDetach, let number = plan(on: channel),
            CassetteReading.isUsedUp(drafts[current], plans[number].order)
        else { return nil }
        return "the one before had given its usable volume before a gap, and behind it fluid flows"
    }

    /// Fluid moves out of the container in place.
    mutating func flowsOn(_ index: Int, _ state: inout ChannelState) {
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
    mutating func decide(
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

    mutating func keep(_ opening: Opening, _ state: inout ChannelState) {
        guard let current = state.current else { return }
        if let attach = opening.attach { drafts[current].records.append(attach) }
        if drafts[current].hasFlow { drafts[current].reseats += 1 }
        drafts[current].detached = nil
        state.alarm = nil
    }

    mutating func markDoubtful(_ state: ChannelState) {
        if let current = state.current { drafts[current].isDoubtful = true }
    }

    /// Whether flow goes on with the dose that was being given before.
    func isMidDose(_ index: Int, _ kind: EventKind, on channel: Int, _ state: ChannelState) -> Bool {
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

    // MARK: Volume

    mutating func add(volumeOf index: Int, _ state: inout ChannelState) {
        if let current = state.current, let given = timeline.records[index].record.record.event.delivered,
            drafts[current].volumeUnit == nil || drafts[current].volumeUnit == given.unit
        {
            drafts[current].volumeThousandths += given.thousandths
            drafts[current].volumeUnit = given.unit
        }
        measure(index, &state)
    }

    /// Pumps that count all they infuse say so in passing: what the count grew by came from the container in place.
    mutating func measure(_ index: Int, _ state: inout ChannelState) {
        guard timeline.signs.attachment == .flowAfterDetach,
            let total = timeline.records[index].record.record.event.amount
        else { return }
        let before = state.total
        state.total = total.thousandths
        guard let before, let current = state.current, drafts[current].volumeUnit ?? total.unit == total.unit,
            !drafts[current].isVolumeUnknown
        else { return }
        let growth = total.thousandths - before
        // A total that fell was cleared in between.
        drafts[current].volumeThousandths += growth >= 0 ? growth : total.thousandths
        drafts[current].volumeUnit = total.unit
    }
}
