/// Writes MDER: the counterpart of `ApduReader`.
struct ApduWriter {
    private(set) var bytes: [UInt8] = []

    mutating func byte(_ value: UInt8) { bytes.append(value) }

    mutating func uint16(_ value: UInt16) { bytes += [UInt8(value >> 8), UInt8(value & 0xFF)] }

    mutating func uint32(_ value: UInt32) {
        uint16(UInt16(value >> 16))
        uint16(UInt16(value & 0xFFFF))
    }

    mutating func raw(_ more: [UInt8]) { bytes += more }

    mutating func octets(_ more: [UInt8]) {
        uint16(UInt16(clamping: more.count))
        bytes += more
    }

    mutating func sized(_ write: (inout ApduWriter) -> Void) {
        var inner = ApduWriter()
        write(&inner)
        octets(inner.bytes)
    }

    mutating func list<Item>(_ items: [Item], _ write: (inout ApduWriter, Item) -> Void) {
        uint16(UInt16(clamping: items.count))
        sized { inner in for item in items { write(&inner, item) } }
    }
}
