/// An APDU of IEEE 11073-20601: a choice of 16 bits, a length of 16 bits, and what the choice says.
enum Apdu: Hashable, Sendable {
    /// Choices, by what follows them.
    enum Choice {
        static let associationRequest: UInt16 = 0xE200
        static let associationResponse: UInt16 = 0xE300
        static let releaseRequest: UInt16 = 0xE400
        static let releaseResponse: UInt16 = 0xE500
        static let abort: UInt16 = 0xE600
        static let presentation: UInt16 = 0xE700

        static let all: Set<UInt16> = [
            associationRequest, associationResponse, releaseRequest, releaseResponse, abort, presentation,
        ]
    }

    enum AbortReason {
        static let undefined: UInt16 = 0
        static let overflow: UInt16 = 1
        static let responseTimeout: UInt16 = 2
        static let configurationTimeout: UInt16 = 3
    }

    /// The most bytes that an APDU may have, its header included (63 KB).
    static let largest = 64_512
    static let headerBytes = 4

    case associationRequest(AssociationRequest)
    case associationResponse(AssociationResponse)
    case releaseRequest(reason: UInt16)
    case releaseResponse(reason: UInt16)
    case abort(reason: UInt16)
    case presentation(DataMessage)
}

extension Apdu {
    init(_ bytes: [UInt8]) throws(ApduProblem) {
        guard bytes.count <= Self.largest else { throw .tooLong(bytes.count) }
        var reader = ApduReader(bytes, "the APDU")
        let choice = try reader.uint16()
        let length = Int(try reader.uint16())
        guard length == reader.remaining else {
            throw .lengthDisagrees("the APDU", says: length, has: reader.remaining)
        }
        switch choice {
        case Choice.associationRequest: self = .associationRequest(try AssociationRequest(&reader))
        case Choice.associationResponse: self = .associationResponse(try AssociationResponse(&reader))
        case Choice.releaseRequest: self = .releaseRequest(reason: try reader.uint16())
        case Choice.releaseResponse: self = .releaseResponse(reason: try reader.uint16())
        case Choice.abort: self = .abort(reason: try reader.uint16())
        case Choice.presentation:
            self = .presentation(
                try reader.sized("the presentation APDU") { inner throws(ApduProblem) in try DataMessage(&inner) })
        default: throw .unknownChoice("the APDU", choice)
        }
        try reader.end()
    }

    private var choice: UInt16 {
        switch self {
        case .associationRequest: Choice.associationRequest
        case .associationResponse: Choice.associationResponse
        case .releaseRequest: Choice.releaseRequest
        case .releaseResponse: Choice.releaseResponse
        case .abort: Choice.abort
        case .presentation: Choice.presentation
        }
    }

    var bytes: [UInt8] {
        var writer = ApduWriter()
        writer.uint16(choice)
        writer.sized { inner in
            switch self {
            case .associationRequest(let request): request.write(&inner)
            case .associationResponse(let response): response.write(&inner)
            case .releaseRequest(let reason), .releaseResponse(let reason), .abort(let reason): inner.uint16(reason)
            case .presentation(let message): inner.sized { message.write(&$0) }
            }
        }
        return writer.bytes
    }
}
