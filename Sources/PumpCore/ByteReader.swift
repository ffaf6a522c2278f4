/// A cursor over bytes that somebody else chose. Every read is checked; none traps.
package struct ByteReader: Sendable {
    package let bytes: [UInt8]
    package private(set) var offset: Int

    package init(_ bytes: [UInt8], at offset: Int = 0) {
        self.bytes = bytes
        self.offset = min(max(offset, 0), bytes.count)
    }

    package var remaining: Int { bytes.count - offset }
    package var isAtEnd: Bool { remaining == 0 }

    package mutating func byte() -> UInt8? {
        guard offset < bytes.count else { return nil }
        defer { offset += 1 }
        return bytes[offset]
    }

    package mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
        guard count >= 0, count <= remaining else { return nil }
        defer { offset += count }
        return bytes[offset..<(offset + count)]
    }

    package mutating func skip(_ count: Int) -> Bool { take(count) != nil }

    package mutating func uint16() -> UInt16? {
        guard let two = take(2) else { return nil }
        return two.reduce(0) { $0 << 8 | UInt16($1) }
    }

    package mutating func uint32() -> UInt32? {
        guard let four = take(4) else { return nil }
        return four.reduce(0) { $0 << 8 | UInt32($1) }
    }

    /// A byte ahead of the cursor, without moving it.
    package func peek(_ ahead: Int = 0) -> UInt8? {
        let index = offset + ahead
        return ahead >= 0 && index < bytes.count ? bytes[index] : nil
    }
}

extension Collection<UInt8> {
    /// Lower-case hexadecimal, two digits a byte, no separators.
    package var hex: String {
        var out: [UInt8] = []
        out.reserveCapacity(count * 2)
        let digits = Array("0123456789abcdef".utf8)
        for byte in self {
            out.append(digits[Int(byte >> 4)])
            out.append(digits[Int(byte & 15)])
        }
        return String(decoding: out, as: UTF8.self)
    }
}

/// Reads hexadecimal digits in pairs; blanks and line ends may stand between pairs. Nil for anything else.
package func bytes(fromHex text: some StringProtocol) -> [UInt8]? {
    var out: [UInt8] = []
    var high: UInt8?
    for c in text.utf8 {
        let nibble: UInt8
        switch c {
        case 48...57: nibble = c - 48
        case 65...70: nibble = c - 55
        case 97...102: nibble = c - 87
        case 32, 9, 10, 13:
            guard high == nil else { return nil }
            continue
        default: return nil
        }
        if let h = high {
            out.append(h << 4 | nibble)
            high = nil
        } else {
            high = nibble
        }
    }
    return high == nil ? out : nil
}
