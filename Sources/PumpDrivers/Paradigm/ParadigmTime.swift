import PumpCore

/// The pump's calendar time as records pack it.
///
/// Five bytes: second in the low 6 bits of the first, minute in the low 6 of the second, the month in the two high bits
/// of both, hour in the low 5 of the third, day in the low 5 of the fourth, year from 2000 in the low 7 of the fifth.
/// The bits above hour and day are flags.
enum ParadigmTime {
    /// In the day byte of records that somebody can ask for over the radio.
    static let radioFlag: UInt8 = 0x40

    /// Nil beyond the end of the bytes, and for a day or a second that no calendar has.
    static func civil(_ bytes: [UInt8], at offset: Int) -> CivilDateTime? {
        var reader = ByteReader(bytes, at: offset)
        guard offset >= 0, let b0 = reader.byte(), let b1 = reader.byte(), let hour = reader.byte(),
            let day = reader.byte(), let year = reader.byte()
        else { return nil }
        return CivilDateTime(
            year: 2000 + Int(year & 0x7F), month: Int(b0 & 0xC0) >> 4 | Int(b1 & 0xC0) >> 6, day: Int(day & 0x1F),
            hour: Int(hour & 0x1F), minute: Int(b1 & 0x3F), second: Int(b0 & 0x3F))
    }

    /// The two-byte date of a daily total: day in the low 5 bits, the month's upper three bits above it, the month's
    /// lowest bit on top of the year.
    static func date(_ bytes: [UInt8], at offset: Int) -> CivilDate? {
        var reader = ByteReader(bytes, at: offset)
        guard offset >= 0, let b0 = reader.byte(), let b1 = reader.byte() else { return nil }
        return CivilDate(
            year: 2000 + Int(b1 & 0x7F), month: Int(b0 >> 4 & 0x0E) | Int(b1 >> 7), day: Int(b0 & 0x1F))
    }

    /// The five bytes without their flags: equal for two stamps of the same second.
    static func stamp(_ bytes: [UInt8], at offset: Int) -> [UInt8]? {
        var reader = ByteReader(bytes, at: offset)
        guard offset >= 0, let b0 = reader.byte(), let b1 = reader.byte(), let hour = reader.byte(),
            let day = reader.byte(), let year = reader.byte()
        else { return nil }
        return [b0, b1, hour & 0x1F, day & 0x1F, year & 0x7F]
    }
}
