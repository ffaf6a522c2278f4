/// The least that answers like a MIVA: its own frames, its own ring.
package struct FakeMiva: FakePump {
    package static let ringSize = 43_264

    package var serial: String
    package var firmware = "2.04.1"
    package var library = "NIMBUS 1.07         "
    package var platform = "02"
    /// What `RC` answers; nil for a counter that stands one minute after the newest event.
    package var clock: String?
    /// What it says to a question it does not want to answer.
    package var refuses: Set<String> = []
    package private(set) var slots: [Int: [UInt8]] = [:]
    package private(set) var head: Int
    package private(set) var tail: Int
    package private(set) var heard: [String] = []
    /// Seconds on its counter.
    package private(set) var now = 74_000
    private var isEmpty = true
    private var step = 0
    private var buffer: [UInt8] = []

    /// - Parameter first: The ring position of its first event.
    package init(serial: String = "SIM00001", first: Int = 0) {
        self.serial = serial
        head = first
        tail = first
    }

    package init(serial: String = "SIM00001", first: Int = 0, records: Int) {
        self.init(serial: serial, first: first)
        live(records: records)
    }

    // MARK: Therapy

    package mutating func append(_ slot: [UInt8]) {
        if !isEmpty {
            head = (head + 1) % Self.ringSize
            if head == tail { tail = (tail + 1) % Self.ringSize }
        }
        isEmpty = false
        slots[head] = slot
    }

    /// An event of `type` at the next moment of its counter.
    package mutating func append(
        type: UInt8, subtype: (UInt8, UInt8) = (0, 0), first: UInt32 = 0, second: UInt32 = 0, seconds: Int = 60
    ) {
        now += seconds
        append(Self.event(type: type, time: UInt32(now), subtype: subtype, first: first, second: second))
    }

    package static func event(
        type: UInt8, time: UInt32, subtype: (UInt8, UInt8) = (0, 0), first: UInt32 = 0, second: UInt32 = 0
    ) -> [UInt8] {
        func big(_ value: UInt32) -> [UInt8] { (0..<4).reversed().map { UInt8(value >> (8 * $0) & 0xFF) } }
        return [type] + big(time).reversed() + [subtype.0, subtype.1] + big(first) + big(second) + [0]
    }

    /// A day in small: start, dose, pause, empty, detach, start, with a program now and then.
    package mutating func live(records: Int) {
        for _ in 0..<records {
            switch step % 9 {
            case 0: append(type: 24, subtype: (0, 1), first: Float(3.91).bitPattern, second: Float(100).bitPattern)
            case 1, 7: append(type: 1)
            case 2: append(type: 6, subtype: (2, 1))
            case 3: append(type: 23, subtype: (0, 1))
            case 4: append(type: 2, first: Float(12.5).bitPattern)
            case 5: append(type: 3)
            case 6: append(type: 14)
            default: append(type: 13, subtype: (0, 1), first: Float(3.9).bitPattern, second: Float(100.5).bitPattern)
            }
            step += 1
        }
    }

    /// The ring goes round and a little further; of the new round only the newest events are kept, so that tests stay
    /// short. `goRound` keeps all of it.
    package mutating func outlive() {
        let kept = 40
        head = (head + 10 + Self.ringSize - kept) % Self.ringSize
        tail = (head + 1) % Self.ringSize
        slots = [:]
        isEmpty = true
        head = tail
        now += 5_000_000
        live(records: kept)
    }

    package mutating func goRound(and more: Int) { live(records: Self.ringSize + more) }

    /// A program in the log: its beginning, raw blocks that look like events and frames, its end.
    package mutating func appendProgram(blocks: Int) {
        append(type: 0, subtype: (1, 0))
        for block in 0..<blocks {
            switch (blocks, block) {
            case (16, 2): append([0, 9, 9, 9, 9, 2] + [UInt8](repeating: 14, count: 10))
            case (16, 5): append([0, 7, 7, 7, 7, 1] + [UInt8](repeating: 14, count: 10))
            default: append([3, UInt8(block)] + [UInt8](repeating: 14, count: 14))
            }
        }
        append(type: 0, subtype: (2, 0), seconds: 0)
    }

    package var truth: [[UInt8]] {
        guard !isEmpty else { return [] }
        let count = (head - tail + Self.ringSize) % Self.ringSize + 1
        return (0..<count).compactMap { slots[(tail + $0) % Self.ringSize] }
    }

    // MARK: Wire

    package mutating func receive(_ bytes: [UInt8]) -> [UInt8] {
        var out: [UInt8] = []
        for byte in bytes {
            if byte == 0x02 { buffer = [] } else if byte == 0x03 { out += answer(buffer) } else { buffer.append(byte) }
        }
        return out
    }

    private mutating func answer(_ body: [UInt8]) -> [UInt8] {
        guard body.count > 2 else { return [] }
        let text = String(decoding: body.dropLast(2), as: UTF8.self)
        guard String(decoding: body.suffix(2), as: UTF8.self) == Self.sum(text) else { return [] }
        let code = text.first == "R" ? String(text.prefix(2)) : text
        heard.append(code)
        guard !refuses.contains(code) else { return [0x15] }
        return switch code {
        case "RN": Self.frame("RN" + serial)
        case "RS": Self.frame("RS" + firmware)
        case "RL": Self.frame("RL" + library)
        case "RM": Self.frame("RM" + platform)
        case "RC": Self.frame("RC" + (clock ?? Self.hex(now + 60, 8)))
        case "RI": Self.frame("RI" + Self.hex(tail, 8) + Self.hex(head, 8))
        case "RE": event(text)
        default: []
        }
    }

    private func event(_ text: String) -> [UInt8] {
        guard let index = Int(text.dropFirst(2), radix: 16), index < Self.ringSize else { return [] }
        let slot = slots[index] ?? [UInt8](repeating: 0xFF, count: 16)
        return Self.frame(text + slot.map { Self.hex(Int($0), 2) }.joined())
    }

    package static func frame(_ text: String) -> [UInt8] { [0x02] + Array((text + sum(text)).utf8) + [0x03] }

    private static func sum(_ text: String) -> String { hex(text.utf8.reduce(0) { $0 + Int($1) } % 256, 2) }

    private static func hex(_ value: Int, _ digits: Int) -> String {
        let text = String(value, radix: 16, uppercase: true)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }
}
