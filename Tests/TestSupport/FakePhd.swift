/// The least that answers like an IEEE 11073 agent with an event log: its own writing of APDUs, its own store.
package struct FakePhd: FakePump {
    package static let segmentEntries = 100
    package static let entriesOfReport = 20

    package var serial: String
    package var systemID: [UInt8] = [0x02, 0x53, 0x49, 0x4D, 0x00, 0x00, 0x00, 0x42]
    package var configurationID: UInt16 = 0x4000
    /// What a store's entries look like, as the agent says it.
    package var hasStore = true
    package private(set) var heard: [String] = []
    /// Every entry that there is, oldest first.
    package private(set) var entries: [[UInt8]] = []
    private var nextNumber: Int
    /// Minutes since 2026-10-05T00:00.
    package private(set) var minutes = 0
    private var step = 0
    private var isAssociated = false
    private var sending: (segment: Int, index: Int, call: Int)?
    private var calls = 0x4000

    package init(serial: String = "SIM00042", records: Int, firstNumber: Int = 1) {
        self.serial = serial
        nextNumber = firstNumber
        live(records: records)
    }

    // MARK: Therapy

    package mutating func live(records: Int) {
        let codes = [0xF032, 0xF001, 0xF035, 680, 684, 682, 0xF002, 0xF001, 680]
        for _ in 0..<records {
            minutes += 1
            entries.append(entry(code: codes[step % codes.count], thousandths: step * 125 % 8_000_000))
            step += 1
        }
    }

    package mutating func outlive() {
        minutes += 40_000
        nextNumber += 500
        entries = []
        live(records: 40)
    }

    /// The log is erased and its numbers begin anew.
    package mutating func forgetEverything(records: Int) {
        entries = []
        nextNumber = 1
        minutes += 500
        live(records: records)
    }

    private mutating func entry(code: Int, thousandths: Int) -> [UInt8] {
        defer { nextNumber += 1 }
        var bytes = Self.time(minutes) + Self.big(nextNumber, 4) + Self.big(code, 2)
        bytes += [0xFD] + Self.big(thousandths, 3)
        return bytes + Self.big(Self.crc(bytes), 2)
    }

    package var truth: [[UInt8]] { entries }

    // MARK: Wire

    package mutating func receive(_ bytes: [UInt8]) -> [UInt8] {
        guard bytes.count >= 6, Self.number(bytes, 2, 2) == bytes.count - 4 else { return [] }
        let code = Self.command(bytes) ?? bytes.prefix(2).map { String($0, radix: 16) }.joined()
        heard.append(code)
        switch code {
        case "ABRT":
            isAssociated = false
            sending = nil
            return associationRequest
        case "AARE":
            isAssociated = true
            return configurationID < 0x4000 ? [] : configurationReport
        case "RLRQ":
            isAssociated = false
            return [0xE5, 0, 0, 2, 0, 0]
        default: break
        }
        guard isAssociated else { return [0xE6, 0, 0, 2, 0, 0] }
        let call = Self.number(bytes, 6, 2)
        switch code {
        case "0103": return Self.presentation(call, 0x0203, Self.big(0, 2) + Self.list(system))
        case "0107/3085": return Self.presentation(call, 0x0207, [0, 1] + Self.big(3085, 2) + Self.sized(segments))
        case "0107/3100":
            let instance = Self.number(bytes, bytes.count - 2, 2)
            let known = segmentStarts.indices.contains(instance - 1)
            sending = known ? (instance, 0, 0) : nil
            let answer = Self.presentation(
                call, 0x0207,
                [0, 1] + Self.big(3100, 2) + Self.sized(Self.big(instance, 2) + Self.big(known ? 0 : 1, 2)))
            return answer + report()
        case "0201/3361":
            guard var current = sending, current.call == call else { return [] }
            current.index += Self.entriesOfReport
            sending = current
            return report()
        default: return []
        }
    }

    /// What a manager's message is called in the driver table; nil for what it must not say.
    package static func command(_ bytes: [UInt8]) -> String? {
        guard bytes.count >= 6, number(bytes, 2, 2) == bytes.count - 4 else { return nil }
        switch number(bytes, 0, 2) {
        case 0xE300: return "AARE"
        case 0xE400: return "RLRQ"
        case 0xE500: return "RLRE"
        case 0xE600: return "ABRT"
        case 0xE700:
            guard bytes.count >= 14 else { return nil }
            switch number(bytes, 8, 2) {
            case 0x0103: return "0103"
            case 0x0107: return "0107/\(number(bytes, 14, 2))"
            case 0x0201: return "0201/\(number(bytes, 18, 2))"
            default: return nil
            }
        default: return nil
        }
    }

    private var associationRequest: [UInt8] {
        var terms: [UInt8] = [0x80, 0, 0, 0, 0x80, 0, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0x80, 0, 0]
        terms += Self.sized(systemID) + Self.big(Int(configurationID), 2) + [0, 1, 1, 0, 0, 0, 0, 0]
        let proto = [0x50, 0x79] + Self.sized(terms)
        return [0xE2, 0] + Self.sized([0x80, 0, 0, 0, 0, 1] + Self.sized(proto))
    }

    private var configurationReport: [UInt8] {
        let number = [0, 6, 0, 2] + Self.list([(2351, [4, 0, 0, 1])])
        let store = [0, 61, 0, 1] + Self.list([(2637, [0, 0]), (2385, Self.big(segmentStarts.count, 2))])
        let objects = Self.big(hasStore ? 2 : 1, 2) + Self.sized((hasStore ? store : []) + number)
        return Self.presentation(
            1, 0x0101,
            [0, 0, 0xFF, 0xFF, 0xFF, 0xFF] + Self.big(3356, 2) + Self.sized(Self.big(Int(configurationID), 2) + objects)
        )
    }

    private var system: [(Int, [UInt8])] {
        [
            (2436, Self.sized(systemID)),
            (2344, Self.sized(Array("Fake".utf8)) + Self.sized(Array("Pump\0".utf8))),
            (2349, Self.big(1, 2) + Self.sized([0, 1, 0, 0] + Self.sized(Array(serial.utf8)))),
            (2439, Self.time(minutes + 1)),
        ]
    }

    private var segmentStarts: [Int] { Array(stride(from: 0, to: entries.count, by: Self.segmentEntries)) }

    private var segments: [UInt8] {
        // Class, type, handle, attribute and its size.
        func element(_ objectClass: Int, _ partition: Int, _ code: Int, _ handle: Int, _ id: Int, _ size: Int)
            -> [UInt8]
        {
            [objectClass, partition, code, handle].flatMap { Self.big($0, 2) } + [0, 1]
                + Self.sized(Self.big(id, 2) + Self.big(size, 2))
        }
        let elements =
            element(6, 1024, 1, 2, 0xF101, 4) + element(5, 2, 53436, 3, 2633, 2) + element(6, 2, 26792, 4, 2646, 4)
            + element(6, 1024, 2, 5, 0xF102, 2)
        let map = [0x80, 0, 0, 4] + Self.sized(elements)
        let first = entries.first.map { Self.number($0, 8, 4) } ?? 1
        let infos = segmentStarts.enumerated().map { index, start in
            Self.big(index + 1, 2)
                + Self.list([
                    (2638, map), (2427, Self.big(min(Self.segmentEntries, entries.count - start), 4)),
                    (0xF103, Self.big(first + start, 4)),
                ])
        }
        return Self.big(infos.count, 2) + Self.sized(infos.flatMap(\.self))
    }

    /// The next entries of the segment that is being sent; nothing after the last ones.
    private mutating func report() -> [UInt8] {
        guard var current = sending, segmentStarts.indices.contains(current.segment - 1) else { return [] }
        let start = segmentStarts[current.segment - 1]
        let all = entries[start..<min(start + Self.segmentEntries, entries.count)]
        let part = all.dropFirst(current.index).prefix(Self.entriesOfReport)
        guard !part.isEmpty else {
            sending = nil
            return []
        }
        calls += 1
        current.call = calls
        sending = current
        let isLast = current.index + part.count == all.count
        let status = (current.index == 0 ? 0x8000 : 0) | (isLast ? 0x4000 : 0)
        let place =
            Self.big(current.segment, 2) + Self.big(current.index, 4) + Self.big(part.count, 4) + Self.big(status, 2)
        return Self.presentation(
            calls, 0x0101,
            [0, 1, 0xFF, 0xFF, 0xFF, 0xFF] + Self.big(3361, 2) + Self.sized(place + Self.sized(part.flatMap(\.self))))
    }

    // MARK: Bytes

    package static func presentation(_ call: Int, _ choice: Int, _ body: [UInt8]) -> [UInt8] {
        [0xE7, 0] + sized(sized(big(call, 2) + big(choice, 2) + sized(body)))
    }

    private static func list(_ attributes: [(Int, [UInt8])]) -> [UInt8] {
        big(attributes.count, 2) + sized(attributes.flatMap { big($0.0, 2) + sized($0.1) })
    }

    package static func sized(_ bytes: [UInt8]) -> [UInt8] { big(bytes.count, 2) + bytes }

    package static func big(_ value: Int, _ count: Int) -> [UInt8] {
        (0..<count).reversed().map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }

    private static func number(_ bytes: [UInt8], _ offset: Int, _ count: Int) -> Int {
        bytes.dropFirst(offset).prefix(count).reduce(0) { $0 << 8 | Int($1) }
    }

    /// Century, year, month, day, hour, minute, second, hundredths.
    private static func time(_ minutes: Int) -> [UInt8] {
        let day = 5 + minutes / 1440 % 20
        return [0x20, 0x26, UInt8(0x10), bcd(day), bcd(minutes / 60 % 24), bcd(minutes % 60), 0, 0]
    }

    private static func bcd(_ value: Int) -> UInt8 { UInt8((value / 10) << 4 | value % 10) }

    private static func crc(_ bytes: [UInt8]) -> Int {
        var crc = 0xFFFF
        for byte in bytes {
            crc ^= Int(byte) << 8
            for _ in 0..<8 { crc = crc & 0x8000 == 0 ? crc << 1 : (crc << 1 ^ 0x1021) & 0xFFFF }
            crc &= 0xFFFF
        }
        return crc
    }
}
