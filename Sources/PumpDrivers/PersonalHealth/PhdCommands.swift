extension PhdWord {
    /// The code of what the bytes say, as `allowed` has it; nil where they are not one whole APDU that this manager could
    /// have written.
    static func code(in bytes: [UInt8]) -> String? {
        guard let apdu = try? Apdu(bytes), apdu.bytes == bytes else { return nil }
        return switch apdu {
        case .associationResponse: "AARE"
        case .releaseRequest: "RLRQ"
        case .releaseResponse: "RLRE"
        case .abort: "ABRT"
        case .associationRequest: nil
        case .presentation(let message): code(of: message.body)
        }
    }

    private static func code(of body: DataMessage.Body) -> String? {
        switch body {
        case .get: "0103"
        case .action(let call, confirmed: true) where call == .segmentInfo(store: call.handle): "0107/3085"
        case .action(let call, confirmed: true) where call.action == Nomenclature.Action.transferSegment: "0107/3100"
        case .eventAnswer(let answer): "0201/\(answer.event)"
        default: nil
        }
    }
}
