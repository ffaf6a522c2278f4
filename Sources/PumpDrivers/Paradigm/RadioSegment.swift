/// One part of a pump's answer, as a radio read brings it.
///
/// `02 00 ? retries ?`, the payload's length with the top bit set on the last part (two bytes), `A7 01`, the address,
/// CRC-8 of these 12 bytes, the payload, its CRC-8. The header's check holds in all 102 recorded reads, but it is not
/// demanded: no other reader knows it, and the header holds nothing that is not checked otherwise.
struct RadioSegment: Hashable, Sendable {
    static let opcode: UInt8 = 0x02
    /// Bytes around the payload.
    static let overhead = 14
    private static let payloadAt = 13

    enum Fault: Error, Hashable {
        case garbled
        case otherPump(RadioAddress)
    }

    let isLast: Bool
    let payload: [UInt8]

    /// How long the read at the start of `bytes` is; nil while too little has come.
    static func length(_ bytes: [UInt8]) -> Int? {
        guard bytes.count >= 7 else { return nil }
        return (Int(bytes[5] & 0x7F) << 8 | Int(bytes[6])) + overhead
    }

    static func read(_ bytes: [UInt8], from address: RadioAddress) -> Result<RadioSegment, Fault> {
        guard bytes.first == opcode, let length = length(bytes), bytes.count == length, bytes[7] == 0xA7,
            bytes[8] == 0x01, let sender = RadioAddress(bytes[9..<12])
        else { return .failure(.garbled) }
        let payload = bytes[payloadAt..<(length - 1)]
        guard ParadigmChecksum.crc8(payload) == bytes[length - 1] else { return .failure(.garbled) }
        guard sender == address else { return .failure(.otherPump(sender)) }
        return .success(RadioSegment(isLast: bytes[5] & 0x80 != 0, payload: Array(payload)))
    }
}
