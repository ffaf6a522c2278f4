import PumpCore

/// Turns raw ring slots, one after another, into records: a dump of the ring, or a part of one.
package struct MivaDecoder: LogDecoder {
    let format: MivaTimeFormat?
    let meaning: MivaMeaning?

    package init(_ hints: DecodingHints) {
        format = MivaTimeFormat(model: hints.model)
        meaning = MivaMeaning(firmware: hints.firmware)
    }

    init(format: MivaTimeFormat?, meaning: MivaMeaning?) {
        self.format = format
        self.meaning = meaning
    }

    package func decode(_ bytes: [UInt8]) -> DecodingOutcome {
        let whole = bytes.count / MivaSlot.size
        guard whole > 0 else {
            return .refused(
                reason: "A MIVA log is made of events of \(MivaSlot.size) bytes; these are only \(bytes.count) bytes.")
        }
        guard whole <= MivaRing.size else {
            return .refused(
                reason: "A MIVA ring holds \(MivaRing.size) events of \(MivaSlot.size) bytes; this is longer.")
        }
        let slots = (0..<whole).compactMap { MivaSlot(bytes[($0 * MivaSlot.size)..<(($0 + 1) * MivaSlot.size)]) }
        guard slots.contains(where: { (0...MivaEvent.lastType).contains($0.type) }) else {
            return .refused(reason: "No slot of these bytes has a type that a MIVA log knows.")
        }
        return decode(slots, rest: Array(bytes[(whole * MivaSlot.size)...]))
    }

    private func decode(_ slots: [MivaSlot], rest: [UInt8]) -> DecodingOutcome {
        let first = oldest(slots)
        let order = Array(first..<slots.count) + Array(0..<first)
        let turned = order.map { slots[$0] }
        let roles = MivaInfusionData.roles(of: turned)
        let events = zip(turned, roles).filter { $0.1 == .event }.map(\.0)
        let formats = format.map { [$0] } ?? MivaTimeFormat.fitting(events)
        let meanings = fittingMeanings(events)
        var readings: [LogReading] = []
        for format in formats {
            for meaning in meanings {
                var reading = LogReading(layout: Self.layout(format, meaning), records: [])
                reading.records = zip(order, zip(turned, roles)).compactMap { index, slot in
                    Self.record(
                        slot.0, slot.1, format: format, meaning: meaning, offset: index * MivaSlot.size,
                        position: slots.count == MivaRing.size ? index : nil)
                }
                if !rest.isEmpty {
                    reading.undecoded = .init(offset: slots.count * MivaSlot.size, bytes: rest)
                    reading.remarks.append("\(rest.count) bytes at the end are less than one event.")
                }
                reading.remarks += remarks(roles, reading, turnedAt: first)
                readings.append(reading)
            }
        }
        guard let only = readings.first, readings.count == 1 else { return .ambiguous(readings) }
        return .read(only)
    }

    /// Where the oldest event stands. Only a dump of the whole ring can begin in the middle of its story: behind the
    /// newest event come erased slots and then the oldest, or the oldest at once.
    private func oldest(_ slots: [MivaSlot]) -> Int {
        guard slots.count == MivaRing.size else { return 0 }
        if let erased = slots.lastIndex(where: \.isUnwritten) {
            return erased + 1 < slots.count && !slots[0].isUnwritten ? erased + 1 : 0
        }
        let roles = MivaInfusionData.roles(of: slots)
        let events = slots.indices.filter { roles[$0] == .event }
        let format = self.format ?? MivaTimeFormat.fitting(events.map { slots[$0] }).first ?? .counter
        let stamps = events.compactMap { index in format.order(of: slots[index]).map { (index, $0) } }
        let falls = zip(stamps, stamps.dropFirst()).filter { $0.1 > $1.1 }
        guard falls.count == 1, let seam = falls.first, let newest = stamps.last, let oldest = stamps.first,
            newest.1 <= oldest.1
        else { return 0 }
        // The slots between the two may be a program: it belongs to the older side, where its beginning stands.
        return MivaInfusionData.isBegin(slots[seam.0.0 + 1]) || roles[seam.0.0 + 1] == .event ? seam.0.0 + 1 : seam.1.0
    }

    private func fittingMeanings(_ events: [MivaSlot]) -> [MivaMeaning?] {
        if let meaning { return [meaning] }
        if let proven = MivaMeaning(provenBy: events) { return [proven] }
        // Type 14 has the same kind in both; only type 3 makes a difference that counts.
        return events.contains { $0.type == 3 } ? [.newer, .older] : [nil]
    }

    private static func layout(_ format: MivaTimeFormat, _ meaning: MivaMeaning?) -> String {
        let firmware =
            switch meaning {
            case .newer: ", firmware with cassette alarms"
            case .older: ", older firmware"
            case nil: ""
            }
        return "\(format.rawValue) clock\(firmware)"
    }

    private func remarks(_ roles: [MivaSlotRole], _ reading: LogReading, turnedAt first: Int) -> [String] {
        var out: [String] = []
        let unwritten = roles.count { $0 == .unwritten }
        if unwritten > 0 { out.append("\(unwritten) slots were never written.") }
        if first > 0 { out.append("The oldest event stands in slot \(first); the ring has gone round.") }
        let doubtful = roles.count { $0 == .doubtful }
        if doubtful > 0 {
            out.append("\(doubtful) slots follow the beginning of an infusion program that has no end: not decoded.")
        }
        let timeless = reading.records.count {
            $0.deviceTime == nil && $0.event.kind != .setting && $0.event.kind != .unknown
        }
        if timeless > 0 { out.append("\(timeless) events have a time that no calendar has.") }
        return out
    }

    /// One slot as a record; nil for a slot that holds none.
    static func record(
        _ slot: MivaSlot, _ role: MivaSlotRole, format: MivaTimeFormat, meaning: MivaMeaning?, offset: Int? = nil,
        position: Int? = nil
    ) -> RawRecord? {
        let event: PumpEvent
        var time: DeviceTime?
        switch role {
        case .unwritten, .undecided, .missing: return nil
        case .event:
            event = MivaEvent.event(slot, meaning: meaning)
            time = format.time(of: slot)
        case .programBegin, .programEnd:
            event = MivaInfusionData.event(slot, role) ?? PumpEvent(.unknown)
            time = format.time(of: slot)
        case .programBlock, .doubtful:
            event = MivaInfusionData.event(slot, role) ?? PumpEvent(.unknown)
        }
        let hasType = if case .programBlock = role { false } else { true }
        return RawRecord(
            raw: slot.bytes, opcode: hasType ? slot.type : nil, offset: offset, devicePosition: position,
            deviceTime: time, event: event)
    }
}

extension MivaTimeFormat {
    /// What a person says as the model, where the clock cannot be told from the bytes: `MIVA counter`, `MIVA calendar`.
    init?(model: String?) {
        guard let model = model?.lowercased(),
            let said = Self.allCases.first(where: { model.contains($0.rawValue) })
        else { return nil }
        self = said
    }

    /// A number that grows with the time that a slot shows.
    func order(of slot: MivaSlot) -> Int? {
        switch time(of: slot) {
        case .counter(let seconds): seconds
        case .civil(let time): time.wallSeconds
        case nil: nil
        }
    }
}
