extension MivaCommand {
    private static let withoutArgument: [MivaCommand] = [
        .indexes, .clock, .serialNumber, .firmware, .library, .platform, .baseYear, .totalVolume, .batteryVoltage,
        .productLife, .onTime, .batteryCalibration, .occlusionSensors, .infusionMode, .infusionTime, .rateUnit,
        .identification, .serialByName, .volumeInfused,
    ]

    /// The code of the one command that these bytes are, to the last byte; nil for anything else.
    static func code(in bytes: [UInt8]) -> String? {
        guard bytes.first == MivaFrame.start, bytes.last == MivaFrame.end,
            let payload = MivaFrame.payload(ofBody: bytes.dropFirst().dropLast())
        else { return nil }
        var command = withoutArgument.first { $0.payload == payload }
        if command == nil, payload.count == 10, let index = upperHexValue(payload.dropFirst(2)) {
            command = .event(index)
        }
        guard let command, MivaFrame.bytes(command.payload) == bytes else { return nil }
        return command.code
    }
}
