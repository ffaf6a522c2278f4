import PumpCore

/// The agent's side of an association: what a manager may ask of it, and what it says.
struct PhdLine: Sendable {
    private enum State: Equatable {
        case alone
        case associating
        case configuring
        case operating
    }

    /// A segment on its way: its entries as they were when it was asked for.
    private struct Transfer {
        var instance: UInt16
        var entries: [UInt8]
        /// Entries that the manager has confirmed.
        var confirmed = 0
        var call: UInt16 = 0
        var count: Int { entries.count / PhdEntry.byteCount }
    }

    private var state = State.alone
    private var waiting: [UInt8] = []
    private var transfer: Transfer?
    private var lastCall: UInt16 = 0

    static let configurationID: UInt16 = 0x4000
    static let storeHandle: UInt16 = 1
    private static let entriesOfReport = 64
    private static let largest = 64_512
    private static let managerConfirm: UInt16 = 0x0080
    private static let managerAbort: UInt16 = 0x0008
    /// All ones: it has no relative clock.
    private static let noTime: [UInt8] = [0xFF, 0xFF, 0xFF, 0xFF]

    private enum Event {
        static let configuration: UInt16 = 3356
        static let segmentData: UInt16 = 3361
    }

    private enum Action {
        static let clearSegments: UInt16 = 3084
        static let segmentInfo: UInt16 = 3085
        static let setTime: UInt16 = 3095
        static let transfer: UInt16 = 3100
    }

    // MARK: The line

    mutating func greet(_ pump: PhdPump, at now: Instant) -> [Answer] {
        state = .associating
        waiting = []
        transfer = nil
        return [Self.said("association-request", associationRequest(pump), at: now)]
    }

    mutating func receive(_ bytes: [UInt8], _ pump: PhdPump, at now: Instant) throws(CommandViolation) -> [Answer] {
        waiting += bytes
        var answers: [Answer] = []
        while let choice = PhdBytes.uint16(waiting, at: 0) {
            guard (0xE200...0xE700).contains(choice), choice & 0xFF == 0,
                PhdBytes.uint16(waiting, at: 2).map({ Int($0) + 4 <= Self.largest }) ?? true
            else {
                answers.append(Answer([], Deed(at: now, "silent", ["noise": .text(waiting.prefix(1).hex)])))
                waiting.removeFirst()
                continue
            }
            guard let length = PhdBytes.uint16(waiting, at: 2), waiting.count >= Int(length) + 4 else { break }
            let body = Array(waiting[4..<(Int(length) + 4)])
            let whole = Array(waiting.prefix(Int(length) + 4))
            waiting.removeFirst(whole.count)
            answers += try answer(choice, body, whole, pump, at: now)
        }
        return answers
    }

    private mutating func answer(
        _ choice: UInt16, _ body: [UInt8], _ whole: [UInt8], _ pump: PhdPump, at now: Instant
    ) throws(CommandViolation) -> [Answer] {
        switch choice {
        case 0xE200:
            throw CommandViolation(
                command: "association request", bytes: whole, reason: "a manager waits for the agent to begin")
        case 0xE300: return associated(PhdBytes.uint16(body, at: 0) ?? 1, pump, at: now)
        case 0xE400:
            state = .alone
            transfer = nil
            return [Self.said("release-response", PhdBytes.apdu(0xE500, [0, 0]), at: now)]
        case 0xE500:
            state = .alone
            return [Answer([], Deed(at: now, "released"))]
        case 0xE600:
            // Whoever broke it off wants it anew.
            return [Answer([], Deed(at: now, "aborted", ["reason": .int(Int(PhdBytes.uint16(body, at: 0) ?? 0))]))]
                + greet(pump, at: now)
        default:
            guard let call = PhdBytes.uint16(body, at: 2), let kind = PhdBytes.uint16(body, at: 4) else {
                return abort(at: now)
            }
            return try answer(kind, call: call, Array(body.dropFirst(8)), whole, pump, at: now)
        }
    }

    private mutating func associated(_ result: UInt16, _ pump: PhdPump, at now: Instant) -> [Answer] {
        guard state == .associating else { return abort(at: now) }
        switch result {
        case 0:
            state = .operating
            return [Answer([], Deed(at: now, "associated"))]
        case 3:
            state = .configuring
            lastCall &+= 1
            return [
                Self.said("configuration", PhdBytes.message(call: lastCall, 0x0101, configuration(pump)), at: now)
            ]
        default:
            state = .alone
            return [Answer([], Deed(at: now, "refused-by-manager", ["result": .int(Int(result))]))]
        }
    }

    private mutating func abort(at now: Instant) -> [Answer] {
        state = .alone
        transfer = nil
        return [Self.said("abort", PhdBytes.apdu(0xE600, [0, 0]), at: now)]
    }

    private static func said(_ what: String, _ bytes: [UInt8], at now: Instant) -> Answer {
        Answer(bytes, Deed(at: now, "served", ["command": .text(what), "bytes": .int(bytes.count)]))
    }

    // MARK: Calls of the manager

    private mutating func answer(
        _ kind: UInt16, call: UInt16, _ body: [UInt8], _ whole: [UInt8], _ pump: PhdPump, at now: Instant
    ) throws(CommandViolation) -> [Answer] {
        let forbidden: String?
        switch kind {
        case 0x0103, 0x0201: forbidden = nil
        case 0x0107:
            switch PhdBytes.uint16(body, at: 2) {
            case Action.segmentInfo, Action.transfer: forbidden = nil
            case Action.clearSegments: forbidden = "it clears the log"
            case Action.setTime: forbidden = "it sets the clock"
            default: forbidden = "it is not on the allow-list"
            }
        case 0x0104, 0x0105: forbidden = "it sets attributes of the pump"
        default: forbidden = "it is not on the allow-list"
        }
        if let forbidden {
            let action = PhdBytes.uint16(body, at: 2).map { kind & 0xFF >= 6 ? " \($0)" : "" } ?? ""
            throw CommandViolation(
                command: "0x" + bigEndian(kind).hex + action, bytes: whole, reason: forbidden)
        }
        switch (kind, state) {
        case (0x0103, .operating), (0x0103, .configuring):
            return [
                Self.said(
                    "attributes", PhdBytes.message(call: call, 0x0203, [0, 0] + attributes(pump, at: now)), at: now)
            ]
        case (0x0107, .operating): return act(call, body, pump, at: now)
        case (0x0201, .configuring): return configurationAnswered(body, at: now)
        case (0x0201, .operating): return confirmed(call, body, at: now)
        default: return abort(at: now)
        }
    }

    private mutating func configurationAnswered(_ body: [UInt8], at now: Instant) -> [Answer] {
        // Handle, time, event, length, configuration, verdict.
        guard PhdBytes.uint16(body, at: 6) == Event.configuration, PhdBytes.uint16(body, at: 12) == 0 else {
            state = .alone
            return [Self.said("release-request", PhdBytes.apdu(0xE400, [0, 2]), at: now)]
        }
        state = .operating
        return [Answer([], Deed(at: now, "configured"))]
    }

    private mutating func act(_ call: UInt16, _ body: [UInt8], _ pump: PhdPump, at now: Instant) -> [Answer] {
        let handle = Array(body.prefix(2))
        guard let action = PhdBytes.uint16(body, at: 2), PhdBytes.uint16(body, at: 0) == Self.storeHandle else {
            // No such object.
            return [Self.said("error", PhdBytes.message(call: call, 0x0300, [0, 1, 0, 0]), at: now)]
        }
        func answer(_ argument: [UInt8]) -> [UInt8] {
            PhdBytes.message(call: call, 0x0207, handle + bigEndian(action) + PhdBytes.sized(argument))
        }
        if action == Action.segmentInfo {
            return [Self.said("segments", answer(segmentInfo(pump.store)), at: now)]
        }
        let instance = PhdBytes.uint16(body, at: 6) ?? 0
        guard let segment = pump.store.segments.first(where: { $0.instance == instance }) else {
            return [Self.said("no-such-segment", answer(bigEndian(instance) + [0, 1]), at: now)]
        }
        transfer = Transfer(instance: instance, entries: segment.bytes)
        return [Self.said("transfer", answer(bigEndian(instance) + [0, 0]), at: now)] + nextEntries(at: now)
    }

    private mutating func confirmed(_ call: UInt16, _ body: [UInt8], at now: Instant) -> [Answer] {
        // Handle, time, event, length, then segment, index, count, status.
        guard var current = transfer, current.call == call, PhdBytes.uint16(body, at: 6) == Event.segmentData,
            let status = PhdBytes.uint16(body, at: 20)
        else { return [] }
        guard status & Self.managerAbort == 0, status & Self.managerConfirm != 0 else {
            transfer = nil
            return [Answer([], Deed(at: now, "transfer-ended", ["by": "manager"]))]
        }
        current.confirmed = min(current.count, current.confirmed + Self.entriesOfReport)
        transfer = current.confirmed < current.count ? current : nil
        return nextEntries(at: now)
    }

    private mutating func nextEntries(at now: Instant) -> [Answer] {
        guard var current = transfer else { return [] }
        lastCall &+= 1
        current.call = lastCall
        transfer = current
        let count = min(Self.entriesOfReport, current.count - current.confirmed)
        let from = current.confirmed * PhdEntry.byteCount
        let isLast = current.confirmed + count == current.count
        let status: UInt16 = (current.confirmed == 0 ? 0x8000 : 0) | (isLast ? 0x4000 : 0)
        let place =
            bigEndian(current.instance) + bigEndian(UInt32(clamping: current.confirmed))
            + bigEndian(UInt32(clamping: count)) + bigEndian(status)
        let entries = Array(current.entries[from..<(from + count * PhdEntry.byteCount)])
        let report =
            bigEndian(Self.storeHandle) + Self.noTime + bigEndian(Event.segmentData)
            + PhdBytes.sized(place + PhdBytes.sized(entries))
        return [
            Answer(
                PhdBytes.message(call: lastCall, 0x0101, report),
                Deed(
                    at: now, "served",
                    [
                        "command": "entries", "segment": .int(Int(current.instance)),
                        "index": .int(current.confirmed), "count": .int(count),
                    ]))
        ]
    }
}
