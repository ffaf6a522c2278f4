import PumpCore
import Timeline

/// What is put in place, taken off, emptied, reset, rewound and primed.
extension ContainerInference {
    // MARK: Putting in place and taking off

    mutating func attach(_ index: Int, id: String?, on channel: Int, _ state: inout ChannelState) {
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

    mutating func reseat(_ index: Int, _ state: inout ChannelState) {
        if let current = state.current {
            drafts[current].records.append(index)
            if drafts[current].hasFlow { drafts[current].reseats += 1 }
            drafts[current].detached = nil
        }
        state.opening = nil
        state.alarm = nil
        state.hasGap = false
    }

    mutating func detach(_ index: Int, _ state: inout ChannelState) {
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

    mutating func empty(_ index: Int, _ state: inout ChannelState) {
        guard let current = state.current else { return }
        drafts[current].ranEmpty = true
        drafts[current].records.append(index)
        if !drafts[current].hasFlow, !state.isDetached { flowsOn(index, &state) }
        if let last = state.lastAttempt, attempts[last].uses.contains(current) { attempts[last].emptiedWall = wall }
        closeRun(&state)
    }

    mutating func alarm(_ index: Int, _ state: inout ChannelState) {
        switch timeline.records[index].record.record.event.alarm {
        case .noDelivery: state.wasStoppedSincePrime = true
        case .occlusion, .leak, .air:
            state.wasStoppedSincePrime = true
            state.alarm = index
            state.lastAlarm = (index, wall)
        case .emptyContainer: empty(index, &state)
        default: break
        }
        measure(index, &state)
    }

    // MARK: Resets, rewinds, primes

    mutating func reset(_ index: Int, on channel: Int, _ state: inout ChannelState) {
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

    mutating func prime(_ index: Int, on channel: Int, _ state: inout ChannelState) {
        if let type = timeline.records[index].record.record.event.primeType, !timeline.signs.primes.contains(type) {
            return
        }
        if !state.rewinds.isEmpty {
            let isSameChange =
                state.awaitsFlow && state.isRewound && wall - state.lastPrimeWall <= Self.oneChangeSeconds
            if isSameChange, !state.wasStoppedSincePrime, let current = state.current {
                drafts[current].records += state.rewinds + [index]
                state.rewinds = []
            } else {
                if isSameChange, let current = state.current {
                    // Basal flow had begun, or an alarm of no delivery would not have come.
                    drafts[current].isDoubtful = true
                    drafts[current].reason += "; stopped by an alarm and changed again: used for minutes, or not at all"
                }
                let rewinds = state.rewinds
                begin(
                    rewinds[0], attached: index, on: channel, &state, Self.rewoundReason(rewinds.count),
                    also: rewinds.dropFirst() + [index])
                state.isRewound = true
            }
            if let current = state.current {
                drafts[current].flowsUnseen = true
                drafts[current].primedWall = wall
            }
            state.opening = nil
            state.lastPrimeWall = wall
            state.wasStoppedSincePrime = false
        } else if state.isKnownByID || (state.awaitsFlow && state.opening == nil) {
            note(index, &state)
            if state.isRewound {
                state.lastPrimeWall = wall
                state.wasStoppedSincePrime = false
                if let current = state.current { drafts[current].primedWall = wall }
            }
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
}
