import PumpCore
import TestSupport
import Testing

@testable import Ledger

@Suite("Events and keys as they are stored")
struct EventTextTests {
    @Test("every field of an event survives the way to the disk and back")
    func roundTrip() throws {
        var events = EventKind.allCases.map { PumpEvent($0) }
        let full = PumpEvent(.alarm) { event in
            event.label = "line\n\"quoted\" \\ back\u{1}slash, é 💉"
            event.programmed = .units(thousandths: -25)
            event.delivered = .milliliters(thousandths: 2100)
            event.amount = .units(thousandths: 0)
            event.primeType = .fixed
            event.code = 104
            event.alarm = .emptyContainer
            event.newTime = CivilDateTime(year: 2026, month: 10, day: 5, hour: 6, minute: 0, second: 7)
            event.requestedBy = .radio
            event.channel = 2
            event.doseSlot = CivilDateTime(wallSeconds: 1_000_000_000_000)
            event.containerID = "C-1\u{0}2"
            event.by = "Nurse ,;'"
            event.note = ""
        }
        events.append(full)
        events.append(PumpEvent(.primed) { $0.amount = .milliliters(thousandths: Int.min) })
        for event in events {
            let read = EventText.event(kind: event.kind.rawValue, details: EventText.details(of: event))
            #expect(read == event)
        }
    }

    @Test("a reading for counting leaves out what no rule looks at, and nothing else")
    func countingDepth() throws {
        let full = PumpEvent(.alarm) { event in
            event.label = "line \"quoted\""
            event.programmed = .units(thousandths: 25)
            event.delivered = .milliliters(thousandths: 2100)
            event.amount = .units(thousandths: Int.min)
            event.primeType = .fixed
            event.code = 104
            event.alarm = .occlusion
            event.newTime = CivilDateTime(year: 2026, month: 10, day: 5)
            event.requestedBy = .radio
            event.channel = 2
            event.doseSlot = CivilDateTime(year: 2026, month: 10, day: 5, hour: 6)
            event.containerID = "C-1"
            event.by = "Nurse"
            event.note = "a\nb"
        }
        var expected = full
        (expected.label, expected.programmed, expected.code, expected.requestedBy) = (nil, nil, nil, nil)
        let kind = Array("alarm".utf8)
        let details = try #require(EventText.details(of: full))
        #expect(EventReader(depth: .counting).event(kind: kind.span, details: details.span) == expected)
        for end in details.indices {
            let torn = Array(details[..<end])
            #expect(EventReader(depth: .counting).event(kind: kind.span, details: torn.span) == nil)
            #expect(EventReader(depth: .everything).event(kind: kind.span, details: torn.span) == nil)
        }
    }

    @Test("an event without more than its kind takes no space")
    func bare() { #expect(EventText.details(of: PumpEvent(.rewind)) == nil) }

    @Test(
        "what this program does not write is not read as something else",
        arguments: [
            "", "{", "{}x", "{\"code\":}", "{\"code\":\"4\"}", "{\"strange\":1}", "{\"prime\":\"both\"}", "[1]",
            "{\"label\":\"a}", "{\"code\":1,}", "{\"label\":\"\\u1234\"}", "{\"code\":99999999999999999999}",
        ])
    func refused(text: String) {
        #expect(EventText.event(kind: "alarm", details: Array(text.utf8)) == nil)
        #expect(EventText.event(kind: "no-such-kind", details: nil) == nil)
    }

    @Test("any bytes at all are read or refused, without harm")
    func noise() {
        for seed in UInt64(1)...500 {
            var generator = SeededGenerator(seed: seed)
            let alphabet = Array("{}\":,\\u001codelabel1-\u{7F}".utf8) + [0xFF, 0xC3]
            let bytes = (0..<Int.random(in: 0...30, using: &generator)).map { _ in
                alphabet[Int.random(in: 0..<alphabet.count, using: &generator)]
            }
            _ = EventText.event(kind: "alarm", details: [UInt8(ascii: "{")] + bytes)
        }
    }

    @Test("a key spells the SHA-256 of driver, serial, position and bytes")
    func key() throws {
        // printf 'paper\0P1\0\0a' | sha256sum, and printf 'paper\0P1\0%s\0a' 7 | sha256sum
        var digester = RecordDigester(driver: "paper", serial: "P1")
        #expect(digester.digest(position: nil, raw: [0x61]).key(ordinal: 0).text == "r:5d187d3768ab4aa056d0")
        #expect(digester.digest(position: 7, raw: [0x61]).key(ordinal: 2).text == "r:9f375f925e60db248861.2")
    }

    @Test("only well-formed keys are looked up", arguments: ["r:12", "R:00", "r:", "", "c:5d187d3768ab4aa056d0"])
    func badKeys(text: String) { #expect(RecordDigest(of: RecordKey(text)) == nil) }

    @Test("a key is read back to its digest")
    func keyRoundTrip() {
        let digest = RecordDigest(high: 0x0123_4567_89AB_CDEF, low: 0x00F0)
        #expect(digest.key(ordinal: 0).text == "r:0123456789abcdef00f0")
        #expect(RecordDigest(of: digest.key(ordinal: 0)) == digest)
        #expect(RecordDigest(of: digest.key(ordinal: 12)) == digest)
        #expect(RecordDigest(of: RecordKey("r:0123456789abcdef00f0.0")) == nil)
        #expect(RecordDigest(of: RecordKey("r:0123456789abcdef00f0.+1")) == nil)
    }
}
