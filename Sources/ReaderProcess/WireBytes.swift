import PumpCore

/// Bytes that a reader's process and the daemon exchange, as they are written: numbers in eight bytes, the highest first;
/// what has no fixed length behind its length; what may be absent behind a 0 or a 1.
struct WireWriter: Sendable {
    private(set) var bytes: [UInt8] = []

    mutating func byte(_ byte: UInt8) { bytes.append(byte) }

    mutating func flag(_ flag: Bool) { bytes.append(flag ? 1 : 0) }

    mutating func int(_ number: Int) {
        let pattern = UInt64(bitPattern: Int64(number))
        for place in stride(from: 56, through: 0, by: -8) { bytes.append(UInt8(truncatingIfNeeded: pattern >> place)) }
    }

    mutating func block(_ block: [UInt8]) {
        int(block.count)
        bytes += block
    }

    mutating func text(_ text: String) { block(Array(text.utf8)) }

    mutating func optional<Value>(_ value: Value?, _ write: (inout WireWriter, Value) -> Void) {
        flag(value != nil)
        if let value { write(&self, value) }
    }

    mutating func list<Value>(_ values: [Value], _ write: (inout WireWriter, Value) -> Void) {
        int(values.count)
        for value in values { write(&self, value) }
    }
}

/// Why bytes from the other process are not what they should be. The sentence goes behind "It said".
struct WireProblem: Error, Hashable, Sendable {
    var what: String
    init(_ what: String) { self.what = what }
}

/// Reads what a `WireWriter` wrote, or what somebody wrote who has taken its place: every number has its bounds.
struct WireReader: Sendable {
    private var bytes: ByteReader

    init(_ bytes: [UInt8]) { self.bytes = ByteReader(bytes) }

    var isAtEnd: Bool { bytes.isAtEnd }

    mutating func byte() throws(WireProblem) -> UInt8 {
        guard let byte = bytes.byte() else { throw WireProblem("less than its length promised") }
        return byte
    }

    mutating func flag() throws(WireProblem) -> Bool {
        switch try byte() {
        case 0: return false
        case 1: return true
        default: throw WireProblem("neither yes nor no")
        }
    }

    mutating func int(in range: ClosedRange<Int>) throws(WireProblem) -> Int {
        guard let eight = bytes.take(8) else { throw WireProblem("less than its length promised") }
        let number = Int(Int64(bitPattern: eight.reduce(0) { $0 << 8 | UInt64($1) }))
        guard range.contains(number) else { throw WireProblem("a number out of its range") }
        return number
    }

    mutating func block(atMost limit: Int) throws(WireProblem) -> [UInt8] {
        guard let block = bytes.take(try int(in: 0...limit)) else { throw WireProblem("less than its length promised") }
        return Array(block)
    }

    /// What is no UTF-8 is refused.
    mutating func text(atMost limit: Int) throws(WireProblem) -> String {
        guard let text = String(validating: try block(atMost: limit), as: UTF8.self) else {
            throw WireProblem("a text that is none")
        }
        return text
    }

    mutating func word<Word: RawRepresentable<String>>(_ type: Word.Type) throws(WireProblem) -> Word {
        guard let word = Word(rawValue: try text(atMost: 64)) else { throw WireProblem("a word that nobody knows") }
        return word
    }

    mutating func optional<Value>(
        _ read: (inout WireReader) throws(WireProblem) -> Value
    ) throws(WireProblem) -> Value? {
        try flag() ? try read(&self) : nil
    }

    /// Room is made as values arrive, never for a number that somebody states.
    mutating func list<Value>(
        atMost limit: Int, _ read: (inout WireReader) throws(WireProblem) -> Value
    ) throws(WireProblem) -> [Value] {
        let count = try int(in: 0...limit)
        var values: [Value] = []
        for _ in 0..<count { values.append(try read(&self)) }
        return values
    }
}
