import PumpCore

/// Reads MDER, the encoding of IEEE 11073-20601: big-endian, lengths and counts of 16 bits before what they measure.
struct ApduReader {
    private var reader: ByteReader
    /// What is being read, for the error that says where the bytes end.
    let part: String

    init(_ bytes: some Collection<UInt8>, _ part: String) {
        reader = ByteReader(Array(bytes))
        self.part = part
    }

    var remaining: Int { reader.remaining }

    mutating func byte() throws(ApduProblem) -> UInt8 {
        guard let value = reader.byte() else { throw .cut(part) }
        return value
    }

    mutating func uint16() throws(ApduProblem) -> UInt16 {
        guard let value = reader.uint16() else { throw .cut(part) }
        return value
    }

    mutating func uint32() throws(ApduProblem) -> UInt32 {
        guard let value = reader.uint32() else { throw .cut(part) }
        return value
    }

    mutating func take(_ count: Int) throws(ApduProblem) -> [UInt8] {
        guard let bytes = reader.take(count) else { throw .cut(part) }
        return Array(bytes)
    }

    /// A length of 16 bits and as many bytes.
    mutating func octets() throws(ApduProblem) -> [UInt8] { try take(Int(try uint16())) }

    /// A part that says its length first; it is read to its own end.
    mutating func sized<Value>(
        _ part: String, _ read: (inout ApduReader) throws(ApduProblem) -> Value
    ) throws(ApduProblem) -> Value {
        let says = Int(try uint16())
        guard says <= remaining else { throw .cut(self.part) }
        var inner = ApduReader(try take(says), part)
        let value = try read(&inner)
        guard inner.remaining == 0 else { throw .lengthDisagrees(part, says: says, has: says - inner.remaining) }
        return value
    }

    /// A count, a length, and so many items in so many bytes.
    mutating func list<Item>(
        _ part: String, _ read: (inout ApduReader) throws(ApduProblem) -> Item
    ) throws(ApduProblem) -> [Item] {
        let count = Int(try uint16())
        let length = Int(try uint16())
        guard length <= remaining else { throw .cut(self.part) }
        var inner = ApduReader(try take(length), part)
        var items: [Item] = []
        // An item of no bytes would let two bytes make 65,535 of them.
        for _ in 0..<count {
            guard inner.remaining > 0 else { throw .countDisagrees(part, says: count) }
            items.append(try read(&inner))
        }
        guard inner.remaining == 0 else { throw .countDisagrees(part, says: count) }
        return items
    }

    /// Nothing may be left.
    func end() throws(ApduProblem) {
        guard remaining == 0 else {
            throw .lengthDisagrees(part, says: reader.offset, has: reader.bytes.count)
        }
    }
}
