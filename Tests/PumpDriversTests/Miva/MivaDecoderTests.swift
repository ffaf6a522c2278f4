import PumpCore
import TestSupport
import Testing

@testable import PumpDrivers

@Suite("MIVA events")
struct MivaDecoderTests {
    private func slot(_ type: UInt8, time: UInt32 = 100, sub: (UInt8, UInt8) = (0, 0)) -> [UInt8] {
        FakeMiva.event(type: type, time: time, subtype: sub)
    }

    private func calendar(_ type: UInt8, _ time: String) throws -> [UInt8] {
        let civil = try #require(CivilDateTime(time))
        let date = civil.date.components
        let packed =
            (date.year - 2000) << 26 | date.month << 22 | date.day << 17 | civil.hour << 12 | civil.minute << 6
            | civil.second
        return FakeMiva.event(type: type, time: UInt32(packed).byteSwapped)
    }

    private func read(_ bytes: [UInt8], _ hints: DecodingHints = DecodingHints(model: "counter", firmware: "2.0"))
        throws
        -> LogReading
    {
        guard case .read(let reading) = MivaDecoder(hints).decode(bytes) else {
            throw Unread(outcome: MivaDecoder(hints).decode(bytes))
        }
        return reading
    }

    struct Unread: Error { var outcome: DecodingOutcome }

    @Test("every type has the kind that the facts give it")
    func kinds() throws {
        let expected: [EventKind] = [
            .unknown, .deliveryStarted, .deliveryStopped, .containerEmpty, .alarm, .note, .bolus, .alarm,
            .bolusCancelled, .alarm, .note, .alarm, .note, .battery, .containerDetached, .note, .powerOff, .alarm,
            .alarm, .alarm, .note, .note, .setting, .bolus, .powerOn, .note, .alarm, .alarm, .alarm, .alarm, .alarm,
            .battery,
        ]
        for (type, kind) in expected.enumerated() {
            let reading = try read(slot(UInt8(type), sub: (0, 7)))
            #expect(reading.records.map(\.event.kind) == [kind], "type \(type)")
            #expect(reading.records.first?.opcode == type)
        }
        #expect(try read(slot(1) + slot(32)).records.map(\.event.kind) == [.deliveryStarted, .unknown])
    }

    @Test("types 3 and 14 mean what the firmware means by them")
    func meanings() throws {
        let bytes = slot(3) + slot(14)
        let newer = try read(bytes, DecodingHints(model: "counter", firmware: "2.04.1"))
        let older = try read(bytes, DecodingHints(model: "counter", firmware: "1.12"))
        #expect(newer.records.map(\.event.kind) == [.containerEmpty, .containerDetached])
        #expect(newer.records.map(\.event.label) == ["cassette empty", "cassette detached"])
        #expect(older.records.map(\.event.kind) == [.deliveryStopped, .containerDetached])
        #expect(older.records.map(\.event.label) == ["infusion completed", "cassette opened"])
    }

    @Test("nobody says the firmware and the bytes don't either: both readings")
    func ambiguousMeaning() throws {
        guard case .ambiguous(let both) = MivaDecoder(DecodingHints(model: "counter")).decode(slot(3)) else {
            Issue.record("a choice was made in silence")
            return
        }
        #expect(both.map { $0.records[0].event.kind } == [.containerEmpty, .deliveryStopped])
        // A type that only newer firmware has settles it, and so does a log without type 3.
        #expect(try read(slot(3) + slot(24, time: 101), DecodingHints(model: "counter")).records.count == 2)
        #expect(try read(slot(14), DecodingHints(model: "counter")).records.count == 1)
    }

    @Test("a calendar clock is told from a counter by days that exist and times that run forward")
    func timeFormats() throws {
        let day =
            try calendar(1, "2026-10-05T06:00:00") + calendar(2, "2026-10-05T07:01:30")
            + calendar(1, "2026-10-05T18:00:02")
        let reading = try read(day, DecodingHints(firmware: "2.0"))
        #expect(
            reading.records.map { $0.deviceTime?.description } == [
                "2026-10-05T06:00:00", "2026-10-05T07:01:30", "2026-10-05T18:00:02",
            ])
        let counted = try read(slot(1, time: 74_565) + slot(2, time: 7_456_500), DecodingHints(firmware: "2.0"))
        #expect(counted.records.map(\.deviceTime) == [.counter(seconds: 74_565), .counter(seconds: 7_456_500)])
    }

    @Test("one event that fits both clocks is read both ways, and a hint decides")
    func ambiguousTime() throws {
        let one = try calendar(1, "2026-10-05T06:00:00")
        guard case .ambiguous(let both) = MivaDecoder(DecodingHints(firmware: "2.0")).decode(one) else {
            Issue.record("a choice was made in silence")
            return
        }
        #expect(both.count == 2)
        #expect(
            try read(one, DecodingHints(model: "MIVA calendar", firmware: "2.0")).records[0].deviceTime?.civil != nil)
    }

    @Test("the counter's top four bits are reserved")
    func reservedBits() throws {
        #expect(try read(slot(1, time: 0xF000_0064)).records[0].deviceTime == .counter(seconds: 100))
    }

    @Test("the clock's reply is a counter of 8 digits or a calendar of 12, in either writing")
    func clockReplies() {
        func clock(_ text: String) -> String? { DeviceTime(mivaClock: Array(text.utf8))?.description }
        #expect(clock("RCF0000064") == "+100s")
        #expect(clock("RC050A1A061E00") == "2026-10-05T06:30:00")
        #expect(clock("RC051026063000") == "2026-10-05T06:30:00")
        #expect(clock("RC321026063000") == nil)
        #expect(clock("RC0510") == nil)
    }

    @Test(
        "a calendar's reply without a letter is read as the host's clock says, and hexadecimal where that does not help",
        arguments: [
            // 2023-05-05 06:05:09 in hexadecimal; ten years later, its digits mean 2017 to a decimal reader.
            ("RC050517060509", "2023-05-05T10:00:00Z", "2023-05-05T06:05:09"),
            ("RC050517060509", "2017-05-05T10:00:00Z", "2017-05-05T06:05:09"),
            // From 2032 on a year has no letter again.
            ("RC110920082030", "2032-09-17T12:00:00Z", "2032-09-17T08:32:48"),
            ("RC110920082030", "2020-09-11T12:00:00Z", "2020-09-11T08:20:30"),
            // A clock that lost its time fits neither year.
            ("RC010100001000", "2026-10-05T12:00:00Z", "2000-01-01T00:16:00"),
            // Nobody knows when it was read.
            ("RC050517060509", nil, "2023-05-05T06:05:09"),
            // A letter, or no date in one of them, decides before any clock.
            ("RC050A1A061E00", "2038-01-01T00:00:00Z", "2026-10-05T06:30:00"),
            ("RC051026063000", "2038-01-01T00:00:00Z", "2026-10-05T06:30:00"),
        ] as [(String, String?, String)])
    func clockWritings(reply: String, host: String?, expected: String) {
        let time = DeviceTime(mivaClock: Array(reply.utf8), host: host.flatMap { Instant($0) })
        #expect(time?.description == expected)
    }

    @Test("raw blocks of a program are data even when they look like an empty cassette", arguments: [2, 16])
    func programs(blocks: Int) throws {
        var pump = FakeMiva()
        pump.append(type: 1)
        pump.appendProgram(blocks: blocks)
        pump.append(type: 14)
        let reading = try read(Array(pump.truth.joined()))
        #expect(
            reading.records.map(\.event.kind) == [.deliveryStarted, .note] + Array(repeating: .setting, count: blocks)
                + [.note, .containerDetached])
        #expect(reading.records.filter { $0.opcode == nil }.count == blocks)
        // A file that begins or ends anywhere inside the program makes no event of it.
        let slots = pump.truth
        for first in slots.indices {
            for last in slots.indices where last >= first {
                let part = MivaInfusionData.roles(of: slots[first...last].map { MivaSlot($0) })
                let seesFrame = first <= 1 || last >= slots.count - 2
                guard seesFrame else { continue }
                let events = zip(first..., part).filter { $0.1 == .event }.map(\.0)
                #expect(events.allSatisfy { $0 == 0 || $0 == slots.count - 1 }, "slots \(first) to \(last)")
            }
        }
    }

    @Test("a short program says its name, rate and volume")
    func programFields() throws {
        func float(_ value: Float) -> [UInt8] { (0..<4).reversed().map { UInt8(value.bitPattern >> (8 * $0) & 0xFF) } }
        let blocks =
            [0, 0, 0, 3] + float(2.5) + float(100) + float(1) + float(0.5) + [0, 0, 0, 30]
            + [UInt8](repeating: 0, count: 8)
        let bytes = slot(0, sub: (1, 0)) + blocks + slot(0, sub: (2, 0))
        let records = try read(bytes).records
        #expect(records[1].event.label == "infusion program Nightly, 2.5 mL/h, starting dose 1 mL")
        #expect(records[1].event.programmed == .milliliters(thousandths: 100_000))
        #expect(records[2].event.programmed == .milliliters(thousandths: 500))
    }

    @Test("a program without its end leaves what follows undecided, not counted")
    func noEnd() throws {
        let bytes = slot(0, sub: (1, 0)) + (0..<30).flatMap { slot(14, time: 100 + UInt32($0)) }
        let kinds = try read(bytes).records.map(\.event.kind)
        #expect(kinds[1...16].allSatisfy { $0 == .unknown })
        #expect(kinds[17...].allSatisfy { $0 == .containerDetached })
    }

    @Test("unwritten slots are no records; a whole ring is turned to its oldest event")
    func wholeRing() throws {
        let unwritten = [UInt8](repeating: 0xFF, count: 16)
        var ring = (0..<MivaRing.size).map { slot(1, time: UInt32(500_000 + $0 * 60)) }
        // The head stands at 1,000; behind it lies an erased page, then the oldest.
        for index in 0...1_000 { ring[index] = slot(2, time: UInt32(500_000 + (MivaRing.size + index) * 60)) }
        for index in 1_001..<1_257 { ring[index] = unwritten }
        let reading = try read(Array(ring.joined()))
        #expect(reading.records.count == MivaRing.size - 256)
        #expect(reading.records.first?.devicePosition == 1_257)
        #expect(reading.records.last?.devicePosition == 1_000)
        let times = reading.records.compactMap { $0.deviceTime?.counterSeconds }
        #expect(times == times.sorted())
    }

    @Test("a whole ring without erased slots is turned at the one place where time falls")
    func seam() throws {
        var ring = (0..<MivaRing.size).map { slot(1, time: UInt32(500_000 + $0 * 60)) }
        for index in 0..<77 { ring[index] = slot(2, time: UInt32(500_000 + (MivaRing.size + index) * 60)) }
        let reading = try read(Array(ring.joined()))
        #expect(reading.records.first?.devicePosition == 77)
        #expect(reading.records.last?.devicePosition == 76)
    }

    @Test("what is no log is refused, and a torn last event is kept apart")
    func refused() throws {
        guard case .refused = MivaDecoder(DecodingHints()).decode([1, 2, 3]) else {
            Issue.record("three bytes were read as a log")
            return
        }
        guard case .refused = MivaDecoder(DecodingHints()).decode([UInt8](repeating: 0xEE, count: 64)) else {
            Issue.record("noise was read as a log")
            return
        }
        let torn = try read(slot(1) + [1, 2, 3])
        #expect(torn.undecoded == .init(offset: 16, bytes: [1, 2, 3]))
        #expect(torn.records.map(\.offset) == [0])
    }

    @Test("noise never traps the decoder")
    func noise() {
        for seed in 1...200 as ClosedRange<UInt64> {
            var generator = SeededGenerator(seed: seed)
            let bytes = (0..<Int.random(in: 0..<900, using: &generator)).map { _ in
                // Small numbers make beginnings and ends of programs likely.
                UInt8.random(in: Bool.random(using: &generator) ? 0...3 : 0...255, using: &generator)
            }
            switch MivaDecoder(DecodingHints()).decode(bytes) {
            case .read(let reading): #expect(reading.records.allSatisfy { $0.raw.count == 16 }, "seed \(seed)")
            case .ambiguous(let readings): #expect(readings.count > 1, "seed \(seed)")
            case .refused: break
            }
        }
    }
}
