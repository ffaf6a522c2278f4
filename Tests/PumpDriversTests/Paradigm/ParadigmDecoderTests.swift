import PumpCore
import TestSupport
import Testing

@testable import PumpDrivers

@Suite("Paradigm decoder")
struct ParadigmDecoderTests {
    func decode(_ bytes: [UInt8], model: String? = "522") -> DecodingOutcome {
        ParadigmDecoder(DecodingHints(model: model)).decode(bytes)
    }

    func read(_ bytes: [UInt8], model: String? = "522") throws -> LogReading {
        guard case .read(let reading) = decode(bytes, model: model) else {
            Issue.record("\(decode(bytes, model: model))")
            throw CancellationError()
        }
        return reading
    }

    let noon = PageBuilder.time(10, 5, 12, 0, 0)

    @Test("an unknown record type stops the page, and its bytes are kept")
    func unknownType() throws {
        let bytes = PageBuilder.rewind(noon) + [0xEE, 1, 2, 3] + PageBuilder.suspend(noon)
        let reading = try read(bytes)
        #expect(reading.records.map(\.event.kind) == [.rewind])
        #expect(reading.undecoded == .init(offset: 7, bytes: Array(bytes[7...])))
        #expect(reading.remarks.contains { $0.contains("page not fully decoded") && $0.contains("ee") })
    }

    @Test("a page that is cut inside a record keeps the bytes of that record apart", arguments: 1..<9)
    func truncated(left: Int) throws {
        let whole = PageBuilder.rewind(noon) + PageBuilder.olderBolus(tenths: 5, noon)
        let reading = try read(Array(whole.prefix(7 + left)))
        #expect(reading.records.count == 1)
        #expect(reading.undecoded == .init(offset: 7, bytes: Array(whole[7..<(7 + left)])))
    }

    @Test("a counted record whose length is impossible stops the page", arguments: [UInt8(0), 1, 200])
    func impossibleLength(length: UInt8) throws {
        let reading = try read([0x5C, length, 0, 0])
        #expect(reading.undecoded?.offset == 0)
    }

    @Test("an x23 total that the pump cut at its page's end is a record; one cut by somebody else is not")
    func cutTotal() throws {
        let total: [UInt8] = [0x6E, 0x05, 0x9A] + [UInt8](repeating: 3, count: 49)
        let filler = [UInt8](repeating: 0, count: 1022 - 30)
        let reading = try read(filler + total.prefix(30), model: "554")
        #expect(reading.records.map(\.raw.count) == [30])
        #expect(reading.records.first?.deviceTime?.description == "2026-01-05T00:00:00")
        #expect(reading.undecoded == nil)
        #expect(try read(Array(total.prefix(30)), model: "554").undecoded?.offset == 0)
    }

    @Test("zeros are padding, between records too")
    func padding() throws {
        let reading = try read([0, 0] + PageBuilder.rewind(noon) + [0, 0, 0] + PageBuilder.suspend(noon) + [0])
        #expect(reading.records.map(\.offset) == [2, 12])
    }

    @Test("a record whose day no calendar has is kept, without a time")
    func impossibleTime() throws {
        let reading = try read(
            PageBuilder.rewind([0x00, 0x80, 12, 31, 26]) + PageBuilder.rewind([0xC0, 0xC0, 12, 0, 26]))
        #expect(reading.records.map(\.event.kind) == [.rewind, .rewind])
        #expect(reading.records.allSatisfy { $0.deviceTime == nil })
    }

    @Test("setting the clock is one clock change, with both times")
    func clockChange() throws {
        let reading = try read(
            PageBuilder.clockBefore(PageBuilder.time(7, 8, 7, 12, 30))
                + PageBuilder.clockAfter(PageBuilder.time(8, 31, 23, 30, 0, radio: true)))
        let changes = reading.records.filter { $0.event.kind == .clockChanged }
        #expect(changes.count == 1)
        #expect(changes.first?.deviceTime?.description == "2026-07-08T07:12:30")
        #expect(changes.first?.event.newTime == CivilDateTime("2026-08-31T23:30:00"))
        #expect(reading.records.last?.event.newTime == CivilDateTime("2026-08-31T23:30:00"))
        #expect(reading.records.map(\.event.requestedBy) == [.pump, .radio])
    }

    @Test("a clock change whose second half does not follow has no new time")
    func halfClockChange() throws {
        let reading = try read(
            PageBuilder.clockBefore(noon) + PageBuilder.rewind(noon) + PageBuilder.clockAfter(noon))
        #expect(reading.records.first?.event.newTime == nil)
    }

    @Test("an empty reservoir is an empty container, no delivery is an alarm, an unknown code keeps its number")
    func alarms() throws {
        let reading = try read([62, 4, 5, 21, 99].flatMap { PageBuilder.alarm($0, noon) })
        #expect(reading.records.map(\.event.kind) == [.containerEmpty, .alarm, .alarm, .alarm, .alarm])
        #expect(reading.records.map(\.event.alarm) == [.emptyContainer, .noDelivery, .battery, .reset, nil])
        #expect(reading.records.map(\.event.code) == [62, 4, 5, 21, 99])
    }

    @Test("larger boluses count in fortieths, and one over time can be found again when the pump has updated it")
    func largerBolus() throws {
        let begun = PageBuilder.largerBolus(fortieths: 200, delivered: 0, halfHours: 3, noon)
        let ended = PageBuilder.largerBolus(fortieths: 200, delivered: 90, halfHours: 3, noon)
        let plain = PageBuilder.largerBolus(fortieths: 100, delivered: 100, halfHours: 0, noon)
        let before = try read(begun + plain, model: "554").records
        let after = try read(ended + plain, model: "554").records
        #expect(before.map { $0.event.programmed?.description } == ["5 U", "2.5 U"])
        #expect(after.map { $0.event.delivered?.description } == ["2.25 U", "2.5 U"])
        #expect(before[0].isSame(as: after[0]))
        #expect(!before[0].isSame(as: after[1]))
        #expect(before[1].stableIdentity == nil)
        #expect(before[0].event.note == "90 min")
    }

    // MARK: Which record size

    @Test(
        "a model's last two digits tell its record size",
        arguments: [
            ("508", RecordSize.older), ("511", .older), ("512", .older), ("515", .older), ("522", .older),
            ("712", .older),
            ("715", .older), ("MMT-722NAS", .older), ("Paradigm 522", .older), ("523", .larger), ("723", .larger),
            ("530G", .larger), ("540", .larger), ("551", .larger), ("554", .larger), ("MMT-751LNAL", .larger),
            ("754", .larger),
        ])
    func modelSize(model: String, size: RecordSize) { #expect(RecordSize(model: model) == size) }

    @Test("what is no Paradigm number gives no record size", arguments: ["", "5", "630", "1515", "CADD", "55"])
    func noModel(model: String) { #expect(RecordSize(model: model) == nil) }

    /// Daily totals: 7 bytes in older records; in larger ones 10, where the last three read as padding else.
    let totals: [UInt8] = [0x07, 0, 0, 0x0B, 0x48, 0x05, 0x9A, 0, 0, 0, 0x21, 0, 0, 0x40, 12, 5, 26]

    @Test("a page that fits both record sizes and nobody's model is ambiguous, with both readings")
    func ambiguous() throws {
        guard case .ambiguous(let readings) = decode(totals, model: nil) else {
            Issue.record("a choice was made")
            return
        }
        #expect(readings.map(\.layout) == ["x22 and older", "x23 and newer"])
        #expect(readings.map { $0.records.map(\.raw.count) } == [[7, 7], [10, 7]])
        #expect(readings.allSatisfy { $0.undecoded == nil })
        #expect(try read(totals, model: "523").records.map(\.raw.count) == [10, 7])
        guard case .ambiguous(let named) = decode(totals, model: "CADD") else {
            Issue.record("an unknown model made a choice")
            return
        }
        #expect(named.allSatisfy { reading in reading.remarks.contains { $0.contains("CADD") } })
    }

    @Test("bytes that read alike in both record sizes are not ambiguous")
    func alike() throws {
        let reading = try read(PageBuilder.page([PageBuilder.rewind(noon), PageBuilder.alarm(4, noon)]), model: nil)
        #expect(reading.records.count == 2)
        #expect(reading.layout.contains("x22 and older") && reading.layout.contains("x23 and newer"))
    }

    @Test("where only one record size reads to the last byte, it is chosen")
    func onlyOneFits() throws {
        let older = PageBuilder.olderBolus(tenths: 25, noon) + PageBuilder.rewind(noon)
        #expect(try read(older, model: nil).layout == "x22 and older")
        let larger =
            PageBuilder.largerBolus(fortieths: 60, delivered: 60, halfHours: 0, noon) + PageBuilder.rewind(noon)
        #expect(try read(larger, model: nil).layout == "x23 and newer")
    }

    @Test("where both fit and one of them only with times that no calendar has, the other is chosen, and it says so")
    func onlyOneIsPlausible() throws {
        // As larger records the total swallows the head of the next one, and what is left is a cleared alarm on day 0.
        let detail: [UInt8] = [0x6C, 0x05, 0x9A, 0x00, 0x0C, 0x00, 0xE8] + [UInt8](repeating: 0, count: 31)
        let reading = try read(totals.prefix(7) + detail, model: nil)
        #expect(reading.records.map(\.raw.count) == [7, 38])
        #expect(reading.layout == "x22 and older")
        #expect(reading.remarks.contains { $0.contains("no calendar has") })
    }

    @Test("where neither fits, both readings are given, each with its stop")
    func neitherFits() {
        let bytes = PageBuilder.olderBolus(tenths: 25, noon) + [0xEE]
        guard case .ambiguous(let readings) = decode(bytes, model: nil) else {
            Issue.record("a choice was made")
            return
        }
        #expect(readings.allSatisfy { $0.undecoded != nil })
    }

    // MARK: Pages

    @Test("a page's check is held against it, and lengths that no page has are refused")
    func refused() throws {
        let page = PageBuilder.page([PageBuilder.rewind(noon)])
        #expect(try read(page).records.count == 1)
        for bad in [page.dropLast(), page + [0], page + page.dropLast(), []] {
            guard case .refused = decode(Array(bad)) else {
                Issue.record("\(bad.count) bytes were read")
                continue
            }
        }
        var second = page
        second[3] ^= 0x10
        guard case .refused(let reason) = decode(page + second) else {
            Issue.record("a broken second page was read")
            return
        }
        #expect(reason.contains("page 2 of this file"))
    }

    @Test("pages in one file become one log, oldest first, in whichever order the file has them")
    func manyPages() throws {
        let old = PageBuilder.page(
            PageBuilder.boluses(50, from: 0) + [PageBuilder.clockBefore(PageBuilder.time(10, 5, 1, 0, 0))])
        let new = PageBuilder.page(
            [PageBuilder.clockAfter(PageBuilder.time(10, 5, 2, 0, 0))] + PageBuilder.boluses(9, from: 120))
        let byNumber = try read(new + old)
        let byTime = try read(old + new)
        #expect(byNumber.records.map(\.raw) == byTime.records.map(\.raw))
        #expect(byNumber.records.count == 61)
        #expect(byNumber.records.first?.offset == 1024)
        let change = try #require(byNumber.records.first { $0.event.kind == .clockChanged })
        #expect(change.event.newTime == CivilDateTime("2026-10-05T02:00:00"))
        #expect(byTime.remarks.contains { $0.contains("oldest first by their times") })
    }

    @Test("a page that stops keeps the newer pages of its file, undecoded and said so")
    func stopAmongPages() throws {
        let old = PageBuilder.page(PageBuilder.boluses(3, from: 0) + [[0xEE]])
        let new = PageBuilder.page(PageBuilder.boluses(3, from: 30))
        let reading = try read(new + old)
        #expect(reading.records.count == 3)
        #expect(reading.undecoded?.offset == 1024 + 27)
        #expect(reading.undecoded?.bytes.count == 1022 - 27 + 1022)
        #expect(reading.remarks.contains { $0.contains("1 newer pages") })
    }
}
