/// What a USB device says it is made of, read from the bytes that it answered: the device descriptor, then its
/// configurations (USB 2.0, 9.6). Nothing in them is believed: a length that leads outside, or a count that is not kept,
/// ends the reading there and is named. What was read until then stays, so that a device can be recognised and refused.
package struct USBDescriptors: Hashable, Sendable {
    package private(set) var vendor: UInt16?
    package private(set) var product: UInt16?
    /// Of the first configuration, in the order in which the device names them.
    package private(set) var interfaces: [USBInterface] = []
    /// The first thing that is wrong; nil where nothing is.
    package private(set) var problem: USBDescriptorProblem?

    /// A configuration has at most 65,535 bytes, and pumps have one.
    package static let mostBytes = 65_535 + 18
    /// More than any device of this class needs; the standard allows 256.
    package static let mostInterfaces = 32

    private enum Kind {
        static let device: UInt8 = 1
        static let configuration: UInt8 = 2
        static let interface: UInt8 = 4
        static let endpoint: UInt8 = 5
    }

    package init(_ bytes: [UInt8]) {
        do throws(USBDescriptorProblem) { try read(bytes) } catch { problem = error }
    }

    private mutating func read(_ bytes: [UInt8]) throws(USBDescriptorProblem) {
        guard bytes.count <= Self.mostBytes else { throw .tooLong(bytes: bytes.count) }
        var rest = bytes[...]
        guard let device = try Self.next(&rest, of: bytes.count), device.kind == Kind.device, device.body.count >= 16
        else { throw .noDevice }
        (vendor, product) = (device.word(at: 6), device.word(at: 8))
        var configurations = 0
        /// Where the first configuration says that it ends.
        var announced = bytes.count
        while let descriptor = try Self.next(&rest, of: bytes.count) {
            switch descriptor.kind {
            case Kind.configuration:
                configurations += 1
                // The kernel picks the first one; a second is another device's worth of interfaces.
                if configurations > 1 { return }
                guard let total = descriptor.word(at: 0) else {
                    throw .short(kind: descriptor.kind, at: descriptor.offset)
                }
                announced = descriptor.offset + Int(total)
            case Kind.interface: try take(interface: descriptor)
            case Kind.endpoint: try take(endpoint: descriptor)
            // Class-specific descriptors (PHDC: 0x20, 0x21, 0x30) say how to read, not whether.
            default: break
            }
        }
        if configurations == 0 { throw .noConfiguration }
        if announced > bytes.count { throw .cutShort(announced: announced, bytes: bytes.count) }
    }

    private mutating func take(interface descriptor: Descriptor) throws(USBDescriptorProblem) {
        let body = [UInt8](descriptor.body)
        guard body.count >= 7 else { throw .short(kind: descriptor.kind, at: descriptor.offset) }
        guard interfaces.count < Self.mostInterfaces else { throw .tooManyInterfaces }
        interfaces.append(
            USBInterface(
                number: body[0], alternate: body[1], announcedEndpoints: body[2], interfaceClass: body[3],
                subclass: body[4], protocolCode: body[5]))
    }

    private mutating func take(endpoint descriptor: Descriptor) throws(USBDescriptorProblem) {
        let body = [UInt8](descriptor.body)
        guard body.count >= 4, let size = descriptor.word(at: 2) else {
            throw .short(kind: descriptor.kind, at: descriptor.offset)
        }
        guard var interface = interfaces.popLast() else { throw .endpointOutside(at: descriptor.offset) }
        interface.endpoints.append(
            USBEndpoint(address: body[0], attributes: body[1], mostBytes: Int(size & 0x7FF)))
        interfaces.append(interface)
    }

    private struct Descriptor {
        var kind: UInt8
        var offset: Int
        /// Without length and kind.
        var body: ArraySlice<UInt8>

        /// Little-endian, `at` bytes into the body.
        func word(at place: Int) -> UInt16? {
            let two = body.dropFirst(place).prefix(2)
            guard two.count == 2, let low = two.first, let high = two.last else { return nil }
            return UInt16(high) << 8 | UInt16(low)
        }
    }

    /// Nil at the end.
    private static func next(
        _ rest: inout ArraySlice<UInt8>, of count: Int
    ) throws(USBDescriptorProblem) -> Descriptor? {
        guard let length = rest.first else { return nil }
        let offset = count - rest.count
        guard length >= 2, Int(length) <= rest.count, let kind = rest.dropFirst().first else {
            throw .badLength(length, at: offset, left: rest.count)
        }
        let body = rest.prefix(Int(length)).dropFirst(2)
        rest = rest.dropFirst(Int(length))
        return Descriptor(kind: kind, offset: offset, body: body)
    }
}

/// One setting of one interface.
package struct USBInterface: Hashable, Sendable {
    package var number: UInt8
    package var alternate: UInt8
    /// As the interface counts them; the endpoints that were found may be others.
    package var announcedEndpoints: UInt8
    package var interfaceClass: UInt8
    package var subclass: UInt8
    package var protocolCode: UInt8
    package var endpoints: [USBEndpoint] = []
}

package struct USBEndpoint: Hashable, Sendable {
    /// Bit 7: towards the host.
    package var address: UInt8
    package var attributes: UInt8
    /// Of one packet.
    package var mostBytes: Int

    package var isBulk: Bool { attributes & 3 == 2 }
    package var isInbound: Bool { address & 0x80 != 0 }
    /// Endpoint 0 is the control pipe's; a bulk packet has 8 to 512 bytes, 1,024 on SuperSpeed.
    package var isUsable: Bool { address & 0x0F != 0 && (1...1024).contains(mostBytes) }
}

/// Why a device cannot be read, in the words that a person sees after "it".
package enum USBDescriptorProblem: Error, Hashable, Sendable {
    case noDevice
    case tooLong(bytes: Int)
    case badLength(UInt8, at: Int, left: Int)
    case short(kind: UInt8, at: Int)
    case endpointOutside(at: Int)
    case tooManyInterfaces
    case noConfiguration
    case cutShort(announced: Int, bytes: Int)
    case noInterface(interfaceClass: UInt8)
    case noBulkPair(interface: UInt8)
    case textTooLong(name: String, bytes: Int)
}

extension USBDescriptorProblem: CustomStringConvertible {
    package var description: String {
        switch self {
        case .noDevice: "it does not say what it is (no device descriptor)"
        case .tooLong(let bytes): "its descriptors have \(bytes) bytes, more than a device may have"
        case .badLength(let length, let place, let left):
            "its descriptor at byte \(place) claims \(length) bytes where \(left) are left"
        case .short(let kind, let place): "its descriptor at byte \(place) is too short for its kind (\(kind))"
        case .endpointOutside(let place): "its endpoint at byte \(place) belongs to no interface"
        case .tooManyInterfaces: "it has more than \(USBDescriptors.mostInterfaces) interfaces"
        case .noConfiguration: "it has no configuration"
        case .cutShort(let announced, let bytes): "it announced \(announced) bytes of descriptors and sent \(bytes)"
        case .noInterface(let number): "it has no interface of class \(number)"
        case .noBulkPair(let number): "its interface \(number) lacks a bulk endpoint in each direction"
        case .textTooLong(let name, let bytes): "its \(name) has \(bytes) bytes, more than a USB text may have"
        }
    }
}
