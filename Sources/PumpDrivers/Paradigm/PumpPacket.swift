import PumpCore

/// The pump's serial number as packets carry it: six decimal digits in three bytes.
struct RadioAddress: Hashable, Sendable {
    let bytes: [UInt8]

    /// Reads a serial as enrolment gives it. The radio uses the last six characters, which must be digits.
    init?(serial: String) {
        let digits = serial.utf8.suffix(6).compactMap { (48...57).contains($0) ? $0 - 48 : nil }
        guard digits.count == 6 else { return nil }
        var reader = ByteReader(digits)
        var pairs: [UInt8] = []
        while let pair = reader.take(2) { pairs.append(pair.reduce(0) { $0 << 4 | $1 }) }
        bytes = pairs
    }

    /// Nil unless there are three bytes.
    init?(_ bytes: some Collection<UInt8>) {
        guard bytes.count == 3 else { return nil }
        self.bytes = Array(bytes)
    }

    var text: String { bytes.hex }
}

/// A packet that the stick sends to a pump.
///
/// `01 00 A7 01`, the address, the count of parameters with the top bit set (two bytes), a button byte, how often the
/// stick may repeat it, how many answers it waits for (0, 1, or 2 for many), 0, the command, CRC-8 of these 14 bytes;
/// then the parameters and their CRC-8, which stands as 0 where there are none.
struct PumpPacket: Hashable, Sendable {
    enum Answers: UInt8, Sendable {
        case none = 0
        case one = 1
        case many = 2
    }

    let address: RadioAddress
    let command: UInt8
    let parameters: [UInt8]
    let button: UInt8
    let retries: UInt8
    let answers: UInt8

    private static let header: [UInt8] = [0x01, 0x00, 0xA7, 0x01]
    private static let headLength = 14
    /// Set in the count of parameters.
    private static let countFlag: UInt16 = 0x8000

    /// A packet that this driver sends: the command comes from the allow-list, so no other can be built here.
    init(_ command: ParadigmCommand, to address: RadioAddress, parameters: [UInt8]) {
        self.address = address
        self.command = command.rawValue
        self.parameters = parameters
        button = command == .radioPower ? 0x55 : 0
        retries = command == .radioPower ? 0 : 2
        answers = command.answers.rawValue
    }

    var bytes: [UInt8] {
        let count = parameters.count
        var out = Self.header + address.bytes
        out += [0x80 | UInt8(truncatingIfNeeded: count >> 8), UInt8(truncatingIfNeeded: count)]
        out += [button, retries, answers, 0, command]
        out.append(ParadigmChecksum.crc8(out))
        return out + parameters + [ParadigmChecksum.crc8(parameters)]
    }

    /// Reads somebody else's packet at the start of `bytes`; nil where it is cut off or a check fails.
    init?(_ bytes: ArraySlice<UInt8>) {
        guard bytes.starts(with: Self.header) else { return nil }
        var reader = ByteReader(Array(bytes))
        guard let head = reader.take(Self.headLength), reader.byte() == ParadigmChecksum.crc8(head) else { return nil }
        var fields = ByteReader(Array(head), at: Self.header.count)
        guard let address = fields.take(3).flatMap({ RadioAddress($0) }), let count = fields.uint16(),
            let button = fields.byte(), let retries = fields.byte(), let answers = fields.byte(), fields.skip(1),
            let command = fields.byte(), let parameters = reader.take(Int(count & ~Self.countFlag)),
            reader.byte() == ParadigmChecksum.crc8(parameters)
        else { return nil }
        self.address = address
        self.parameters = Array(parameters)
        self.command = command
        self.button = button
        self.retries = retries
        self.answers = answers
    }

    var length: Int { Self.headLength + 2 + parameters.count }
}
