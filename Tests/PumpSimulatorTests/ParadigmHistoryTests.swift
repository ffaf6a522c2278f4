import PumpCore
import Testing

@testable import PumpSimulator

@Suite("The simulated Paradigm's log")
struct ParadigmHistoryTests {
    @Test("when page 0 fills, its records become page 1, and none is torn")
    func pageShift() {
        var history = ParadigmHistory()
        let record = [UInt8](repeating: 0x5A, count: 100)
        for _ in 0..<10 { history.append(record) }
        let full = history.page(0)
        history.append(record)
        #expect(history.pages.count == 2)
        #expect(history.page(1) == full)
        #expect(history.page(1).prefix(1000).allSatisfy { $0 == 0x5A })
        #expect(history.page(1)[1000..<1022].allSatisfy { $0 == 0 })
        #expect(Array(history.page(0).prefix(101)) == record + [0])
    }

    @Test("a page that was never written is padding with a good check")
    func emptyPage() {
        let page = ParadigmHistory().page(7)
        #expect(page.count == 1024)
        #expect(page.prefix(1022).allSatisfy { $0 == 0 })
        #expect(crc16(page.prefix(1022)) == UInt16(page[1022]) << 8 | UInt16(page[1023]))
    }

    @Test("the oldest page goes when there is no room")
    func capacity() {
        var history = ParadigmHistory()
        for number in 0..<(ParadigmHistory.capacity + 3) {
            history.append([UInt8(number)] + [UInt8](repeating: 1, count: 1000))
        }
        #expect(history.pages.count == ParadigmHistory.capacity)
        #expect(history.page(ParadigmHistory.capacity - 1).first == 3)
    }

    @Test(
        "a serial is SIM and six digits, and nothing else", arguments: ["SIM1", "000001X", "208850 ", "", "XIM000001"])
    func refusedSerials(text: String) {
        #expect(ParadigmPump(serial: text, model: .x15, zone: .utc) == nil)
    }

    @Test("a bolus cut by a suspension is stored after it, stamped before it")
    func suspendedBolus() throws {
        var pump = try #require(ParadigmPump(serial: "SIM000001", model: .x15, zone: .utc))
        let began = try #require(Instant("2026-10-05T18:00:00Z"))
        pump.perform(.suspended(by: .pump), at: began.adding(seconds: 10))
        pump.perform(
            .bolus(.init(beganAt: began, programmed: .units(thousandths: 2000), delivered: .units(thousandths: 300))),
            at: began.adding(seconds: 11))
        let expected = "1e008a8012051a" + "011403008080" + "32051a"
        #expect(pump.page(0).prefix(16).hex == expected)
    }
}
