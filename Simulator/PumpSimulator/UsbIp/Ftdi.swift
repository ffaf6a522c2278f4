/// An FTDI FT232R between a serial pump and the bus, as Linux gives it `/dev/ttyUSB0`.
///
/// Every packet of 64 bytes to the host begins with two bytes of modem and line status. A packet that is not full waits for
/// the latency timer, and when that has run out an empty one goes too: a host reads two bytes every 16 ms for ever.
package struct Ftdi: UsbFunction {
    package let shape: UsbShape
    package let streamIn: UInt8 = 0x81
    package let streamOut: UInt8 = 0x02
    private var bytes: [UInt8] = []
    private var latencyMilliseconds = Self.usualLatency
    /// When the last packet went.
    private var sentAt: Int?

    private static let packetSize = 64
    private static let payload = 62
    /// Milliseconds.
    private static let usualLatency: UInt8 = 16
    /// No modem lines (three wires: pumps have no more); transmitter empty.
    private static let status: [UInt8] = [0x01, 0x60]
    private static let most = 65_536

    package init(name: String, serial: String?) {
        shape = UsbShape(
            // 0x0600 is what tells an FT232R from its elders.
            vendor: 0x0403, product: 0x6001, release: 0x0600, speed: .full, kind: .init(0, 0, 0), controlPacketSize: 8,
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

    private enum Request {
        static let reset: UInt8 = 0
        static let setModemLines: UInt8 = 1
        static let setFlowControl: UInt8 = 2
        static let setBaudRate: UInt8 = 3
        static let setFormat: UInt8 = 4
        static let getModemStatus: UInt8 = 5
        static let setEventCharacter: UInt8 = 6
        static let setErrorCharacter: UInt8 = 7
        static let setLatency: UInt8 = 9
        static let getLatency: UInt8 = 10
        static let setBitMode: UInt8 = 11
        static let readMemory: UInt8 = 0x90
    }

    /// Of `reset`: everything, or what was received from the line.
    private static let purges: Set<UInt16> = [0, 1]

    package mutating func control(_ setup: UsbSetup, data: [UInt8]) -> [UInt8]? {
        switch (setup.requestType, setup.request) {
        case (0x40, Request.reset):
            if Self.purges.contains(setup.value) { bytes = [] }
            return []
        case (0x40, Request.setLatency):
            let latency = UInt8(setup.value & 0xFF)
            guard latency > 0 else { return nil }
            latencyMilliseconds = latency
            return []
        case (0xC0, Request.getLatency): return [latencyMilliseconds]
        case (0xC0, Request.getModemStatus): return Self.status
        // An empty memory: the chip then says what the maker gave it.
        case (0xC0, Request.readMemory): return [0xFF, 0xFF]
        case (0x40, Request.setModemLines...Request.setFormat), (0x40, Request.setEventCharacter),
            (0x40, Request.setErrorCharacter), (0x40, Request.setBitMode):
            return []
        default: return nil
        }
    }

    package mutating func pumpSent(_ new: [UInt8]) { bytes += new.prefix(max(0, Self.most - bytes.count)) }

    package var fillsAt: Int? { sentAt.map { $0 + Int(latencyMilliseconds) * 1_000_000 } ?? 0 }

    package mutating func fill(_ length: Int, at now: Int) -> [UInt8]? {
        let packets = length / Self.packetSize
        guard packets > 0 else { return [] }
        let isFull = bytes.count >= packets * Self.payload
        guard isFull || fillsAt.map({ now >= $0 }) == true else { return nil }
        sentAt = now
        var filled: [UInt8] = []
        for _ in 0..<packets {
            let payload = bytes.prefix(Self.payload)
            filled += Self.status + payload
            bytes.removeFirst(payload.count)
            if payload.count < Self.payload { break }
        }
        return filled
    }

    package mutating func readerWent() { bytes = [] }
}
