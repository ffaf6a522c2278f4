import PumpCore
import TestSupport
import Testing

@testable import PumpSimulator

@Suite("The simulated CareLink stick")
struct CareLinkStickTests {
    private static let noon = Instant(secondsSince1970: 1_790_000_000)

    private static func stick(_ serial: String = "SIM208850", model: ParadigmModel = .x15) throws -> CareLinkStick {
        CareLinkStick(pump: try #require(ParadigmPump(serial: serial, model: model, zone: .utc)), seed: 1)
    }

    private static func packet(
        _ number: UInt8, _ parameters: [UInt8] = [], serial: [UInt8] = [0x20, 0x88, 0x50]
    ) -> [UInt8] {
        let head = [0x01, 0x00, 0xA7, 0x01] + serial + [0x80, UInt8(parameters.count), 0, 2, 1, 0, number]
        return head + [crc8(head)] + parameters + [crc8(parameters)]
    }

    private static func wake(_ stick: inout CareLinkStick) throws {
        _ = try stick.receive(packet(93, [1, 10]), at: noon)
    }

    @Test(
        "only commands of the allow-list are served; every other number is a violation",
        arguments: UInt8.min...UInt8.max)
    func allowList(number: UInt8) throws {
        let allowed: Set<UInt8> = [93, 112, 113, 114, 115, 116, 117, 121, 128, 131, 141, 152, 157, 192, 206]
        var stick = try Self.stick()
        try Self.wake(&stick)
        let bytes = Self.packet(number, number == 93 ? [1, 10] : [])
        if allowed.contains(number) {
            #expect(try stick.receive(bytes, at: Self.noon).first?.deed.what == "served")
        } else {
            #expect(throws: CommandViolation.self) { try stick.receive(bytes, at: Self.noon) }
        }
    }

    @Test("a packet whose check fails is refused, whatever it asks for")
    func brokenCheck() throws {
        var stick = try Self.stick()
        var bytes = Self.packet(77, [1])
        bytes[14] ^= 0x01
        let answer = try #require(try stick.receive(bytes, at: Self.noon).first)
        #expect(answer.bytes.prefix(3) == [0x01, 0x66, 0x00])
    }

    /// 00 stands behind a command, 01 begins a packet.
    @Test(
        "of the stick's own commands only those that read are served",
        arguments: (0x02...0xFF as ClosedRange<UInt8>).map { $0 })
    func stickCommands(opcode: UInt8) throws {
        var stick = try Self.stick()
        if (0x03...0x06).contains(opcode) {
            #expect(try stick.receive([opcode, 0x00, 0x00], at: Self.noon).first?.deed.what == "served")
        } else if opcode == 0x0C {
            #expect(try stick.receive([opcode, 0, 0, 0, 0], at: Self.noon).first?.deed.what == "refused")
        } else {
            #expect(throws: CommandViolation.self) { try stick.receive([opcode, 0x00, 0x00], at: Self.noon) }
        }
    }

    @Test("the pump hears nothing before its radio is on, nor for another serial")
    func radioSilence() throws {
        var stick = try Self.stick()
        #expect(try stick.receive(Self.packet(141), at: Self.noon).first?.deed.what == "silent")
        try Self.wake(&stick)
        let stranger = Self.packet(141, serial: [0x20, 0x88, 0x51])
        #expect(try stick.receive(stranger, at: Self.noon).first?.deed.what == "silent")
        #expect(try stick.receive(Self.packet(141), at: Self.noon).first?.deed.what == "served")
        let later = Self.noon.adding(seconds: 600)
        #expect(try stick.receive(Self.packet(141), at: later).first?.deed.what == "silent")
    }

    @Test("commands of 2 and of 3 bytes are the same, and may come in pieces")
    func pieces() throws {
        var long = try Self.stick()
        var short = try Self.stick()
        var torn = try Self.stick()
        let answers = try [[0x04, 0x00, 0x00], [0x03, 0x00, 0x00]].flatMap { try long.receive($0, at: Self.noon) }
        #expect(try [[0x04, 0x00], [0x03, 0x00]].flatMap { try short.receive($0, at: Self.noon) } == answers)
        #expect(
            try [0x04, 0x00, 0x00, 0x03, 0x00].flatMap { try torn.receive([$0], at: Self.noon) } == answers)
        #expect(answers.map(\.bytes.count) == [64, 64])
    }

    @Test("a page comes in the seven recorded segments and adds up to 1,024 bytes with a good check")
    func segments() throws {
        var stick = try Self.stick()
        try Self.wake(&stick)
        stick.perform(.rewound, at: Self.noon)
        _ = try stick.receive(Self.packet(128, [0]), at: Self.noon)
        var page: [UInt8] = []
        var sizes: [Int] = []
        for _ in 0..<20 {
            let status = try #require(try stick.receive([0x03, 0x00, 0x00], at: Self.noon).first?.bytes)
            guard status[5] & 1 == 1 else { continue }
            let ask: [UInt8] = [0x0C, 0x00, status[6], status[7]]
            let reply = try #require(try stick.receive(ask + [crc8(ask)], at: Self.noon).first?.bytes)
            let payload = Array(reply[13..<(reply.count - 1)])
            #expect(crc8(payload) == reply.last)
            sizes.append(payload.count)
            page += payload
            if reply[5] & 0x80 != 0 { break }
        }
        #expect(sizes == [64, 192, 128, 192, 192, 128, 128])
        #expect(page == stick.pump.page(0))
        #expect(crc16(page.prefix(1022)) == UInt16(page[1022]) << 8 | UInt16(page[1023]))
    }

    @Test("behind a short reply stand stale bytes of the one before")
    func staleBytes() throws {
        var stick = try Self.stick()
        let info = try #require(try stick.receive([0x04, 0x00, 0x00], at: Self.noon).first?.bytes)
        let signal = try #require(try stick.receive([0x06, 0x00, 0x00], at: Self.noon).first?.bytes)
        #expect(signal[4...] == info[4...])
        #expect(signal[3] >= 50)
    }
}

@Suite(
    "The simulated stick against a recorded host",
    .enabled(if: Vectors.arePresent, Comment(rawValue: Vectors.absence)))
struct RecordedHostTests {
    private static func lines(_ name: String) throws -> [(isOut: Bool, bytes: [UInt8])] {
        try Vectors.text("minimed_carelink/usb_sessions/\(name).csv").split(whereSeparator: \.isNewline).compactMap {
            let parts = $0.split(separator: ",", maxSplits: 1)
            guard parts.count == 2, let found = bytes(fromHex: parts[1]) else { return nil }
            return (parts[0] == "out", found)
        }
    }

    @Test("it follows the maker's own software, reply size by reply size, up to the command that changes therapy")
    func makersSoftware() throws {
        let pump = try #require(ParadigmPump(serial: "SIM208850", model: .x15, zone: .utc))
        var stick = CareLinkStick(pump: pump, seed: 1)
        let now = Instant(secondsSince1970: 1_790_000_000)
        let lines = try Self.lines("third_run")
        var served = 0
        var caught: CommandViolation?
        for (index, line) in lines.enumerated() where line.isOut {
            do {
                let reply = try stick.receive(line.bytes, at: now).flatMap(\.bytes)
                #expect(reply.count == lines[index + 1].bytes.count, "line \(index)")
                #expect(reply.prefix(2) == lines[index + 1].bytes.prefix(2), "line \(index)")
                served += 1
            } catch let violation {
                caught = violation
                break
            }
        }
        // Its 24th word to the stick resumes delivery: command 77.
        #expect(served == 23)
        #expect(caught?.command == "77 (0x4D)")
    }
}
