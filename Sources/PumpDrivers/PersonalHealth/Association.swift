/// What one side says about itself when the two come together over the data exchange protocol 0x5079.
struct AssociationTerms: Hashable, Sendable {
    static let mder: UInt16 = 0x8000
    static let manager: UInt32 = 0x8000_0000
    static let agent: UInt32 = 0x0080_0000

    var version: UInt32
    var encoding: UInt16
    var nomenclature: UInt32
    var functionalUnits: UInt32
    var systemType: UInt32
    var systemID: [UInt8]
    var configurationID: UInt16
    var requestFlags: UInt16
    var agentRequests: UInt8
    var managerRequests: UInt8
    var options: [Attribute]

    /// This manager. It is no registered device: the identifier has the bit that says "given locally".
    static let ours = AssociationTerms(
        version: 0x8000_0000, encoding: mder, nomenclature: 0x8000_0000, functionalUnits: 0, systemType: manager,
        systemID: [0x02] + Array("PLEDGER".utf8), configurationID: 0, requestFlags: 0, agentRequests: 0,
        managerRequests: 0, options: [])
}

extension AssociationTerms {
    init(_ reader: inout ApduReader) throws(ApduProblem) {
        version = try reader.uint32()
        encoding = try reader.uint16()
        nomenclature = try reader.uint32()
        functionalUnits = try reader.uint32()
        systemType = try reader.uint32()
        systemID = try reader.octets()
        configurationID = try reader.uint16()
        requestFlags = try reader.uint16()
        agentRequests = try reader.byte()
        managerRequests = try reader.byte()
        options = try Attribute.list(&reader)
    }

    func write(_ writer: inout ApduWriter) {
        writer.uint32(version)
        writer.uint16(encoding)
        writer.uint32(nomenclature)
        writer.uint32(functionalUnits)
        writer.uint32(systemType)
        writer.octets(systemID)
        writer.uint16(configurationID)
        writer.uint16(requestFlags)
        writer.byte(agentRequests)
        writer.byte(managerRequests)
        options.write(&writer)
    }
}

/// A protocol that a side can speak, by its number; its terms where the number is 0x5079, else bytes.
enum DataProtocol: Hashable, Sendable {
    static let exchange: UInt16 = 0x5079

    case exchange(AssociationTerms)
    case other(UInt16, [UInt8])

    init(_ reader: inout ApduReader) throws(ApduProblem) {
        let id = try reader.uint16()
        guard id == Self.exchange else {
            self = .other(id, try reader.octets())
            return
        }
        self = .exchange(
            try reader.sized("the association terms") { inner throws(ApduProblem) in try AssociationTerms(&inner) })
    }

    func write(_ writer: inout ApduWriter) {
        switch self {
        case .exchange(let terms):
            writer.uint16(Self.exchange)
            writer.sized { terms.write(&$0) }
        case .other(let id, let bytes):
            writer.uint16(id)
            writer.octets(bytes)
        }
    }
}

struct AssociationRequest: Hashable, Sendable {
    var version: UInt32
    var protocols: [DataProtocol]

    /// What the agent says where it speaks the protocol of 20601.
    var terms: AssociationTerms? {
        for case .exchange(let terms) in protocols { return terms }
        return nil
    }
}

extension AssociationRequest {
    init(_ reader: inout ApduReader) throws(ApduProblem) {
        version = try reader.uint32()
        protocols = try reader.list("the protocol list") { inner throws(ApduProblem) in try DataProtocol(&inner) }
    }

    func write(_ writer: inout ApduWriter) {
        writer.uint32(version)
        writer.list(protocols) { $1.write(&$0) }
    }
}

struct AssociationResponse: Hashable, Sendable {
    enum Result {
        static let accepted: UInt16 = 0
        /// The manager wants to hear the configuration first.
        static let acceptedUnknownConfiguration: UInt16 = 3
        static let noCommonProtocol: UInt16 = 4
    }

    var result: UInt16
    var chosen: DataProtocol
}

extension AssociationResponse {
    init(_ reader: inout ApduReader) throws(ApduProblem) {
        result = try reader.uint16()
        chosen = try DataProtocol(&reader)
    }

    func write(_ writer: inout ApduWriter) {
        writer.uint16(result)
        chosen.write(&writer)
    }
}
