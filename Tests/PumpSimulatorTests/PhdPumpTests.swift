import PumpCore
import Testing

@testable import PumpSimulator

@Suite("The simulated 11073 pump")
struct PhdPumpTests {
    private static let now = Instant(secondsSince1970: 1_793_000_000)

    private func pump() throws -> PhdPump {
        let zone = try #require(HomeZone(identifier: "America/Chicago"))
        return try #require(PhdPump(serial: "SIM00001", zone: zone))
    }

    /// An agent that operates.
    private func operating(_ pump: PhdPump) throws -> PhdPump {
        var pump = pump
        _ = pump.greet(at: Self.now)
        let accepted = PhdBytes.apdu(0xE300, [0, 0, 0x50, 0x79, 0, 0])
        _ = try pump.receive(accepted, at: Self.now)
        return pump
    }

    @Test("it speaks first, and again after an abort")
    func first() throws {
        var pump = try pump()
        let greeting = pump.greet(at: Self.now).flatMap(\.bytes)
        #expect(greeting.prefix(4) == [0xE2, 0x00, 0x00, 0x32])
        #expect(try pump.receive([0xE6, 0, 0, 2, 0, 0], at: Self.now).flatMap(\.bytes) == greeting)
    }

    @Test(
        "whatever changes a pump ends the simulator",
        arguments: [
            // SET, unconfirmed SET, clear segments, set time, an action that nobody listed, an unknown choice.
            (0x0105, [0, 0, 0, 0, 0, 0]), (0x0104, [0, 0, 0, 0, 0, 0]), (0x0107, [0, 1, 0x0C, 0x0C, 0, 0]),
            (0x0107, [0, 0, 0x0C, 0x17, 0, 0]), (0x0107, [0, 0, 0x0C, 0x1B, 0, 0]), (0x0108, [0, 0]),
        ] as [(UInt16, [UInt8])])
    func forbidden(choice: UInt16, body: [UInt8]) throws {
        var pump = try operating(try pump())
        #expect(throws: CommandViolation.self) {
            try pump.receive(PhdBytes.message(call: 1, choice, body), at: Self.now)
        }
    }

    @Test("an association request from the other side is no manager's word")
    func request() throws {
        var pump = try pump()
        #expect(throws: CommandViolation.self) { try pump.receive([0xE2, 0, 0, 2, 0, 0], at: Self.now) }
    }

    @Test("a full store loses its oldest segment, and numbers go on")
    func full() throws {
        var pump = try pump()
        let most = PhdStore.mostSegments * PhdStore.entriesOfSegment
        for second in 0...most { pump.perform(.timeStamped, at: Self.now.adding(seconds: second)) }
        #expect(pump.eventCount == most - PhdStore.entriesOfSegment + 1)
        #expect(pump.store.segments.first?.first == 257)
        #expect(pump.store.nextNumber == UInt32(most + 2))
    }

    @Test("an entry has twenty bytes: time, number, code, volume, check")
    func entry() throws {
        let time = try #require(CivilDateTime("2026-10-05T06:07:08"))
        let entry = PhdEntry(time: time, number: 258, code: PhdCode.attached, volumeThousandths: 250_000)
        #expect(entry.bytes.dropLast(2).hex == "2026100506070800" + "00000102" + "f001" + "fd03d090")
        #expect(PhdBytes.float(thousandths: 90_000_000).hex == "ff0dbba0")
    }

    @Test("bytes in any pieces, with noise between, give the same answers")
    func pieces() throws {
        let get = PhdBytes.message(call: 7, 0x0103, [0, 0, 0, 0, 0, 0])
        var whole = try operating(try pump())
        let answer = try whole.receive(get, at: Self.now).flatMap(\.bytes)
        #expect(answer.prefix(1) == [0xE7])
        var pieces = try operating(try pump())
        var heard: [UInt8] = []
        for byte in [0x15, 0x00] + get { heard += try pieces.receive([byte], at: Self.now).flatMap(\.bytes) }
        #expect(heard == answer)
    }
}
