import PumpCore

/// A MIVA's calendar clock as it answers `RC`: day, month, year since 2000, hour, minute and second, two digits each.
///
/// The digits are hexadecimal (pyZynoUnifiedDrivers 0.0.9, `module_miva.py`). A pump that writes them decimally would be
/// understood where hexadecimal makes no date. Where both make one (no letter among the digits: in hexadecimal the years
/// 2016 to 2025, and from 2032 on), they are years apart, and the host's clock says which one is meant.
struct MivaCalendarReply {
    let hexadecimal: CivilDateTime?
    let decimal: CivilDateTime?

    /// Nil where the digits are no date in either writing.
    init?(_ digits: [UInt8]) {
        var reader = ByteReader(digits)
        var pairs: [Int] = []
        while let pair = reader.take(2) {
            guard let value = upperHexValue(pair) else { return nil }
            pairs.append(value)
        }
        hexadecimal = Self.time(pairs)
        let isDecimal = pairs.allSatisfy { $0 >> 4 <= 9 && $0 & 15 <= 9 }
        decimal = isDecimal ? Self.time(pairs.map { ($0 >> 4) * 10 + ($0 & 15) }) : nil
        if hexadecimal == nil, decimal == nil { return nil }
    }

    private static func time(_ fields: [Int]) -> CivilDateTime? {
        guard fields.count == 6 else { return nil }
        return CivilDateTime(
            year: MivaTimeFormat.firstYear + fields[2], month: fields[1], day: fields[0], hour: fields[3],
            minute: fields[4], second: fields[5])
    }

    /// The reading nearer to the host's clock; hexadecimal, the maker's own writing, where nobody knows what that showed,
    /// and where a clock that is years off is no nearer in one than in the other.
    func time(host: Instant?) -> CivilDateTime? {
        guard let hexadecimal, let decimal else { return hexadecimal ?? decimal }
        guard let host = host?.utc.wallSeconds else { return hexadecimal }
        let (first, second) = (abs(hexadecimal.wallSeconds - host), abs(decimal.wallSeconds - host))
        return second < first && second <= Self.plausibleSeconds ? decimal : hexadecimal
    }

    /// The two writings differ by six years and more from 2016 on: within half of that one of them fits, or neither.
    private static let plausibleSeconds = 3 * 366 * 86_400
}
