/// A device of the Personal Healthcare Device Class 1.0 that speaks IEEE 11073-20601: interface class 0x0F, a bulk endpoint
/// each way and an interrupt endpoint that says nothing. One APDU is one transfer.
package struct Phdc: UsbFunction {
    package let shape: UsbShape
    package let streamIn: UInt8 = 0x82
    package let streamOut: UInt8 = 0x01
    package let events: UInt8? = 0x83
    package let losesWhatNobodyReads = false
    /// Bytes of an APDU that is not whole yet.
    private var begun: [UInt8] = []
    private var transfers: [[UInt8]] = []
    private var owesEmptyPacket = false
    /// The host asked for a preamble before each transfer.
    private var sendsPreamble = false

    private static let packetSize = 512
    /// Whole transfers beyond this are lost.
    private static let most = 64

    private enum Descriptor {
        static let classFunction: UInt8 = 0x20
        static let qualityOfService: UInt8 = 0x21
        static let elevenSeventyThree: UInt8 = 0x30
        /// APDUs are those of 11073-20601.
        static let speaks20601: UInt8 = 2
        /// Preambles can be switched on.
        static let hasPreamble: UInt8 = 1
    }

    /// One bit each, as descriptors and preambles have them.
    private enum Quality {
        static let lowGood: UInt8 = 0x01
        static let mediumBest: UInt8 = 0x08
    }

    private static func quality(_ bits: UInt8) -> [UInt8] { [4, Descriptor.qualityOfService, 1, bits] }

    /// `specialisations` are codes of 11073-10101 partition 8: 4169 is the generic device.
    package init(name: String, serial: String?, specialisations: [UInt16] = [4169]) {
        let codes = specialisations.prefix(100)
        shape = UsbShape(
            // 0x1209:0x0002 is what pid.codes keeps for tests: no other device has it.
            vendor: 0x1209, product: 0x0002, release: 0x0100, speed: .high, kind: .init(0, 0, 0), controlPacketSize: 64,
            interfaces: [
                UsbShape.Interface(
                    kind: .init(0x0F, 0, 0),
                    classDescriptors: [4, Descriptor.classFunction, Descriptor.speaks20601, Descriptor.hasPreamble]
                        + [UInt8(4 + 2 * codes.count), Descriptor.elevenSeventyThree, 0, UInt8(codes.count)]
                        + codes.flatMap { littleEndian($0) },
                    endpoints: [
                        .init(
                            address: 0x01, kind: .bulk, packetSize: 512,
                            classDescriptors: Self.quality(Quality.mediumBest)),
                        .init(
                            address: 0x82, kind: .bulk, packetSize: 512,
                            classDescriptors: Self.quality(Quality.mediumBest)),
                        .init(
                            address: 0x83, kind: .interrupt, packetSize: 64, interval: 8,
                            classDescriptors: Self.quality(Quality.lowGood)),
                    ])
            ],
            maker: "PumpLedger", name: name, serial: serial)
    }

    private enum Request {
        static let getStatus: UInt8 = 0
        static let clearFeature: UInt8 = 1
        static let setFeature: UInt8 = 3
        /// In the low byte of the value.
        static let preamble: UInt16 = 1
    }

    package mutating func control(_ setup: UsbSetup, data: [UInt8]) -> [UInt8]? {
        switch (setup.requestType, setup.request) {
        case (0xA1, Request.getStatus):
            // A bit for each endpoint number that has something for the host.
            return littleEndian(transfers.isEmpty ? 0 : 1 << UInt16(streamIn & 0x0F))
        case (0x21, Request.setFeature) where setup.value & 0xFF == Request.preamble:
            sendsPreamble = true
            return []
        case (0x21, Request.clearFeature) where setup.value & 0xFF == Request.preamble:
            sendsPreamble = false
            return []
        default: return nil
        }
    }

    /// Its signature, one transfer, version 1, the quality as one bit, nothing opaque.
    private static let preamble: [UInt8] = Array("PhdcQoSSignature".utf8) + [1, 1, Quality.mediumBest, 0]

    package mutating func hostSent(_ bytes: [UInt8]) -> [UInt8] {
        sendsPreamble && bytes.starts(with: Self.preamble.prefix(16)) ? [] : bytes
    }

    /// APDUs go one a transfer, however the pump writes them; what does not begin like one goes as it was written.
    package mutating func pumpSent(_ bytes: [UInt8]) {
        begun += bytes
        while !begun.isEmpty {
            let length = Self.transferLength(begun)
            guard let length, begun.count >= length else { return }
            if transfers.count < Self.most {
                if sendsPreamble { transfers.append(Self.preamble) }
                transfers.append(Array(begun.prefix(length)))
            }
            begun.removeFirst(length)
        }
    }

    /// Nil as long as the length is not there. An APDU is a choice of E200 to E700, a 16-bit length, and as many bytes.
    private static func transferLength(_ bytes: [UInt8]) -> Int? {
        guard let first = bytes.first, (0xE2...0xE7).contains(first) else { return bytes.count }
        guard bytes.count >= 2 else { return nil }
        guard bytes[1] == 0 else { return bytes.count }
        guard bytes.count >= 4 else { return nil }
        return 4 + Int(bytes[2]) << 8 + Int(bytes[3])
    }

    package mutating func fill(_ length: Int, at now: Int) -> [UInt8]? {
        if owesEmptyPacket {
            owesEmptyPacket = false
            return []
        }
        guard length > 0, let transfer = transfers.first else { return nil }
        let taken = Array(transfer.prefix(length))
        if taken.count == transfer.count {
            transfers.removeFirst()
            // The host's buffer is full, and the last packet too: only an empty one says that this was all.
            owesEmptyPacket = taken.count == length && length % Self.packetSize == 0
        } else {
            transfers[0].removeFirst(taken.count)
        }
        return taken
    }

    package mutating func readerWent() {}
}
