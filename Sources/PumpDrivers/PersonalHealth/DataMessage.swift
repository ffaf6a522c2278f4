/// One message between two associated sides: a call or its answer, held together by the number of the call.
struct DataMessage: Hashable, Sendable {
    struct Modification: Hashable, Sendable {
        var operation: UInt16
        var attribute: Attribute
    }

    enum Body: Hashable, Sendable {
        case event(EventReport, confirmed: Bool)
        case get(handle: UInt16, attributes: [UInt16])
        case set(handle: UInt16, [Modification], confirmed: Bool)
        case action(ActionCall, confirmed: Bool)
        case eventAnswer(EventAnswer)
        case getAnswer(handle: UInt16, [Attribute])
        case setAnswer(handle: UInt16, [Attribute])
        case actionAnswer(ActionCall)
        case error(UInt16, parameter: [UInt8])
        case reject(UInt16)
    }

    var call: UInt16
    var body: Body

    init(call: UInt16, _ body: Body) {
        self.call = call
        self.body = body
    }
}

extension DataMessage {
    /// Reads a bare message: what a presentation APDU holds.
    init(bytes: [UInt8]) throws(ApduProblem) {
        var reader = ApduReader(bytes, "the message")
        try self.init(&reader)
        try reader.end()
    }

    var bytes: [UInt8] {
        var writer = ApduWriter()
        write(&writer)
        return writer.bytes
    }

    init(_ reader: inout ApduReader) throws(ApduProblem) {
        call = try reader.uint16()
        let choice = try reader.uint16()
        body = try reader.sized("the message") { inner throws(ApduProblem) in try Self.body(&inner, choice) }
    }

    private static func body(_ reader: inout ApduReader, _ choice: UInt16) throws(ApduProblem) -> Body {
        switch choice {
        case 0x0100, 0x0101:
            // Its own name, for the error: it is what is being read.
            var inner = ApduReader(try reader.take(reader.remaining), EventReport.part)
            let report = try EventReport(&inner)
            try inner.end()
            return .event(report, confirmed: choice == 0x0101)
        case 0x0103:
            return .get(
                handle: try reader.uint16(),
                attributes: try reader.list("a list of attribute numbers") { inner throws(ApduProblem) in
                    try inner.uint16()
                })
        case 0x0104, 0x0105:
            return .set(
                handle: try reader.uint16(),
                try reader.list("a list of modifications") { inner throws(ApduProblem) in
                    Modification(operation: try inner.uint16(), attribute: try Attribute(&inner))
                }, confirmed: choice == 0x0105)
        case 0x0106, 0x0107: return .action(try action(&reader), confirmed: choice == 0x0107)
        case 0x0201: return .eventAnswer(try EventAnswer(&reader))
        case 0x0203: return .getAnswer(handle: try reader.uint16(), try Attribute.list(&reader))
        case 0x0205: return .setAnswer(handle: try reader.uint16(), try Attribute.list(&reader))
        case 0x0207: return .actionAnswer(try action(&reader))
        case 0x0300: return .error(try reader.uint16(), parameter: try reader.octets())
        case 0x0400: return .reject(try reader.uint16())
        default: throw .unknownChoice("the message", choice)
        }
    }

    private static func action(_ reader: inout ApduReader) throws(ApduProblem) -> ActionCall {
        ActionCall(handle: try reader.uint16(), action: try reader.uint16(), argument: try reader.octets())
    }

    private var choice: UInt16 {
        switch body {
        case .event(_, let confirmed): confirmed ? 0x0101 : 0x0100
        case .get: 0x0103
        case .set(_, _, let confirmed): confirmed ? 0x0105 : 0x0104
        case .action(_, let confirmed): confirmed ? 0x0107 : 0x0106
        case .eventAnswer: 0x0201
        case .getAnswer: 0x0203
        case .setAnswer: 0x0205
        case .actionAnswer: 0x0207
        case .error: 0x0300
        case .reject: 0x0400
        }
    }

    func write(_ writer: inout ApduWriter) {
        writer.uint16(call)
        writer.uint16(choice)
        writer.sized { inner in
            switch body {
            case .event(let report, _): report.write(&inner)
            case .get(let handle, let attributes):
                inner.uint16(handle)
                inner.list(attributes) { $0.uint16($1) }
            case .set(let handle, let modifications, _):
                inner.uint16(handle)
                inner.list(modifications) { inner, modification in
                    inner.uint16(modification.operation)
                    modification.attribute.write(&inner)
                }
            case .action(let call, _), .actionAnswer(let call):
                inner.uint16(call.handle)
                inner.uint16(call.action)
                inner.octets(call.argument)
            case .eventAnswer(let answer): answer.write(&inner)
            case .getAnswer(let handle, let attributes), .setAnswer(let handle, let attributes):
                inner.uint16(handle)
                attributes.write(&inner)
            case .error(let value, let parameter):
                inner.uint16(value)
                inner.octets(parameter)
            case .reject(let problem): inner.uint16(problem)
            }
        }
    }
}
