/// A CareLink stick with a pump in reach, as the facts about both describe them. It shares no code with the driver.
package struct FakeCareLink {
    package var serial = "208850"
    /// What the pump calls itself, where that differs.
    package var namedSerial: String?
    package var model = "515"
    /// 1,024 bytes each, newest first.
    package var pages: [[UInt8]]
    package var signal: [UInt8] = [0xC0]
    package var clock: [UInt8] = [4, 3, 23, 0x07, 0xEA, 10, 5]
    /// How often the link is busy before an answer lies ready.
    package var busyPolls = 1
    package var stickIsSilent = false
    package var pumpIsSilent = false
    package var silentPages: Set<UInt8> = []
    /// Answers one byte, an acknowledgement, instead of what was asked for.
    package var refuses: Set<UInt8> = []
    /// The pump's radio sleeps after so many commands, until it is woken.
    package var sleepsAfter: Int?
    /// Called before a page is sent: a time to log something.
    package var beforePage: (@Sendable (inout FakeCareLink, UInt8) -> Void)?

    package private(set) var pumpCommands: [UInt8] = []
    package private(set) var pagesAsked: [UInt8] = []
    package private(set) var complaints: [String] = []
    private var awake = false
    private var commandsAwake = 0
    private var parts: [[UInt8]] = []
    private var polls = 0
    private var stale = [UInt8](repeating: 0x5A, count: 64)

    private static let allowed: Set<UInt8> = [93, 112, 113, 114, 115, 116, 117, 121, 128, 131, 141, 152, 157, 192, 206]

    package init(pages: [[UInt8]]) { self.pages = pages }

    /// Takes what the host sent as one transfer; returns what comes back.
    package mutating func take(_ bytes: [UInt8]) -> [UInt8] {
        if stickIsSilent { return [] }
        switch bytes.first {
        case 0x04 where bytes == [4, 0, 0]:
            return block([0x0B, 0x2C, 0, 0, 0, 0] + Array("ComLink II".utf8) + [1, 0x10])
        case 0x05 where bytes == [5, 0, 0] || bytes == [5, 1, 0]: return block([0, 0, 0, 0])
        case 0x06 where bytes == [6, 0, 0]:
            return block([signal.count > 1 ? signal.removeFirst() : signal.first ?? 0])
        case 0x03 where bytes == [3, 0, 0]: return status()
        case 0x0C: return readRadio(bytes)
        case 0x01: return transmit(bytes)
        default:
            complaints.append("unknown stick command \(bytes)")
            return []
        }
    }

    private mutating func block(_ data: [UInt8], yes: Bool = true) -> [UInt8] {
        let head = [0x01, yes ? 0x55 : 0x66, 0x00] + data
        stale.replaceSubrange(0..<head.count, with: head)
        return stale
    }

    private mutating func status() -> [UInt8] {
        polls += 1
        guard let next = parts.first else { return block([0, 2, 0, 0, 0]) }
        if polls <= busyPolls { return block([0, 2, 2, 0, 0]) }
        return block([0, 2, 1, UInt8(next.count >> 8), UInt8(next.count & 0xFF)])
    }

    private mutating func readRadio(_ bytes: [UInt8]) -> [UInt8] {
        guard bytes.count == 5, PageBuilder.crc8(bytes.prefix(4)) == bytes[4] else {
            complaints.append("bad read \(bytes)")
            return block([], yes: false)
        }
        guard let next = parts.first, Int(bytes[2]) << 8 | Int(bytes[3]) == next.count else {
            return block([], yes: false)
        }
        parts.removeFirst()
        polls = 0
        stale.replaceSubrange(3..<12, with: next[3..<12])
        return next
    }

    private mutating func transmit(_ bytes: [UInt8]) -> [UInt8] {
        let digits = serial.utf8.suffix(6).map { $0 - 48 }
        let address = [digits[0] << 4 | digits[1], digits[2] << 4 | digits[3], digits[4] << 4 | digits[5]]
        guard bytes.count >= 16, Array(bytes[0..<4]) == [1, 0, 0xA7, 1], PageBuilder.crc8(bytes[0..<14]) == bytes[14]
        else {
            complaints.append("bad packet \(bytes)")
            return block([], yes: false)
        }
        let count = Int(bytes[7] & 0x7F) << 8 | Int(bytes[8])
        guard bytes[7] & 0x80 != 0, bytes.count == 16 + count,
            PageBuilder.crc8(bytes[15..<(15 + count)]) == bytes[15 + count]
        else {
            complaints.append("bad parameters \(bytes)")
            return block([], yes: false)
        }
        parts = []
        polls = 0
        let command = bytes[13]
        pumpCommands.append(command)
        if !Self.allowed.contains(command) { complaints.append("command \(command) is not allowed") }
        let acknowledged = block([0])
        if Array(bytes[4..<7]) != address || pumpIsSilent { return acknowledged }
        answer(command, Array(bytes[15..<(15 + count)]))
        return acknowledged
    }

    private mutating func answer(_ command: UInt8, _ parameters: [UInt8]) {
        if command == 93 {
            awake = parameters.first == 1
            commandsAwake = 0
            return
        }
        commandsAwake += 1
        if let limit = sleepsAfter, commandsAwake > limit { awake = false }
        guard awake else { return }
        if refuses.contains(command) { return reply([0x15], each: 1) }
        switch command {
        case 112: reply(clock)
        case 113: reply(Array((namedSerial ?? serial).utf8))
        case 116: reply(Array("VER 2.1A1.1 \u{B}\u{B}".utf8))
        case 141: reply([UInt8(model.utf8.count)] + Array(model.utf8))
        case 157: reply([0, 0, 0, UInt8(pages.count - 1)])
        case 128: page(parameters.first ?? 0)
        default: reply([0])
        }
    }

    private mutating func page(_ number: UInt8) {
        pagesAsked.append(number)
        let change = beforePage
        change?(&self, number)
        guard !silentPages.contains(number), Int(number) < pages.count else { return }
        reply(pages[Int(number)], each: 192)
    }

    /// An answer of 64 bytes, or of as many as a page needs, in parts; the last one says so.
    private mutating func reply(_ payload: [UInt8], each: Int = 64) {
        var rest = payload + [UInt8](repeating: 0, count: each == 64 ? max(0, 64 - payload.count) : 0)
        let digits = serial.utf8.suffix(6).map { $0 - 48 }
        while !rest.isEmpty {
            let part = Array(rest.prefix(each))
            rest.removeFirst(part.count)
            let head: [UInt8] =
                [2, 0, 3, 0, 0xD2, rest.isEmpty ? 0x80 : 0, UInt8(part.count), 0xA7, 1]
                + [digits[0] << 4 | digits[1], digits[2] << 4 | digits[3], digits[4] << 4 | digits[5]]
            parts.append(head + [PageBuilder.crc8(head)] + part + [PageBuilder.crc8(part)])
        }
    }
}
