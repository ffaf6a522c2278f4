import PumpCore

/// History pages and records as the facts about the family describe them, encoded without the driver's own code.
package enum PageBuilder {
    /// CRC-8 with polynomial 0x9B, a bit at a time.
    package static func crc8(_ bytes: some Sequence<UInt8>) -> UInt8 {
        var crc = 0
        for byte in bytes {
            crc ^= Int(byte)
            for _ in 0..<8 { crc = crc & 0x80 == 0 ? crc << 1 & 0xFF : (crc << 1 ^ 0x9B) & 0xFF }
        }
        return UInt8(crc)
    }

    /// CRC-16 with polynomial 0x1021 from 0xFFFF, a bit at a time.
    package static func crc16(_ bytes: some Sequence<UInt8>) -> Int {
        var crc = 0xFFFF
        for byte in bytes {
            crc ^= Int(byte) << 8
            for _ in 0..<8 { crc = crc & 0x8000 == 0 ? crc << 1 & 0xFFFF : (crc << 1 ^ 0x1021) & 0xFFFF }
        }
        return crc
    }

    /// 1,024 bytes: the records, zeros, the check.
    package static func page(_ records: [[UInt8]]) -> [UInt8] {
        var bytes = Array(records.joined())
        bytes += [UInt8](repeating: 0, count: max(0, 1022 - bytes.count))
        let crc = crc16(bytes)
        return bytes + [UInt8(crc >> 8), UInt8(crc & 0xFF)]
    }

    /// A time in 2026, by month, day, hour, minute, second.
    package static func time(_ month: Int, _ day: Int, _ hour: Int, _ minute: Int, _ second: Int, radio: Bool = false)
        -> [UInt8]
    {
        [
            UInt8(second | (month & 0x0C) << 4), UInt8(minute | (month & 0x03) << 6), UInt8(hour),
            UInt8(day | (radio ? 0x40 : 0)), 26,
        ]
    }

    package static func suspend(_ time: [UInt8]) -> [UInt8] { [0x1E, 0] + time }
    package static func rewind(_ time: [UInt8]) -> [UInt8] { [0x21, 0] + time }
    package static func clockBefore(_ time: [UInt8]) -> [UInt8] { [0x17, 0] + time }
    package static func clockAfter(_ time: [UInt8]) -> [UInt8] { [0x18, 0] + time }
    package static func alarm(_ code: UInt8, _ time: [UInt8]) -> [UInt8] { [0x06, code, 0, 0] + time }
    package static func olderBolus(tenths: UInt8, _ time: [UInt8]) -> [UInt8] { [0x01, tenths, tenths, 0] + time }

    package static func largerBolus(fortieths: Int, delivered: Int, halfHours: UInt8, _ time: [UInt8]) -> [UInt8] {
        [
            0x01, UInt8(fortieths >> 8), UInt8(fortieths & 0xFF), UInt8(delivered >> 8), UInt8(delivered & 0xFF), 0, 0,
            halfHours,
        ] + time
    }

    /// Boluses of an x22 pump, one a minute from `from` on; as many as asked for.
    package static func boluses(_ count: Int, from minute: Int) -> [[UInt8]] {
        (0..<count).map { olderBolus(tenths: 5, time(10, 5, (minute + $0) / 60 % 24, (minute + $0) % 60, 7)) }
    }
}
