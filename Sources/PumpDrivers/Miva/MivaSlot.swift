import PumpCore

/// The 16 bytes of one ring slot: type, time (4), subtype (2), two numbers of 4 bytes, one unused byte.
struct MivaSlot: Hashable, Sendable {
    static let size = 16
    static let unwrittenByte: UInt8 = 0xFF

    let bytes: [UInt8]

    init?(_ bytes: some Collection<UInt8>) {
        guard bytes.count == Self.size else { return nil }
        self.bytes = Array(bytes)
    }

    /// Reads the payload of a reply to `RE`: the two letters, the index (8 digits) and 32 digits.
    /// Nil unless it is the slot that was asked for.
    init?(reply payload: [UInt8], index: Int) {
        guard payload.count == 42, upperHexValue(payload.dropFirst(2).prefix(8)) == index else { return nil }
        self.init(hex: payload.dropFirst(10))
    }

    init?(hex digits: ArraySlice<UInt8>) {
        var out: [UInt8] = []
        out.reserveCapacity(Self.size)
        var reader = ByteReader(Array(digits))
        while let pair = reader.take(2) {
            guard let value = upperHexValue(pair) else { return nil }
            out.append(UInt8(truncatingIfNeeded: value))
        }
        self.init(out)
    }

    /// Erased flash: no event was ever written here, or its page was erased for new ones.
    var isUnwritten: Bool { bytes.allSatisfy { $0 == Self.unwrittenByte } }

    var type: Int { byte(0) }
    var timeLittleEndian: UInt32 { timeBigEndian.byteSwapped }
    var timeBigEndian: UInt32 { uint32(1) }
    var subtype: Int { byte(5) << 8 | byte(6) }
    var subtypeHigh: Int { byte(5) }
    var subtypeLow: Int { byte(6) }
    var firstNumber: UInt32 { uint32(7) }
    var firstFloat: Float { Float(bitPattern: firstNumber) }
    var secondNumber: UInt32 { uint32(11) }
    var secondFloat: Float { Float(bitPattern: secondNumber) }

    func byte(_ offset: Int) -> Int {
        var reader = ByteReader(bytes, at: offset)
        return Int(reader.byte() ?? Self.unwrittenByte)
    }

    func uint32(_ offset: Int) -> UInt32 {
        var reader = ByteReader(bytes, at: offset)
        return reader.uint32() ?? .max
    }
}
