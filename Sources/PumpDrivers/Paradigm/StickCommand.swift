/// What the host says to the CareLink stick.
enum StickCommand: Hashable, Sendable {
    case productInfo
    case radioStatistics
    case usbStatistics
    case signalStrength
    case linkStatus
    /// Asks for `size` bytes that the radio has received.
    case readRadio(size: Int)
    case transmit(PumpPacket)

    private static let readOpcode: UInt8 = 0x0C

    var bytes: [UInt8] {
        switch self {
        case .productInfo: [0x04, 0x00, 0x00]
        case .radioStatistics: [0x05, 0x00, 0x00]
        case .usbStatistics: [0x05, 0x01, 0x00]
        case .signalStrength: [0x06, 0x00, 0x00]
        case .linkStatus: [0x03, 0x00, 0x00]
        case .readRadio(let size): Self.read(size)
        case .transmit(let packet): packet.bytes
        }
    }

    private static func read(_ size: Int) -> [UInt8] {
        let head = [readOpcode, 0, UInt8(truncatingIfNeeded: size >> 8), UInt8(truncatingIfNeeded: size)]
        return head + [ParadigmChecksum.crc8(head)]
    }

    /// Splits what a host sent into commands; those that this driver does not know are left out. The maker's software
    /// leaves the third byte of the short ones away.
    static func split(_ bytes: [UInt8]) -> [StickCommand] {
        var commands: [StickCommand] = []
        var rest = bytes[...]
        while let first = rest.first {
            if let packet = PumpPacket(rest) {
                commands.append(.transmit(packet))
                rest = rest.dropFirst(packet.length)
            } else if first == readOpcode, rest.count >= 5, read(size(rest)) == Array(rest.prefix(5)) {
                commands.append(.readRadio(size: size(rest)))
                rest = rest.dropFirst(5)
            } else if let (command, length) = short(rest) {
                commands.append(command)
                rest = rest.dropFirst(length)
            } else {
                break
            }
        }
        return commands
    }

    private static func size(_ bytes: ArraySlice<UInt8>) -> Int {
        bytes.dropFirst(2).prefix(2).reduce(0) { $0 << 8 | Int($1) }
    }

    private static func short(_ bytes: ArraySlice<UInt8>) -> (StickCommand, Int)? {
        let all: [StickCommand] = [.productInfo, .radioStatistics, .usbStatistics, .signalStrength, .linkStatus]
        guard let command = all.first(where: { bytes.starts(with: $0.bytes.prefix(2)) }) else { return nil }
        return (command, bytes.starts(with: command.bytes) ? 3 : 2)
    }
}
