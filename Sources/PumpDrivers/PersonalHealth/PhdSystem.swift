import PumpCore

/// What an agent's MDS says: who it is and what its clock shows.
struct PhdSystem: Hashable, Sendable {
    private enum ProductionKind {
        static let serial: UInt16 = 1
        static let firmware: UInt16 = 5
    }

    /// Who it is; two answers that agree on it are believed.
    struct Identity: Hashable, Sendable {
        var systemID: [UInt8]
        var manufacturer: String?
        var model: String?
        var serial: String?
        var firmware: String?
    }

    var identity: Identity
    var clock: CivilDateTime?

    init(_ attributes: [Attribute]) throws(ApduProblem) {
        identity = Identity(systemID: [])
        if let value = attributes.value(Nomenclature.AttributeID.systemID) {
            var reader = ApduReader(value, "the system id")
            identity.systemID = try reader.octets()
        }
        if let value = attributes.value(Nomenclature.AttributeID.model) {
            var reader = ApduReader(value, "the model")
            identity.manufacturer = Self.text(try reader.octets())
            identity.model = Self.text(try reader.octets())
        }
        if let value = attributes.value(Nomenclature.AttributeID.production), !value.isEmpty {
            var reader = ApduReader(value, "the production specification")
            let entries = try reader.list("the production specification") { inner throws(ApduProblem) in
                // Kind, component, text.
                (kind: try inner.uint16(), component: try inner.uint16(), text: try inner.octets())
            }
            identity.serial = entries.first { $0.kind == ProductionKind.serial }.flatMap { Self.text($0.text) }
            identity.firmware = entries.first { $0.kind == ProductionKind.firmware }.flatMap { Self.text($0.text) }
        }
        clock = attributes.value(Nomenclature.AttributeID.absoluteTime).flatMap { CivilDateTime(absoluteTime: $0) }
    }

    /// Printable text without the zeros and blanks that fill it up; nil where nothing is left, or more than anybody
    /// prints on a pump.
    private static func text(_ bytes: [UInt8]) -> String? {
        let plain = bytes.filter { (0x20...0x7E).contains($0) }
        guard plain.count <= 64 else { return nil }
        let text = String(decoding: plain, as: UTF8.self).drop { $0 == " " }
        let trimmed = String(text.reversed().drop { $0 == " " }.reversed())
        return trimmed.isEmpty ? nil : trimmed
    }

    /// By its serial number, else by its system identifier; nil where it says neither.
    var pump: PumpIdentity? {
        let serial = identity.serial ?? (identity.systemID.isEmpty ? nil : identity.systemID.hex)
        return serial.map {
            PumpIdentity(
                serial: $0, driver: PumpDriver.phdName, model: name, firmware: identity.firmware)
        }
    }

    var name: String? {
        let words = [identity.manufacturer, identity.model].compactMap(\.self)
        return words.isEmpty ? nil : words.joined(separator: " ")
    }
}
