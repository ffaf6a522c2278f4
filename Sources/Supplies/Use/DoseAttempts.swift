import PumpCore
import Register
import Timeline

/// Attempts to give ordered doses, and from which containers they ran.
extension ContainerInference {
    // MARK: Doses

    mutating func attempt(_ index: Int, _ kind: EventKind, on channel: Int, _ state: inout ChannelState) {
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

    mutating func closeRun(_ state: inout ChannelState) {
        if let run = state.run { attempts[run].isOpen = false }
        state.run = nil
    }
}
