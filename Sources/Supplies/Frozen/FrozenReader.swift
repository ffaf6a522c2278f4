import Foundation
package import PumpCore

/// Reads what `FrozenWriter` wrote. Any other bytes are an error, never a crash.
package struct FrozenReader {
    package enum Failure: Error, Hashable, Sendable {
        case unknownForm(Int)
        case cutShort
        case unreadable(String)
    }

    let bytes: [UInt8]
    private(set) var at = 0

    var byteCount: Int { bytes.count }
    private var texts: [String] = []
    /// What the shared texts were decoded to, each once.
    private var values: [Int: any Sendable] = [:]

    package init(_ bytes: [UInt8]) throws { try self.init(bytes, form: FrozenWriter.form) }

    init(_ bytes: [UInt8], form: Int) throws {
        self.bytes = bytes
        let found = try int()
        guard found == form else { throw Failure.unknownForm(found) }
    }

    /// The number in front of the bytes; nil where there is none.
    static func form(of bytes: [UInt8]) -> Int? {
        var reader = FrozenReader(bytes, at: 0)
        return try? reader.int()
    }

    /// In the midst of bytes that a reader has gone over before.
    init(_ bytes: [UInt8], at place: Int) {
        self.bytes = bytes
        at = place
    }

    private mutating func varint() throws -> UInt {
        var value: UInt = 0
        var shift: UInt = 0
        while at < bytes.count {
            let byte = bytes[at]
            at += 1
            value |= UInt(byte & 0x7F) << shift
            if byte < 0x80 { return value }
            shift += 7
            guard shift < 64 else { break }
        }
        throw Failure.cutShort
    }

    package mutating func int() throws -> Int {
        let value = try varint()
        return Int(bitPattern: value >> 1) ^ -Int(bitPattern: value & 1)
    }

    /// A number of things that follow, each of which takes a byte at least.
    package mutating func count() throws -> Int {
        let value = try varint()
        guard value <= UInt(bytes.count - at) else { throw Failure.cutShort }
        return Int(value)
    }

    /// A number that says how many or which, and of which nothing need follow.
    mutating func bareCount() throws -> UInt { try varint() }

    mutating func pass(_ length: Int) throws {
        guard length >= 0, length <= bytes.count - at else { throw Failure.cutShort }
        at += length
    }

    /// How long it was, in bytes.
    @discardableResult
    mutating func passText() throws -> Int {
        let length = try count()
        at += length
        return length
    }

    /// The highest byte first; eight bytes at the most.
    mutating func number(ofBytes length: Int) throws -> UInt {
        guard length <= bytes.count - at else { throw Failure.cutShort }
        defer { at += length }
        return bytes[at..<at + length].reduce(0) { $0 << 8 | UInt($1) }
    }

    package mutating func bool() throws -> Bool {
        guard at < bytes.count else { throw Failure.cutShort }
        at += 1
        return bytes[at - 1] != 0
    }

    package mutating func optionalInt() throws -> Int? { try bool() ? try int() : nil }

    package mutating func text() throws -> String {
        let length = try count()
        defer { at += length }
        return String(decoding: bytes[at..<at + length], as: UTF8.self)
    }

    package mutating func optionalText() throws -> String? { try bool() ? try text() : nil }

    package mutating func list() throws -> [String] {
        let length = try count()
        var list: [String] = []
        list.reserveCapacity(length)
        for _ in 0..<length { list.append(try text()) }
        return list
    }

    /// The same, left where they are until somebody asks for them.
    mutating func frozenTexts() throws -> FrozenTexts {
        let length = try count()
        let start = at
        for _ in 0..<length {
            let size = try count()
            at += size
        }
        return FrozenTexts(bytes: bytes, start: start, count: length)
    }

    private mutating func place() throws -> Int {
        let place = try varint()
        if place == 0 {
            texts.append(try text())
            return texts.count - 1
        }
        guard place <= UInt(texts.count) else { throw Failure.cutShort }
        return Int(place) - 1
    }

    package mutating func sharedText() throws -> String { texts[try place()] }

    package mutating func optionalSharedText() throws -> String? { try bool() ? try sharedText() : nil }

    package mutating func sharedValue<Value: Decodable & Sendable>(_ type: Value.Type = Value.self) throws -> Value {
        let place = try place()
        // Asked in two steps: what is not there would be cast to any type that may be nil.
        if let known = values[place], let value = known as? Value { return value }
        do {
            let value = try JSONDecoder().decode(Value.self, from: Data(texts[place].utf8))
            values[place] = value
            return value
        } catch {
            throw Failure.unreadable("\(Value.self)")
        }
    }

    /// A name out of a fixed list.
    package mutating func name<Name: RawRepresentable>(_ type: Name.Type = Name.self) throws -> Name
    where Name.RawValue == String {
        let text = try sharedText()
        guard let name = Name(rawValue: text) else { throw Failure.unreadable("\(Name.self) \(text)") }
        return name
    }

    package mutating func optionalDate() throws -> CivilDate? { try optionalInt().map(CivilDate.init(dayNumber:)) }

    package mutating func optionalInstant() throws -> Instant? {
        try optionalInt().map(Instant.init(secondsSince1970:))
    }

    package mutating func optionalMoment() throws -> Moment? {
        guard try bool() else { return nil }
        let civil = CivilDateTime(wallSeconds: try int())
        return Moment(utc: try optionalInstant(), civil: civil)
    }
}
