/// The CareLink stick as the kernel's `usb_serial_simple` takes it: 0a21:8001, one bulk endpoint each way and nothing else.
///
/// No listing of a real stick's descriptors was found: the interface class (vendor) and the packets of 64 bytes are assumed
/// from the blocks in which it answers.
package struct CareLinkUsb: UsbFunction {
    package let shape: UsbShape
    package let streamIn: UInt8 = 0x81
    package let streamOut: UInt8 = 0x02
    private var stream = BulkStream(packetSize: 64)

    package init(name: String, serial: String?) {
        shape = UsbShape(
            vendor: 0x0A21, product: 0x8001, release: 0x0100, speed: .full, kind: .init(0xFF, 0, 0),
            controlPacketSize: 64,
            interfaces: [
                UsbShape.Interface(
                    kind: .init(0xFF, 0xFF, 0xFF),
                    endpoints: [
                        .init(address: 0x81, kind: .bulk, packetSize: 64),
                        .init(address: 0x02, kind: .bulk, packetSize: 64),
                    ])
            ],
            maker: "PumpLedger", name: name, serial: serial)
    }

    package mutating func pumpSent(_ bytes: [UInt8]) { stream.append(bytes) }
    package mutating func fill(_ length: Int, at now: Int) -> [UInt8]? { stream.fill(length) }
    package mutating func readerWent() { stream.clear() }
}
