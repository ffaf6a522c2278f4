/// The simulator's own writing of 11073 messages: big-endian, lengths and counts of 16 bits before what they measure.
enum PhdBytes {
    static func sized(_ bytes: [UInt8]) -> [UInt8] { bigEndian(UInt16(clamping: bytes.count)) + bytes }

    static func list(_ items: [[UInt8]]) -> [UInt8] {
        bigEndian(UInt16(clamping: items.count)) + sized(items.flatMap(\.self))
    }

    static func attributes(_ items: [(id: UInt16, value: [UInt8])]) -> [UInt8] {
        list(items.map { bigEndian($0.id) + sized($0.value) })
    }

    /// An APDU: its choice, and what it holds.
    static func apdu(_ choice: UInt16, _ body: [UInt8]) -> [UInt8] { bigEndian(choice) + sized(body) }

    /// A message of an association: the number of the call, what it is, and what it holds.
    static func message(call: UInt16, _ choice: UInt16, _ body: [UInt8]) -> [UInt8] {
        apdu(0xE700, sized(bigEndian(call) + bigEndian(choice) + sized(body)))
    }

    static func uint16(_ bytes: some Collection<UInt8>, at offset: Int) -> UInt16? {
        let two = bytes.dropFirst(offset).prefix(2)
        return two.count == 2 ? two.reduce(0) { $0 << 8 | UInt16($1) } : nil
    }

    /// A number of thousandths as FLOAT: exponent −3 while its 24 bits suffice, coarser beyond.
    static func float(thousandths: Int) -> [UInt8] {
        var (mantissa, exponent) = (thousandths, -3)
        while abs(mantissa) > 0x7F_FFFD {
            mantissa /= 10
            exponent += 1
        }
        let low = UInt32(truncatingIfNeeded: mantissa) & 0xFF_FFFF
        return bigEndian(UInt32(UInt8(bitPattern: Int8(exponent))) << 24 | low)
    }

    /// Not a number: no amount belongs to the event.
    static let noFloat = bigEndian(UInt32(0x007F_FFFF))
}
