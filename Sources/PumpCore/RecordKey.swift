/// Names one record for good: `r:` and hexadecimal digits of pump, device position and raw bytes, and the ordinal among
/// equal ones. It depends neither on a time nor on who read first.
///
/// A month looks at millions of records and prints the keys of few, so a key is kept as the numbers that it spells.
package struct RecordKey: Hashable, Sendable {
    private enum Form: Hashable, Sendable {
        /// The first 80 bits of the digest, and how many equal records stand before this one.
        case digest(high: UInt64, low: UInt16, ordinal: UInt32)
        /// What no ledger wrote.
        case text(String)
    }

    private let form: Form

    package init(_ text: String) { form = Self.read(text) ?? .text(text) }

    /// `ordinal` from 0.
    package init(high: UInt64, low: UInt16, ordinal: Int) {
        form = .digest(high: high, low: low, ordinal: UInt32(clamping: ordinal))
    }

    package var text: String {
        switch form {
        case .text(let text): return text
        case .digest(let high, let low, let ordinal):
            let digits = String(unsafeUninitializedCapacity: 22) { buffer in
                buffer[0] = UInt8(ascii: "r")
                buffer[1] = UInt8(ascii: ":")
                for place in 0..<16 { buffer[2 + place] = Self.digit(high >> (60 - 4 * place)) }
                for place in 0..<4 { buffer[18 + place] = Self.digit(UInt64(low) >> (12 - 4 * place)) }
                return 22
            }
            return ordinal == 0 ? digits : "\(digits).\(ordinal)"
        }
    }

    /// The digest that it spells; nil unless it is `r:`, twenty lower-case hexadecimal digits and, behind a point, an
    /// ordinal of 1 and more.
    package var digest: (high: UInt64, low: UInt16)? {
        if case .digest(let high, let low, _) = form { (high, low) } else { nil }
    }

    /// How many equal records stand before this one; nil for what no ledger wrote.
    package var ordinal: Int? {
        if case .digest(_, _, let ordinal) = form { Int(ordinal) } else { nil }
    }

    private static func digit(_ number: UInt64) -> UInt8 {
        let value = UInt8(truncatingIfNeeded: number & 15)
        return value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }

    private static func read(_ text: String) -> Form? {
        let parts = text.utf8.split(separator: UInt8(ascii: "."), maxSplits: 1, omittingEmptySubsequences: false)
        guard let stem = parts.first, stem.count == 22, stem.starts(with: "r:".utf8) else { return nil }
        var high: UInt64 = 0
        var low: UInt16 = 0
        for (place, byte) in stem.dropFirst(2).enumerated() {
            let value: UInt8
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = byte - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): value = byte - UInt8(ascii: "a") + 10
            default: return nil
            }
            if place < 16 { high = high << 4 | UInt64(value) } else { low = low << 4 | UInt16(value) }
        }
        guard parts.count == 2 else { return .digest(high: high, low: low, ordinal: 0) }
        guard let ordinal = UInt32(Substring(parts[1])), ordinal >= 1, String(ordinal).utf8.elementsEqual(parts[1])
        else { return nil }
        return .digest(high: high, low: low, ordinal: ordinal)
    }
}

extension RecordKey: CustomStringConvertible {
    package var description: String { text }
}

extension RecordKey: Codable {
    package init(from decoder: any Decoder) throws {
        self.init(try decoder.singleValueContainer().decode(String.self))
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}
