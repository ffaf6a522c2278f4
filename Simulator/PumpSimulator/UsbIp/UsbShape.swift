/// What a USB device tells of itself: the descriptors of USB 2.0, chapter 9.
package struct UsbShape: Equatable, Sendable {
    /// As USB/IP numbers them.
    package enum Speed: UInt32, Sendable {
        case full = 2
        case high = 3
    }

    /// Class, subclass and protocol of a device or an interface.
    package struct Class: Equatable, Sendable {
        package let code, subclass, protocolCode: UInt8

        package init(_ code: UInt8, _ subclass: UInt8, _ protocolCode: UInt8) {
            (self.code, self.subclass, self.protocolCode) = (code, subclass, protocolCode)
        }

        var bytes: [UInt8] { [code, subclass, protocolCode] }
    }

    package struct Endpoint: Equatable, Sendable {
        package enum Kind: UInt8, Sendable {
            case bulk = 2
            case interrupt = 3
        }

        /// With bit 7 set: to the host.
        let address: UInt8
        let kind: Kind
        let packetSize: UInt16
        /// In frames (full speed) or as a power of two of microframes (high speed); 0 for bulk.
        var interval: UInt8 = 0
        /// What the class says of this endpoint.
        var classDescriptors: [UInt8] = []

        func bytes(packetLimit: UInt16) -> [UInt8] {
            [7, DescriptorType.endpoint, address, kind.rawValue] + littleEndian(min(packetSize, packetLimit))
                + [interval] + classDescriptors
        }
    }

    package struct Interface: Equatable, Sendable {
        let kind: Class
        /// Before the interface's own descriptor: an interface association.
        var association: [UInt8] = []
        /// What the class says of this interface.
        var classDescriptors: [UInt8] = []
        let endpoints: [Endpoint]
    }

    let vendor, product, release: UInt16
    let speed: Speed
    let kind: Class
    /// Bytes a packet of endpoint 0.
    let controlPacketSize: UInt8
    let interfaces: [Interface]
    /// Strings 1 and 2.
    let maker, name: String
    /// String 3; nil for a device without.
    let serial: String?

    static let configurationValue: UInt8 = 1

    enum DescriptorType {
        static let device: UInt8 = 1
        static let configuration: UInt8 = 2
        static let string: UInt8 = 3
        static let interface: UInt8 = 4
        static let endpoint: UInt8 = 5
        static let qualifier: UInt8 = 6
        static let otherSpeed: UInt8 = 7
        static let association: UInt8 = 11
        static let classInterface: UInt8 = 0x24
    }

    /// Nil for a descriptor that the device does not have; the host then sees a stall.
    package func descriptor(type: UInt8, index: UInt8) -> [UInt8]? {
        switch (type, index) {
        case (DescriptorType.device, 0): device
        case (DescriptorType.configuration, 0): configuration(type: type, packetLimit: .max)
        case (DescriptorType.string, _): string(index)
        // Only what can do both speeds has to say what it would be at the other one.
        case (DescriptorType.qualifier, 0) where speed == .high: qualifier
        case (DescriptorType.otherSpeed, 0) where speed == .high: configuration(type: type, packetLimit: 64)
        default: nil
        }
    }

    /// USB 2.0 in binary-coded decimals.
    private static let usb: [UInt8] = [0x00, 0x02]

    private var device: [UInt8] {
        [18, DescriptorType.device] + Self.usb + kind.bytes + [controlPacketSize] + littleEndian(vendor)
            + littleEndian(product) + littleEndian(release) + [1, 2, serial == nil ? 0 : 3, 1]
    }

    private var qualifier: [UInt8] {
        [10, DescriptorType.qualifier] + Self.usb + kind.bytes + [controlPacketSize, 1, 0]
    }

    private func configuration(type: UInt8, packetLimit: UInt16) -> [UInt8] {
        var body: [UInt8] = []
        for (number, interface) in interfaces.enumerated() {
            body += interface.association
            body += [
                9, DescriptorType.interface, UInt8(clamping: number), 0, UInt8(clamping: interface.endpoints.count),
            ]
            body += interface.kind.bytes + [0] + interface.classDescriptors
            for endpoint in interface.endpoints { body += endpoint.bytes(packetLimit: packetLimit) }
        }
        // Powered by the bus, 100 mA in steps of 2 mA.
        return [9, type] + littleEndian(UInt16(clamping: 9 + body.count))
            + [UInt8(clamping: interfaces.count), Self.configurationValue, 0, 0x80, 50] + body
    }

    private func string(_ index: UInt8) -> [UInt8]? {
        let text: String?
        switch index {
        // The languages: English (United States).
        case 0: return [4, DescriptorType.string, 0x09, 0x04]
        case 1: text = maker
        case 2: text = name
        case 3: text = serial
        default: return nil
        }
        guard let text else { return nil }
        // Its length is one byte.
        let units = text.utf16.prefix(126).flatMap { littleEndian($0) }
        return [UInt8(clamping: units.count + 2), DescriptorType.string] + units
    }
}

/// Low byte first, as USB has it.
func littleEndian(_ value: UInt16) -> [UInt8] { [UInt8(value & 0xFF), UInt8(value >> 8)] }
