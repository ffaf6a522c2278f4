import PumpCore

/// What one event says. Types and subtypes: the maker's reader (PyPI `pyZynoUnifiedDrivers` 0.0.9), `module_miva.py`,
/// and for older firmware the list in its `module_event_log.py`.
enum MivaEvent {
    static let lastType = 31

    static func event(_ slot: MivaSlot, meaning: MivaMeaning?) -> PumpEvent {
        switch slot.type {
        case 0: labelled(.unknown, "infusion data of an unknown kind (\(slot.subtype))", code: slot.subtype)
        case 1: labelled(.deliveryStarted, "infusion started")
        case 2:
            PumpEvent(.deliveryStopped) {
                $0.label = "infusion paused"
                $0.amount = volume(slot.firstFloat)
            }
        case 3: emptyOrCompleted(meaning)
        case 4: infusionLimit(slot)
        case 5: labelled(.note, "authentication", code: slot.subtype)
        case 6: doseGranted(slot)
        case 7: alarm("extra dose denied, attempt \(slot.subtypeLow)", .other, code: slot.subtype)
        case 8: labelled(.bolusCancelled, "dose cancelled", code: slot.subtype)
        case 9: occlusion(slot)
        case 10: labelled(.note, slot.subtype == 2 ? "delay skipped" : "delay ended", code: slot.subtype)
        case 11, 27: lifeLimit(slot)
        case 12: labelled(.note, "shift total cleared")
        case 13: battery(slot)
        case 14: labelled(.containerDetached, detached(meaning))
        case 15: labelled(.note, "time stamp")
        case 16: power(.powerOff, "switched off", slot)
        case 17: alarm("firmware error", .other, code: slot.subtype)
        case 18, 26: alarm("system error", .other, code: slot.subtype)
        case 19:
            alarm("battery failure" + voltage(slot), .battery, code: slot.subtype, amount: volume(slot.secondFloat))
        case 20: labelled(.note, "debug", code: slot.subtype)
        case 21: labelled(.note, "unattended")
        case 22: settingChanged(slot)
        case 23: doseFinished(slot)
        case 24: power(.powerOn, "switched on", slot)
        case 25: labelled(.note, "starting dose skipped")
        case 28: alarm("battery depleted", .battery)
        case 29: alarm("programming incomplete", .other)
        case 30: alarm("battery low", .battery)
        case 31: labelled(.battery, "battery check", code: slot.subtype)
        default: PumpEvent(.unknown)
        }
    }

    private static func labelled(_ kind: EventKind, _ label: String, code: Int? = nil) -> PumpEvent {
        PumpEvent(kind) {
            $0.label = label
            $0.code = code
        }
    }

    private static func alarm(
        _ label: String, _ alarm: PumpEvent.Alarm, code: Int? = nil, amount: Quantity? = nil
    ) -> PumpEvent {
        PumpEvent(.alarm) {
            $0.label = label
            $0.alarm = alarm
            $0.code = code
            $0.amount = amount
        }
    }

    /// The pump's running total of what it infused, in mL. Nil for what no pump can hold.
    private static func volume(_ float: Float) -> Quantity? {
        guard float.isFinite, float >= 0 else { return nil }
        return Quantity(Double(float), .milliliters)
    }

    private static func voltage(_ slot: MivaSlot) -> String {
        let volts = slot.firstFloat
        guard volts.isFinite, volts > 0, volts < 100 else { return "" }
        let hundredths = Int((volts * 100).rounded())
        return ", \(hundredths / 100).\(padded(hundredths % 100, 2)) V"
    }

    private static func emptyOrCompleted(_ meaning: MivaMeaning?) -> PumpEvent {
        guard meaning != .older else { return labelled(.deliveryStopped, "infusion completed") }
        return PumpEvent(.containerEmpty) {
            $0.label = meaning == nil ? "cassette empty (older firmware: infusion completed)" : "cassette empty"
            $0.alarm = .emptyContainer
        }
    }

    private static func detached(_ meaning: MivaMeaning?) -> String {
        switch meaning {
        case .newer: "cassette detached"
        case .older: "cassette opened"
        case nil: "cassette detached (older firmware: opened)"
        }
    }

    private static func infusionLimit(_ slot: MivaSlot) -> PumpEvent {
        switch slot.subtype {
        case 4: labelled(.alarmCleared, "infusion limit cleared", code: 4)
        case 1: alarm("limit an hour reached", .other, code: 1)
        case 2: alarm("limit an interval reached", .other, code: 2)
        default: alarm("infusion limit reached", .other, code: slot.subtype)
        }
    }

    private static func doseGranted(_ slot: MivaSlot) -> PumpEvent {
        let whose =
            switch slot.subtypeHigh {
            case 1: "automatic dose"
            case 2: "extra dose"
            case 8: "clinician dose"
            default: "dose of kind \(slot.subtypeHigh)"
            }
        return labelled(.bolus, "\(whose) granted, attempt \(slot.subtypeLow)", code: slot.subtypeHigh)
    }

    private static func doseFinished(_ slot: MivaSlot) -> PumpEvent {
        let which =
            switch slot.subtype {
            case 1: "extra dose"
            case 2: "starting dose"
            default: "dose of kind \(slot.subtype)"
            }
        return labelled(.bolus, "\(which) finished", code: slot.subtype)
    }

    private static func occlusion(_ slot: MivaSlot) -> PumpEvent {
        switch slot.subtype {
        case 4:
            PumpEvent(.alarmCleared) {
                $0.label = "occlusion cleared"
                $0.alarm = .occlusion
                $0.code = 4
            }
        case 1: alarm("upstream occlusion", .occlusion, code: 1)
        case 2: alarm("downstream occlusion", .occlusion, code: 2)
        default: alarm("occlusion", .occlusion, code: slot.subtype)
        }
    }

    private static func lifeLimit(_ slot: MivaSlot) -> PumpEvent {
        let label = slot.type == 27 ? "pump must be replaced" : "pump life limit reached"
        return alarm(
            label + " after \(slot.firstNumber) s", .other, code: slot.subtype, amount: volume(slot.secondFloat))
    }

    private static func battery(_ slot: MivaSlot) -> PumpEvent {
        /// One bit each.
        let states = [
            "medium", "low", "depleted", "reset", "on mains", "high", "new", "over its limit", "empty",
            "under its limit",
        ]
        let said = states.indices.filter { slot.subtype >> $0 & 1 == 1 }.map { states[$0] }
        return PumpEvent(.battery) {
            $0.label = "battery " + (said.isEmpty ? "unchanged" : said.joined(separator: ", ")) + voltage(slot)
            $0.code = slot.subtype
            $0.amount = volume(slot.secondFloat)
        }
    }

    private static func power(_ kind: EventKind, _ label: String, _ slot: MivaSlot) -> PumpEvent {
        PumpEvent(kind) {
            $0.label = label + voltage(slot)
            $0.code = slot.subtype
            $0.amount = volume(slot.secondFloat)
        }
    }

    /// Byte 5: program (high half) and node; byte 6: parameter; then the old and the new value.
    private static func settingChanged(_ slot: MivaSlot) -> PumpEvent {
        let programs = [0: "Daily 1", 1: "Nightly", 2: "Daily 2"]
        let parameters = [
            0: "starting dose", 1: "rate", 2: "extra dose volume", 3: "extra dose lockout",
            4: "volume to be infused", 6: "near end", 8: "starting dose lockout", 9: "visibility",
        ]
        let program = programs[slot.subtypeHigh >> 4].map { " of \($0)" } ?? ""
        let parameter = parameters[slot.subtypeLow] ?? "parameter \(slot.subtypeLow)"
        return PumpEvent(.setting) {
            $0.label = "\(parameter)\(program) changed"
            $0.code = slot.subtypeLow
        }
    }
}
