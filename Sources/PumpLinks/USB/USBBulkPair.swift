/// The two pipes of a device that are read and written as one line of bytes.
package struct USBBulkPair: Hashable, Sendable {
    package var interface: UInt8
    /// Addresses of the endpoints.
    package var inbound: UInt8
    package var outbound: UInt8
    /// Of one packet in each direction.
    package var inboundBytes: Int
    package var outboundBytes: Int

    package init(interface: UInt8, inbound: UInt8, outbound: UInt8, inboundBytes: Int, outboundBytes: Int) {
        self.interface = interface
        self.inbound = inbound
        self.outbound = outbound
        self.inboundBytes = inboundBytes
        self.outboundBytes = outboundBytes
    }
}

extension USBDescriptors {
    /// The first interface of the class that has a bulk endpoint in each direction, in its first setting: that is the one
    /// which holds without anything being sent to the device.
    package func bulkPair(ofClass wanted: UInt8) throws(USBDescriptorProblem) -> USBBulkPair {
        if let problem { throw problem }
        let candidates = interfaces.filter { $0.interfaceClass == wanted && $0.alternate == 0 }
        guard let first = candidates.first else { throw .noInterface(interfaceClass: wanted) }
        for candidate in candidates {
            let bulk = candidate.endpoints.filter { $0.isBulk && $0.isUsable }
            guard let inbound = bulk.first(where: \.isInbound), let outbound = bulk.first(where: { !$0.isInbound })
            else { continue }
            return USBBulkPair(
                interface: candidate.number, inbound: inbound.address, outbound: outbound.address,
                inboundBytes: inbound.mostBytes, outboundBytes: outbound.mostBytes)
        }
        throw .noBulkPair(interface: first.number)
    }
}
