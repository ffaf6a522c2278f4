package import PumpCore

/// Listens to somebody else's conversation with a MIVA: a recording, or a tap on the line. It believes replies, never
/// requests, and sends nothing.
///
/// Nobody can be asked again, so an event that the recording holds twice with different bytes, and not twice with the
/// same, is a gap.
package struct MivaListener: PassiveSession {
    private var framer = MivaFramer()
    private var damaged = 0
    private var introduction = MivaIntroduction()
    private var format: MivaTimeFormat?
    private var ring: MivaRing?
    /// What was heard of each ring position, in the order heard.
    private var heard: [Int: [MivaSlot]] = [:]
    private var isIdentified = false
    private var hasEnded = false
    private let hints: DecodingHints

    package init(_ hints: DecodingHints) { self.hints = hints }

    package mutating func observe(_ direction: Direction, _ bytes: [UInt8]) -> [SessionOutput] {
        guard direction == .deviceToHost, !hasEnded else { return [] }
        return framer.feed(bytes).flatMap { piece -> [SessionOutput] in
            switch piece {
            case .payload(let payload): return take(payload)
            case .damaged:
                damaged += 1
                return []
            case .refused: return []
            }
        }
    }

    private mutating func take(_ payload: [UInt8]) -> [SessionOutput] {
        switch String(decoding: payload.prefix(2), as: UTF8.self) {
        case "RN":
            let before = introduction.serial
            introduction.hear(payload)
            guard let before, let now = introduction.serial, before != now else { return [] }
            hasEnded = true
            return [
                .fault(
                    SessionFault(
                        .wrongDevice, "The recording holds two pumps (\(before) and \(now)). Cut it in two.",
                        isFatal: true))
            ]
        case "RS", "RL", "RM": introduction.hear(payload)
        case "RC":
            guard let time = DeviceTime(mivaClock: payload, host: hints.hostTime) else { return [] }
            format = time.mivaFormat
            return identify() + [.clock(time)]
        case "RI":
            guard let later = MivaRing(reply: payload) else { return [] }
            if ring == nil { ring = later } else { ring?.move(to: later) }
        case "RE":
            guard payload.count == 42, let index = upperHexValue(payload.dropFirst(2).prefix(8)), index < MivaRing.size,
                let slot = MivaSlot(reply: payload, index: index)
            else { return [] }
            heard[index, default: []].append(slot)
        default: break
        }
        return []
    }

    private mutating func identify() -> [SessionOutput] {
        guard !isIdentified, let identity = introduction.identity else { return [] }
        isIdentified = true
        return [.identity(identity)]
    }

    package mutating func end() -> [SessionOutput] {
        guard !hasEnded else { return [] }
        hasEnded = true
        var out = identify()
        guard isIdentified else {
            return [
                .fault(
                    SessionFault(
                        .wrongDevice,
                        "The recording never names the pump (no reply to RN), so its events belong to "
                            + "nobody.", isFatal: true))
            ]
        }
        if damaged > 0 {
            out.append(
                .fault(SessionFault(.garbled, "\(damaged) damaged frames were passed over.", isFatal: false)))
        }
        return out + batches() + [.finished]
    }

    /// Neighbouring slots, oldest first, a batch at a time.
    private func batches() -> [SessionOutput] {
        let numbers = order()
        guard let lowest = numbers.first, let highest = numbers.last else { return [] }
        let slots = (lowest...highest).map { agreed(heard[MivaRing.position(of: $0)] ?? []) }
        let roles = MivaInfusionData.roles(of: slots)
        let events = zip(slots, roles).compactMap { $0.1 == .event ? $0.0 : nil }
        let format = self.format ?? MivaTimeFormat.fitting(events).first ?? .counter
        let meaning =
            MivaMeaning(firmware: introduction.statedFirmware ?? hints.firmware) ?? MivaMeaning(provenBy: events)
            ?? .newer
        var out: [SessionOutput] = []
        var run: [RawRecord] = []
        var isJoined = false
        func close(joinedToNext: Bool) {
            if !run.isEmpty {
                out.append(.batch(LogBatch(records: run, adjacency: isJoined ? .followsPrevious : .unknown)))
            }
            isJoined = joinedToNext && (isJoined || !run.isEmpty)
            run = []
        }
        for (index, number) in (lowest...highest).enumerated() {
            let position = MivaRing.position(of: number)
            guard let slot = slots[index], roles[index] != .undecided else {
                close(joinedToNext: false)
                if let differing = heard[position] {
                    out.append(
                        gap(
                            differing, at: position, format: format,
                            roles[index] == .undecided
                                ? "ring slot \(position) may be a raw block of the program before it, whose end was not read"
                                : "ring slot \(position) was read as \(differing.count) different things"))
                }
                continue
            }
            if let record = MivaDecoder.record(
                slot, roles[index], format: format, meaning: meaning, position: position)
            {
                run.append(record)
            }
            if run.count == MivaWindow.slots { close(joinedToNext: true) }
        }
        close(joinedToNext: false)
        return out
    }

    /// Running numbers of everything heard, oldest first. Without `RI` the ring is taken to begin behind the greatest
    /// hole.
    private func order() -> [Int] {
        let positions = heard.keys.sorted()
        if let ring {
            return positions.map { MivaRing.number(at: $0, notAbove: ring.head) }.filter { $0 >= ring.tail }.sorted()
        }
        guard let first = positions.first, let last = positions.last else { return [] }
        var start = first
        var widest = MivaRing.distance(from: last, to: first)
        for (a, b) in zip(positions, positions.dropFirst()) where b - a > widest {
            widest = b - a
            start = b
        }
        return positions.map { $0 >= start ? $0 : $0 + MivaRing.size }.sorted()
    }

    private func agreed(_ readings: [MivaSlot]) -> MivaSlot? {
        guard let first = readings.first else { return nil }
        if readings.allSatisfy({ $0 == first }) { return first }
        return readings.first { slot in readings.count { $0 == slot } * 2 > readings.count }
    }

    private func gap(
        _ slots: [MivaSlot], at position: Int, format: MivaTimeFormat, _ detail: String
    ) -> SessionOutput {
        let time = slots.first.flatMap(format.time(of:))
        return .gap(
            LogGap(
                after: nil, before: nil, from: time, to: time, reason: .failedCheck, missing: 1, detail: detail))
    }
}
