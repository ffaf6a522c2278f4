import TestSupport
import Testing

@testable import PumpDrivers

@Suite("Paradigm checks")
struct ParadigmChecksumTests {
    @Test("CRC-8 and CRC-16 give their published check values")
    func checkValues() {
        #expect(ParadigmChecksum.crc8([0x00, 0xFF, 0x00]) == 177)
        #expect(ParadigmChecksum.crc16([0x02, 0x06, 0x06, 0x03]) == 16_845)
        #expect(ParadigmChecksum.crc8([UInt8]()) == 0)
        #expect(ParadigmChecksum.crc16([UInt8]()) == 0xFFFF)
    }

    @Test("the tables agree with the same checks worked out bit by bit")
    func tables() {
        for length in 0..<64 {
            let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 73 &+ length &* 11) }
            #expect(ParadigmChecksum.crc8(bytes) == PageBuilder.crc8(bytes))
            #expect(Int(ParadigmChecksum.crc16(bytes)) == PageBuilder.crc16(bytes))
        }
    }
}
