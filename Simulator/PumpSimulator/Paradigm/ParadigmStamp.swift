import PumpCore

/// The 5-byte time of a Paradigm record and the 2-byte date of a daily total.
enum ParadigmStamp {
    /// Upper bits of the hour byte: they mark the kind of a record, not the time.
    enum HourFlag {
        static let plain: UInt8 = 0x00
        /// Normal boluses and manual primes.
        static let byHand: UInt8 = 0x20
        static let alarm: UInt8 = 0x40
    }

    /// In the day byte: the action was asked for by radio.
    static let byRadio: UInt8 = 0x40

    /// Seconds and minutes carry the month in their two upper bits: high half with the seconds, low half with the minutes.
    static func time(_ time: CivilDateTime, hourFlag: UInt8 = HourFlag.plain, dayFlag: UInt8 = 0) -> [UInt8] {
        let (year, month, day) = time.date.components
        return [
            UInt8(time.second) | UInt8(month & 0b1100) << 4,
            UInt8(time.minute) | UInt8(month & 0b0011) << 6,
            UInt8(time.hour) | hourFlag,
            UInt8(day) | dayFlag,
            yearByte(year),
        ]
    }

    /// Day and the month's three upper bits, then the month's lowest bit and the year.
    static func date(_ date: CivilDate) -> [UInt8] {
        let (year, month, day) = date.components
        return [UInt8(day) | UInt8(month & 0b1110) << 4, yearByte(year) | UInt8(month & 1) << 7]
    }

    /// Seven bits: 2000 to 2127. A year before it reads 2000, as on a pump that cannot show it.
    private static func yearByte(_ year: Int) -> UInt8 { UInt8(min(max(year - 2000, 0), 0x7F)) }
}
