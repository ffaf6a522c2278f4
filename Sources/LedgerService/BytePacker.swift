import PumpCore

/// Puts numbers and texts one behind the other: numbers as zigzag varints, texts as their length and UTF-8. What it makes
/// is read by the same process and by nobody else, so that no form of it has to be kept up.
struct BytePacker {
    private(set) var bytes: [UInt8] = []

    private mutating func varint(_ value: UInt) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    mutating func put(_ value: Int) { varint(UInt(bitPattern: value << 1 ^ value >> (Int.bitWidth - 1))) }

    mutating func put(_ value: Int?) {
        bytes.append(value == nil ? 0 : 1)
        if let value { put(value) }
    }

    mutating func put(_ text: String) {
        var text = text
        text.withUTF8 { utf8 in
            varint(UInt(utf8.count))
            bytes.append(contentsOf: utf8)
        }
    }

    mutating func put(_ text: String?) {
        bytes.append(text == nil ? 0 : 1)
        if let text { put(text) }
    }

    /// A key that spells a digest: ten bytes and the ordinal.
    mutating func put(_ key: RecordKey) {
        let digest = key.digest ?? (high: 0, low: 0)
        withUnsafeBytes(of: digest.high.bigEndian) { bytes.append(contentsOf: $0) }
        withUnsafeBytes(of: digest.low.bigEndian) { bytes.append(contentsOf: $0) }
        put(key.ordinal ?? 0)
    }
}
