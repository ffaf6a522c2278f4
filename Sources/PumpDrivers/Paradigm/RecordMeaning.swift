import PumpCore

/// What the bytes of a record say. Offsets here lie inside a record whose length was checked.
enum RecordMeaning {
    /// Tenths of a unit, as older records and all primes count.
    private static let thousandthsPerTenth = 100
    /// Fortieths of a unit, as larger boluses and daily totals count.
    private static let thousandthsPerFortieth = 25
    private static let minutesPerStep = 30

    static func event(_ type: SizedRecordType, _ bytes: [UInt8], at offset: Int, time: CivilDateTime?) -> PumpEvent {
        var event = PumpEvent(type.kind)
        event.label = type.name
        if type.tellsRequester, type.stampAt >= 0 {
            let byRadio = byte(bytes, offset + type.stampAt + 3) & ParadigmTime.radioFlag != 0
            event.requestedBy = byRadio ? .radio : .pump
        }
        switch type.fields {
        case .none, .clockBefore: break
        case .bolus: readBolus(&event, bytes, at: offset, isLarger: type.isLarger)
        case .prime:
            // A prime that was programmed is the fixed one after the tubing is full; the manual one has no programme.
            let programmed = byte(bytes, offset + 2)
            event.primeType = programmed == 0 ? .manual : .fixed
            if programmed > 0 { event.programmed = tenths(programmed) }
            event.amount = tenths(byte(bytes, offset + 4))
        case .alarm: readAlarm(&event, code: byte(bytes, offset + 1))
        case .dailyTotal: event.amount = fortieths(bytes, at: offset + 3)
        case .lowReservoir: event.amount = tenths(byte(bytes, offset + 1))
        case .temporaryDuration: event.note = "\(Int(byte(bytes, offset + 1)) * minutesPerStep) min"
        case .temporaryRate: event.note = temporaryRate(bytes, at: offset)
        case .clockAfter: event.newTime = time
        case .code: event.code = Int(byte(bytes, offset + 1))
        }
        return event
    }

    /// Larger models write a bolus given over time when it begins and update the record in place when it ends
    /// (MinimedKit, PumpModel). Its type, its being such a bolus, and its time stay.
    static func stableIdentity(_ type: SizedRecordType, _ bytes: [UInt8], at offset: Int) -> [UInt8]? {
        guard type.opcode == RecordTable.bolus, type.isLarger, byte(bytes, offset + largerDurationAt) > 0,
            let stamp = ParadigmTime.stamp(bytes, at: offset + type.stampAt)
        else { return nil }
        return [type.opcode, 1] + stamp
    }

    private static let olderDurationAt = 3
    private static let largerDurationAt = 7

    private static func readBolus(_ event: inout PumpEvent, _ bytes: [UInt8], at offset: Int, isLarger: Bool) {
        let steps: UInt8
        if isLarger {
            event.programmed = fortieths(bytes, at: offset + 1)
            event.delivered = fortieths(bytes, at: offset + 3)
            steps = byte(bytes, offset + largerDurationAt)
        } else {
            event.programmed = tenths(byte(bytes, offset + 1))
            event.delivered = tenths(byte(bytes, offset + 2))
            steps = byte(bytes, offset + olderDurationAt)
        }
        if steps > 0 {
            event.label = "bolus over time"
            event.note = "\(Int(steps) * minutesPerStep) min"
        }
    }

    /// Codes and meanings: MinimedKit and ecc1/medtronic. A code that neither knows keeps its number and no meaning.
    private static func readAlarm(_ event: inout PumpEvent, code: UInt8) {
        event.code = Int(code)
        switch code {
        case 3: (event.alarm, event.label) = (.battery, "alarm: battery out too long")
        case 4: (event.alarm, event.label) = (.noDelivery, "alarm: no delivery")
        case 5: (event.alarm, event.label) = (.battery, "alarm: battery depleted")
        case 6: (event.alarm, event.label) = (.other, "alarm: auto-off")
        case 16: (event.alarm, event.label) = (.reset, "alarm: device reset")
        case 17, 21: (event.alarm, event.label) = (.reset, "alarm: reset after a battery fault")
        case 61: (event.alarm, event.label) = (.reset, "alarm: settings must be entered again")
        case 62:
            event.kind = .containerEmpty
            (event.alarm, event.label) = (.emptyContainer, "alarm: empty reservoir")
        default: break
        }
    }

    /// The last byte's bit 3 says percent; else the rate counts in fortieths of a unit an hour, its high byte in the
    /// low bits there (both seen in the recorded pages of 522 and 554).
    private static func temporaryRate(_ bytes: [UInt8], at offset: Int) -> String {
        let value = byte(bytes, offset + 1)
        let kind = byte(bytes, offset + 7)
        guard kind & 0x08 == 0 else { return "\(value) %" }
        let rate = (Int(kind & 0x07) << 8 | Int(value)) * thousandthsPerFortieth
        return Quantity.units(thousandths: rate).description + "/h"
    }

    private static func tenths(_ count: UInt8) -> Quantity { .units(thousandths: Int(count) * thousandthsPerTenth) }

    private static func fortieths(_ bytes: [UInt8], at offset: Int) -> Quantity {
        .units(thousandths: (Int(byte(bytes, offset)) << 8 | Int(byte(bytes, offset + 1))) * thousandthsPerFortieth)
    }

    /// 0 beyond the end, which a checked length keeps from happening.
    private static func byte(_ bytes: [UInt8], _ offset: Int) -> UInt8 {
        offset >= 0 ? ByteReader(bytes, at: offset).peek() ?? 0 : 0
    }
}
