import PumpCore

extension Quantity {
    /// A FLOAT of 11073: an exponent of 8 bits to the base of 10 and a mantissa of 24, both signed. Nil for NaN, the
    /// infinities and what is not a number at this resolution, and for amounts that no pump holds.
    init?(mderFloat bits: UInt32, _ unit: Unit) {
        let exponent = Int(Int8(truncatingIfNeeded: bits >> 24))
        let mantissa = Int(Int32(bitPattern: bits << 8) >> 8)
        // ±2 around the ends of the range: NaN, ±∞, "not at this resolution", reserved.
        guard (-0x7F_FFFD...0x7F_FFFD).contains(mantissa) else { return nil }
        var thousandths = mantissa
        switch exponent + 3 {
        case let up where up >= 0:
            guard up <= 9 || mantissa == 0 else { return nil }
            if mantissa != 0 { for _ in 0..<up { thousandths *= 10 } }
        case let down:
            guard down >= -9 else {
                thousandths = 0
                break
            }
            var divisor = 1
            for _ in 0..<(-down) { divisor *= 10 }
            thousandths = (2 * abs(mantissa) + divisor) / (2 * divisor) * mantissa.signum()
        }
        guard abs(thousandths) < 1_000_000_000 else { return nil }
        self.init(thousandths: thousandths, unit)
    }
}

extension CivilDateTime {
    /// An AbsoluteTime of 11073: century, year, month, day, hour, minute, second and hundredths, two decimal digits a
    /// byte. Nil for what no calendar has. Hundredths are left out.
    init?(absoluteTime bytes: some Collection<UInt8>) {
        guard bytes.count == 8 else { return nil }
        var fields: [Int] = []
        for byte in bytes {
            guard byte >> 4 < 10, byte & 15 < 10 else { return nil }
            fields.append(Int(byte >> 4) * 10 + Int(byte & 15))
        }
        var next = fields.makeIterator()
        guard let century = next.next(), let year = next.next(), let month = next.next(), let day = next.next(),
            let hour = next.next(), let minute = next.next(), let second = next.next()
        else { return nil }
        self.init(
            year: century * 100 + year, month: month, day: day, hour: hour, minute: minute, second: second)
    }
}
