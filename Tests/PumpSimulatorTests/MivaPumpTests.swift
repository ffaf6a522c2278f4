import Foundation
import PumpCore
import TestSupport
import Testing

@testable import PumpSimulator

@Suite("The simulated MIVA")
struct MivaPumpTests {
    private static let loaded = Instant(secondsSince1970: 1_700_000_000)
    private static let now = Instant(secondsSince1970: 1_700_074_565)

    private static func pump(
        _ firmware: MivaPump.Firmware = .newer, _ clock: MivaPump.ClockKind = .counter
    ) throws -> MivaPump {
        try #require(
            MivaPump(serial: "SIM00001", firmware: firmware, clock: clock, zone: .utc, loaded: loaded))
    }

    private static func ask(_ pump: inout MivaPump, _ text: String) throws -> String {
        let reply = try pump.receive(MivaFrame.bytes(text), at: now).flatMap(\.bytes)
        #expect(reply.first == 0x02 && reply.last == 0x03)
        let inside = reply.dropFirst().dropLast()
        #expect(String(decoding: inside.suffix(2), as: UTF8.self) == [sum8(inside.dropLast(2))].hex.uppercased())
        return String(decoding: inside.dropLast(2), as: UTF8.self)
    }

    @Test("it says who it is, and its serial begins with SIM")
    func identity() throws {
        var pump = try Self.pump()
        #expect(try Self.ask(&pump, "RN") == "RNSIM00001")
        #expect(try Self.ask(&pump, "RL").utf8.count == 22)
        #expect(try Self.ask(&pump, ":SERIAL?") == "SIM00001")
        #expect(try Self.ask(&pump, "*IDN?").contains("SIM00001"))
        #expect(MivaPump(serial: "M1234567", zone: .utc, loaded: Self.loaded) == nil)
        #expect(MivaPump(serial: "SIM1", zone: .utc, loaded: Self.loaded) == nil)
    }

    @Test("both clocks: a counter with its reserved bits set, and a calendar in pairs")
    func clocks() throws {
        var counter = try Self.pump(.newer, .counter)
        #expect(try Self.ask(&counter, "RC") == "RCF0012345")
        var calendar = try Self.pump(.newer, .calendar)
        // 2023-11-15T18:56:05: day, month, year, hour, minute, second.
        #expect(try Self.ask(&calendar, "RC") == "RC0F0B17123805")
    }

    @Test(
        "only questions of the allow-list are answered; everything else is a violation",
        arguments: [
            "WN00000001", "WC050A1A120000", "WM00", "W01", "KE10", "S9", "R1", "R2", "Q5", "QA", "XX", "RE0",
            ":KEY:LIST:CLEAR",
            ":PROTOCOL:RATE 20.0", ":PROTOCOL:RATE?",
        ])
    func allowList(text: String) throws {
        var pump = try Self.pump()
        #expect(throws: CommandViolation.self) { try pump.receive(MivaFrame.bytes(text), at: Self.now) }
    }

    @Test("of all codes of two characters, with and without an argument, only the allow-list is answered")
    func everyCode() throws {
        let plain: Set<String> = [
            "RI", "RC", "RN", "RS", "RL", "RM", "RB", "R3", "R7", "R8", "R9", "RA", "RD", "Q0", "Q3", "Q4",
        ]
        let pump = try Self.pump()
        let characters = (0x20...0x7E as ClosedRange<UInt8>).map { Character(UnicodeScalar($0)) }
        for first in characters {
            for second in characters {
                let code = "\(first)\(second)"
                for argument in ["", "00000000"] {
                    var asked = pump
                    let isAllowed = argument.isEmpty ? plain.contains(code) : code == "RE"
                    do throws(CommandViolation) {
                        let answers = try asked.receive(MivaFrame.bytes(code + argument), at: Self.now)
                        try require(isAllowed && !answers.flatMap(\.bytes).isEmpty, code + argument)
                    } catch {
                        #expect(!isAllowed && error.command.hasPrefix(code), "\(code)\(argument)")
                    }
                }
            }
        }
    }

    /// An issue with the code, and not one for each of eighteen thousand.
    private func require(_ holds: Bool, _ code: String) throws(CommandViolation) {
        if !holds { Issue.record("\(code) was answered, or not, against the allow-list") }
    }

    @Test("a frame whose sum is wrong gets no answer, even if it asks for something forbidden")
    func brokenFrame() throws {
        var pump = try Self.pump()
        var frame = MivaFrame.bytes("WN00000001")
        frame[3] ^= 1
        #expect(try pump.receive(frame, at: Self.now).flatMap(\.bytes) == [])
        #expect(try pump.receive(Array("noise".utf8), at: Self.now).isEmpty)
        #expect(try Self.ask(&pump, "RN") == "RNSIM00001")
    }

    @Test("types 3 and 14 mean what the firmware means by them, and a program is as long as it copies it")
    func firmware() throws {
        var newer = try Self.pump(.newer)
        var older = try Self.pump(.older)
        let given = Quantity.milliliters(thousandths: 250_000)
        let types = { (slots: [[UInt8]]) in slots.map { $0[0] } }
        #expect(types(newer.perform(.containerEmptied, at: Self.now)) == [3])
        #expect(types(newer.perform(.completed(infused: given), at: Self.now)) == [])
        #expect(types(older.perform(.containerEmptied, at: Self.now)) == [])
        #expect(types(older.perform(.completed(infused: given), at: Self.now)) == [3])
        #expect(types(newer.perform(.powerOn, at: Self.now)) == [24])
        #expect(types(older.perform(.powerOn, at: Self.now)) == [13])
        let program = PumpAct.Prescription(milliliterPerHour: given, volume: given)
        #expect(newer.perform(.programmed(program), at: Self.now).count == 2 + 4)
        #expect(older.perform(.programmed(program), at: Self.now).count == 2 + 18)
        #expect(newer.perform(.programmed(program), at: Self.now).count == 4)
    }

    @Test("a slot beyond the ring is an error, one never written is all FF")
    func slots() throws {
        var pump = try Self.pump()
        pump.perform(.started, at: Self.now)
        #expect(try Self.ask(&pump, "RI") == "RI0000000000000000")
        #expect(try Self.ask(&pump, "RE00000000") == "RE00000000" + "01452301F00000000000000000000000")
        #expect(try Self.ask(&pump, "RE00000001") == "RE00000001" + String(repeating: "F", count: 32))
        #expect(try Self.ask(&pump, "RE0000A900") == "REERROR")
    }

    @Test("history of earlier patients fills exactly the slots that were asked for", arguments: [1, 7, 1000])
    func past(count: Int) throws {
        for firmware in MivaPump.Firmware.allCases {
            var pump = try Self.pump(firmware)
            for timed in MivaPast.acts(events: count, before: Self.now, firmware: firmware, seed: 3) {
                pump.perform(timed.act, at: timed.at)
            }
            #expect(pump.eventCount == count)
        }
    }
}

@Suite("The ring of a MIVA")
struct MivaRingTests {
    private static func event(_ number: Int) -> [UInt8] {
        bigEndian(UInt32(number)) + [UInt8](repeating: 0, count: 12)
    }

    @Test("it goes round: the tail passes the head, and a whole flash page goes at once")
    func wraps() throws {
        var ring = MivaRing()
        #expect(ring.count == 0 && ring.head == nil)
        for number in 0..<MivaRing.slots { ring.append(Self.event(number)) }
        #expect((ring.tail, ring.head) == (0, 43_263))
        #expect(ring.count == 43_264)
        ring.append(Self.event(43_264))
        #expect((ring.tail, ring.head) == (256, 0))
        #expect(ring.count == 43_264 - 255)
        #expect(ring.slot(0) == Self.event(43_264))
        #expect(ring.slot(1) == [UInt8](repeating: 0xFF, count: 16))
        for number in 43_265...43_519 { ring.append(Self.event(number)) }
        #expect((ring.tail, ring.head, ring.count) == (256, 255, 43_264))
        let log = ring.log
        #expect(Array(log.prefix(16)) == Self.event(256))
        #expect(Array(log.suffix(16)) == Self.event(43_519))
    }
}

@Suite("The MIVA against its maker's reader", .enabled(if: Vectors.arePresent, Comment(rawValue: Vectors.absence)))
struct MivaOracleTests {
    private struct Oracle: Decodable {
        struct Event: Decodable {
            let hex: String
        }
        let frames: [String: String]
        let events: [String: Event]
    }

    private static func oracle() throws -> Oracle {
        try JSONDecoder().decode(Oracle.self, from: Data(Vectors.bytes("miva/miva_oracle.json")))
    }

    @Test("frames are those that the maker's reader builds")
    func frames() throws {
        let frames = try Self.oracle().frames
        #expect(frames.count >= 14)
        for (text, hex) in frames { #expect(MivaFrame.bytes(text).hex == hex, "\(text)") }
    }

    /// The oracle's events in our words, with the second at which each happened.
    private static let events: [String: (MivaEvent, Int)] = [
        "RUN_INFUSION": (MivaEvent(.runInfusion), 0x12345),
        "INFUSION_PAUSED vinf=12.5": (MivaEvent(.infusionPaused, Float(12.5).bitPattern), 0x12381),
        "CASSETTE_EMPTY_ALARM": (MivaEvent(.cassetteEmpty), 0x1238B),
        "DOSE_GRANTED extra": (MivaEvent(.doseGranted, subtype: 0x0203), 0x12395),
        "DOSE_FINISH": (MivaEvent(.doseFinish, subtype: 1), 0x1239F),
        "CASSETTE_DETACHED_ALARM": (MivaEvent(.cassetteDetached), 0x123A9),
        "CLEAR_SHIFT_TOTAL": (MivaEvent(.clearShiftTotal), 0x123B3),
        "POWER_ON": (
            MivaEvent(.powerOn, subtype: 1, Float(3.91).bitPattern, Float(100).bitPattern), 0x123BD
        ),
        "POWER_OFF": (MivaEvent(.powerOff, Float(3.9).bitPattern, Float(100.5).bitPattern), 0x123C7),
        "BATTERY": (
            MivaEvent(.battery, subtype: 1, Float(3.9).bitPattern, Float(100.5).bitPattern), 0x123D1
        ),
        "OCCLUSION down": (MivaEvent(.occlusion, subtype: 2), 0x123DB),
    ]

    @Test("events are those that the maker's reader understands")
    func events() throws {
        let oracle = try Self.oracle().events
        #expect(Set(oracle.keys) == Set(Self.events.keys))
        for (name, (event, seconds)) in Self.events {
            let bytes = event.bytes(stamp: MivaStamp.counter(seconds))
            #expect(bytes.hex.uppercased() == oracle[name]?.hex, "\(name)")
        }
    }
}
