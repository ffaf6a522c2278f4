extension StickCommand {
    /// The codes of the one command that these bytes are, to the last byte: the stick's, and for what goes on to the pump
    /// the pump's too. Nil for anything else, also for a command that this driver knows and would not put like this.
    static func codes(in bytes: [UInt8]) -> [String]? {
        let found = split(bytes)
        guard let command = found.first, found.count == 1, command.bytes == bytes else { return nil }
        switch command {
        case .productInfo: return ["stick 04"]
        case .radioStatistics, .usbStatistics: return ["stick 05"]
        case .signalStrength: return ["stick 06"]
        case .linkStatus: return ["stick 03"]
        case .readRadio: return ["stick 0C"]
        case .transmit(let packet):
            guard let question = ParadigmCommand(rawValue: packet.command), question.takes(packet.parameters),
                packet == PumpPacket(question, to: packet.address, parameters: packet.parameters)
            else { return nil }
            return ["stick 01", String(question.rawValue)]
        }
    }
}

extension ParadigmCommand {
    fileprivate func takes(_ parameters: [UInt8]) -> Bool {
        switch self {
        case .radioPower: parameters == Self.radioOn || parameters == Self.radioOff
        // The number of a page.
        case .historyPage: parameters.count == 1
        default: parameters.isEmpty
        }
    }
}
