/// The two checks of the Paradigm family. Both run from the high bit down, without reflection.
///
/// CRC-8 (polynomial 0x9B, start 0) guards stick commands, transmit packets and each radio read; `00 FF 00` gives 177.
/// CRC-16 (polynomial 0x1021, start 0xFFFF) guards a history page; `02 06 06 03` gives 16,845.
enum ParadigmChecksum {
    static func crc8(_ bytes: some Sequence<UInt8>) -> UInt8 {
        var crc: UInt8 = 0
        for byte in bytes { crc = table8[Int(crc ^ byte)] }
        return crc
    }

    static func crc16(_ bytes: some Sequence<UInt8>) -> UInt16 {
        var crc: UInt16 = 0xFFFF
        for byte in bytes { crc = crc << 8 ^ table16[Int(UInt8(truncatingIfNeeded: crc >> 8) ^ byte)] }
        return crc
    }

    private static let table8: [UInt8] = (0...255).map { index in
        (0..<8).reduce(UInt8(truncatingIfNeeded: index)) { crc, _ in crc & 0x80 == 0 ? crc << 1 : crc << 1 ^ 0x9B }
    }

    private static let table16: [UInt16] = (0...255).map { index in
        (0..<8).reduce(UInt16(truncatingIfNeeded: index) << 8) { crc, _ in
            crc & 0x8000 == 0 ? crc << 1 : crc << 1 ^ 0x1021
        }
    }
}
