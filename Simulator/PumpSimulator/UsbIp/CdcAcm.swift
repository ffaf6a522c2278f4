/// A modem of the Communications Device Class, as Linux gives it `/dev/ttyACM0` (CDC 1.2, PSTN 1.2: abstract control model).
package struct CdcAcm: UsbFunction {
    package let shape: UsbShape
    package let streamIn: UInt8 = 0x82
    package let streamOut: UInt8 = 0x02
    package let events: UInt8? = 0x81
    private var stream = BulkStream(packetSize: 512)
    /// 32-bit baud rate, stop bits, parity, data bits.
    private var lineCoding: [UInt8] = [0x80, 0x25, 0, 0, 0, 0, 8]
    private var isTerminalReady = false
    private var owesLineState = false

    /// Vendor 0x1209, product 0x0001 is what pid.codes keeps for tests: no other device has it.
    package init(name: String, serial: String?) {
        shape = UsbShape(
            vendor: 0x1209, product: 0x0001, release: 0x0100, speed: .high,
            // The interfaces are grouped by an association.
            kind: .init(0xEF, 2, 1), controlPacketSize: 64,
            interfaces: [
                UsbShape.Interface(
                    kind: .init(2, 2, 1),
                    association: [8, UsbShape.DescriptorType.association, 0, 2, 2, 2, 1, 0],
                    classDescriptors: Self.functional,
                    // Every 2^(9-1) microframes: 32 ms.
                    endpoints: [.init(address: 0x81, kind: .interrupt, packetSize: 16, interval: 9)]),
                UsbShape.Interface(
                    kind: .init(10, 0, 0),
                    endpoints: [
                        .init(address: 0x82, kind: .bulk, packetSize: 512),
                        .init(address: 0x02, kind: .bulk, packetSize: 512),
                    ]),
            ],
            maker: "PumpLedger", name: name, serial: serial)
    }

    /// Header (CDC 1.10), call management (none, data interface 1), abstract control (line requests), union of 0 and 1.
    private static let functional: [UInt8] =
        [5, UsbShape.DescriptorType.classInterface, 0x00, 0x10, 0x01]
        + [5, UsbShape.DescriptorType.classInterface, 0x01, 0x00, 1]
        + [4, UsbShape.DescriptorType.classInterface, 0x02, 0x02]
        + [5, UsbShape.DescriptorType.classInterface, 0x06, 0, 1]

    private enum Request {
        static let setLineCoding: UInt8 = 0x20
        static let getLineCoding: UInt8 = 0x21
        static let setControlLineState: UInt8 = 0x22
        static let sendBreak: UInt8 = 0x23
    }

    package mutating func control(_ setup: UsbSetup, data: [UInt8]) -> [UInt8]? {
        switch (setup.requestType, setup.request) {
        case (0x21, Request.setLineCoding):
            guard data.count == lineCoding.count else { return nil }
            lineCoding = data
            return []
        case (0xA1, Request.getLineCoding): return lineCoding
        case (0x21, Request.setControlLineState):
            let isReady = setup.value & 1 != 0
            owesLineState = owesLineState || isReady && !isTerminalReady
            isTerminalReady = isReady
            return []
        case (0x21, Request.sendBreak): return []
        default: return nil
        }
    }

    /// A terminal that is not ready (DTR) hears nothing.
    package mutating func pumpSent(_ bytes: [UInt8]) {
        if isTerminalReady { stream.append(bytes) }
    }

    package mutating func fill(_ length: Int, at now: Int) -> [UInt8]? { stream.fill(length) }

    /// SERIAL_STATE: carrier and data set ready, once the terminal is.
    package mutating func event(_ length: Int) -> [UInt8]? {
        let state: [UInt8] = [0xA1, 0x20, 0, 0, 0, 0, 2, 0, 0x03, 0x00]
        guard owesLineState, length >= state.count else { return nil }
        owesLineState = false
        return state
    }

    package mutating func readerWent() { stream.clear() }
}
