import Foundation
package import PumpCore

/// Writes the lines of a closed period into bytes that are read back a hundred times faster than they were counted.
///
/// The form, fixed for good by its number: whole numbers are zigzag varints; what may be nil is 0 or the number plus 1;
/// texts are their length and UTF-8. What repeats from line to line (a payer, a rule with its citation) is written once,
/// and after that named by its place. A new form gets a new number, and the reader goes on to know the old one.
package struct FrozenWriter {
    static let form = 1

    package private(set) var bytes: [UInt8] = []
    private var places: [String: Int] = [:]
    private let encoder: JSONEncoder

    package init() { self.init(form: Self.form) }

    init(form: Int) {
        encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        put(form)
    }

    private mutating func varint(_ value: UInt) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    /// How many things follow; never negative.
    mutating func put(count: Int) { varint(UInt(bitPattern: count)) }

    /// All bytes of a number, the highest first.
    mutating func put(raw value: some FixedWidthInteger) {
        withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
    }

    package mutating func put(_ value: Int) { varint(UInt(bitPattern: value << 1 ^ value >> (Int.bitWidth - 1))) }

    package mutating func put(_ value: Bool) { bytes.append(value ? 1 : 0) }

    package mutating func put(_ value: Int?) {
        put(value != nil)
        if let value { put(value) }
    }

    /// A text that is seldom written twice.
    package mutating func put(_ text: String) {
        varint(UInt(text.utf8.count))
        bytes.append(contentsOf: text.utf8)
    }

    package mutating func put(_ text: String?) {
        put(text != nil)
        if let text { put(text) }
    }

    package mutating func put(_ texts: [String]) {
        varint(UInt(texts.count))
        for text in texts { put(text) }
    }

    /// A text that many lines share.
    package mutating func putShared(_ text: String) {
        if let place = places[text] { return varint(UInt(place) + 1) }
        places[text] = places.count
        varint(0)
        put(text)
    }

    package mutating func putShared(_ text: String?) {
        put(text != nil)
        if let text { putShared(text) }
    }

    /// A value that many lines share.
    package mutating func putShared(value: some Encodable) throws {
        putShared(String(decoding: try encoder.encode(value), as: UTF8.self))
    }

    package mutating func put(_ date: CivilDate?) { put(date?.dayNumber) }
    package mutating func put(_ instant: Instant?) { put(instant?.secondsSince1970) }

    package mutating func put(_ moment: Moment?) {
        put(moment != nil)
        guard let moment else { return }
        put(moment.civil.wallSeconds)
        put(moment.utc)
    }
}
