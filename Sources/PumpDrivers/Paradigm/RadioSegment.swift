import PumpCore

/// One part of a pump's answer, as a radio read brings it.
///
/// `02 00 ? retries ?`, the payload's length with the top bit set on the last part (two bytes), `A7 01`, the address,
/// CRC-8 of these 12 bytes, the payload, its CRC-8. The header's check holds in all 102 recorded reads, but it is not
/// demanded: no other reader knows it, and the header holds nothing that is not checked otherwise.
struct RadioSegment: Hashable, Sendable {
    static let opcode: UInt8 = 0x02
    /// Bytes around the payload.
    static let overhead = 14
    private static let lengthAt = 5
    /// The top bit of the length.
    private static let lastPart: UInt16 = 0x8000

    enum Fault: Error, Hashable {
        case garbled
        case otherPump(RadioAddress)
    }

    let isLast: Bool
    let payload: [UInt8]

    /// How long the read at the start of `bytes` is; nil while too little has come.
    static func length(_ bytes: [UInt8]) -> Int? {
        var reader = ByteReader(bytes, at: lengthAt)
        return reader.uint16().map { Int($0 & ~lastPart) + overhead }
    }

    static func read(_ bytes: [UInt8], from address: RadioAddress) -> Result<RadioSegment, Fault> {
        var reader = ByteReader(bytes, at: lengthAt)
        guard bytes.first == opcode, bytes.count == length(bytes), let field = reader.uint16(),
            reader.byte() == 0xA7, reader.byte() == 0x01, let sender = reader.take(3).flatMap({ RadioAddress($0) }),
            reader.skip(1), let payload = reader.take(reader.remaining - 1),
            reader.byte() == ParadigmChecksum.crc8(payload)
        else { return .failure(.garbled) }
        guard sender == address else { return .failure(.otherPump(sender)) }
        return .success(RadioSegment(isLast: field & lastPart != 0, payload: Array(payload)))
    }
}
