import PumpCore
import Testing

@testable import PumpDrivers

@Suite("Values of 11073")
struct MderValueTests {
    @Test(
        "a FLOAT is its mantissa times ten to its exponent",
        arguments: [
            (0xFF00_0270, 62_400), (0x0000_00FA, 250_000), (0xFDFF_FFFF, -1), (0xFC00_0005, 1), (0xFC00_0004, 0),
            (0x0300_0001, 1_000_000), (0x8000_0001, 0), (0x0000_0000, 0), (0x7F00_0000, 0),
        ] as [(UInt32, Int)])
    func float(bits: UInt32, thousandths: Int) {
        #expect(Quantity(mderFloat: bits, .milliliters) == .milliliters(thousandths: thousandths))
    }

    @Test(
        "no number, and more than any pump holds, is no amount",
        arguments: [0x007F_FFFF, 0x0080_0000, 0x007F_FFFE, 0x0080_0002, 0x0080_0001, 0x7F00_0001, 0x0900_0001]
            as [UInt32])
    func noFloat(bits: UInt32) { #expect(Quantity(mderFloat: bits, .milliliters) == nil) }

    @Test("an absolute time is two decimal digits a byte")
    func time() {
        #expect(
            CivilDateTime(absoluteTime: [0x20, 0x26, 0x11, 0x23, 0x11, 0x19, 0x45, 0x50])
                == CivilDateTime("2026-11-23T11:19:45"))
        #expect(CivilDateTime(absoluteTime: [0x20, 0x26, 0x1A, 0x23, 0x11, 0x19, 0x45, 0x50]) == nil)
        #expect(CivilDateTime(absoluteTime: [0x20, 0x26, 0x02, 0x30, 0x11, 0x19, 0x45, 0x50]) == nil)
        #expect(CivilDateTime(absoluteTime: [0x20, 0x26]) == nil)
    }

    @Test("the layout of the log says twenty bytes, and reads back")
    func map() throws {
        let sizes = EventLog.map.elements.flatMap(\.attributes).reduce(0) { $0 + Int($1.bytes) }
        #expect(8 + sizes == EventLog.entryBytes)
        #expect(try SegmentMap(bytes: EventLog.map.bytes) == EventLog.map)
    }
}
