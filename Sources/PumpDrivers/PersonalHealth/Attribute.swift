/// A number and its value, as every object of 20601 has them.
struct Attribute: Hashable, Sendable {
    var id: UInt16
    var value: [UInt8]

    init(_ id: UInt16, _ value: [UInt8]) {
        self.id = id
        self.value = value
    }

    init(_ reader: inout ApduReader) throws(ApduProblem) {
        id = try reader.uint16()
        value = try reader.octets()
    }

    func write(_ writer: inout ApduWriter) {
        writer.uint16(id)
        writer.octets(value)
    }

    static func list(_ reader: inout ApduReader) throws(ApduProblem) -> [Attribute] {
        try reader.list("an attribute list") { inner throws(ApduProblem) in try Attribute(&inner) }
    }
}

extension [Attribute] {
    func write(_ writer: inout ApduWriter) { writer.list(self) { $1.write(&$0) } }

    /// The value of the attribute with this number; the first where a device says it twice.
    func value(_ id: UInt16) -> [UInt8]? { first { $0.id == id }?.value }
}
