import PumpLinks
import TestSupport
import Testing

/// What a device says of itself is read without believing any of it.
@Suite("USB descriptors")
struct USBDescriptorTests {
    private typealias Bytes = DescriptorBytes

    @Test("a pump's descriptors lead to its two bulk endpoints")
    func pump() throws {
        let read = USBDescriptors(Bytes.pump)
        #expect(read.problem == nil)
        #expect(read.vendor == 0x1209 && read.product == 0x0002)
        #expect(
            try read.bulkPair(ofClass: 0x0F)
                == USBBulkPair(interface: 0, inbound: 0x81, outbound: 0x02, inboundBytes: 512, outboundBytes: 512))
    }

    @Test("extra interfaces, other settings and other endpoints do not lead astray")
    func extras() throws {
        let read = USBDescriptors(
            Bytes.device()
                + Bytes.configuration([
                    Bytes.interface(0, ofClass: 3), Bytes.endpoint(0x81, attributes: 3, mostBytes: 8),
                    Bytes.interface(1, ofClass: 0x0F, endpoints: 0),
                    Bytes.interface(2, ofClass: 0x0F, alternate: 1), Bytes.endpoint(0x87), Bytes.endpoint(0x07),
                    Bytes.interface(2, ofClass: 0x0F), Bytes.endpoint(0x83, attributes: 3, mostBytes: 8),
                    Bytes.endpoint(0x84, mostBytes: 64), Bytes.endpoint(0x05, mostBytes: 64),
                    Bytes.interface(3, ofClass: 8), Bytes.endpoint(0x86), Bytes.endpoint(0x06),
                ]))
        #expect(
            try read.bulkPair(ofClass: 0x0F)
                == USBBulkPair(interface: 2, inbound: 0x84, outbound: 0x05, inboundBytes: 64, outboundBytes: 64))
    }

    @Test(
        "a device that cannot be read is refused with the reason",
        arguments: [
            ([UInt8](), USBDescriptorProblem.noDevice),
            ([18, 1, 0, 2], .badLength(18, at: 0, left: 4)),
            (Bytes.configuration([]), .noDevice),
            (Bytes.device(), .noConfiguration),
            (Bytes.device() + [0, 2, 9, 9], .badLength(0, at: 18, left: 4)),
            (Bytes.device() + [9, 2, 9], .badLength(9, at: 18, left: 3)),
            (Bytes.device() + Bytes.configuration([], announced: 4000), .cutShort(announced: 4018, bytes: 27)),
            (Bytes.device() + Bytes.configuration([[5, 4, 0, 0, 0]]), .short(kind: 4, at: 27)),
            (Bytes.device() + Bytes.configuration([Bytes.endpoint(0x81)]), .endpointOutside(at: 27)),
            (
                Bytes.device() + Bytes.configuration((0..<200).map { Bytes.interface($0, ofClass: 0x0F) }),
                .tooManyInterfaces
            ),
            (Bytes.device() + Bytes.configuration([Bytes.interface(0, ofClass: 8)]), .noInterface(interfaceClass: 15)),
            (Bytes.device() + Bytes.configuration([Bytes.interface(4, ofClass: 15)]), .noBulkPair(interface: 4)),
            (
                Bytes.device()
                    + Bytes.configuration([Bytes.interface(4, ofClass: 15), Bytes.endpoint(0x81), Bytes.endpoint(0x82)]),
                .noBulkPair(interface: 4)
            ),
            (
                Bytes.device()
                    + Bytes.configuration([
                        Bytes.interface(4, ofClass: 15), Bytes.endpoint(0x81, mostBytes: 0), Bytes.endpoint(0x02),
                    ]), .noBulkPair(interface: 4)
            ),
        ] as [([UInt8], USBDescriptorProblem)])
    func refused(bytes: [UInt8], problem: USBDescriptorProblem) {
        #expect(throws: problem) { try USBDescriptors(bytes).bulkPair(ofClass: 0x0F) }
        #expect(problem.description.hasPrefix("it"))
    }

    @Test("descriptors of a megabyte are not read")
    func endless() {
        let bytes = Bytes.pump + [UInt8](repeating: 1, count: 1 << 20)
        #expect(USBDescriptors(bytes).problem == .tooLong(bytes: bytes.count))
    }

    @Test("whatever bytes a device sends, reading them ends, and what comes out can be used")
    func noise() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededGenerator(seed: seed)
        for _ in 0..<4_000 {
            var bytes = Bytes.pump
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes.removeSubrange(place..<min(bytes.count, place + 3))
                default: bytes.insert(contentsOf: bytes[place...].prefix(20), at: place)
                }
                if bytes.isEmpty { bytes = [0] }
            }
            guard let pair = try? USBDescriptors(bytes).bulkPair(ofClass: 0x0F) else { continue }
            let isUsable =
                pair.inbound & 0x80 != 0 && pair.outbound & 0x80 == 0 && (1...1024).contains(pair.inboundBytes)
            #expect(isUsable, "seed \(seed)")
        }
    }
}

@Suite("What udev says of a device")
struct DeviceDescriptionTests {
    private func port(_ properties: [String: String], _ attributes: [String: String] = [:]) -> PluggedDevice {
        DeviceDescription(
            kind: .serialPort, sysfsPath: "/sys/devices/x/tty/ttyUSB0", node: "/dev/ttyUSB0", properties: properties,
            attributes: attributes, usbName: "1-2"
        ).device
    }

    @Test("udev's properties count before the kernel's attributes")
    func both() {
        let device = port(
            [
                "ID_VENDOR_ID": "0403", "ID_MODEL_ID": "6001", "ID_SERIAL_SHORT": "A50285BI",
                "ID_PATH": "pci-0000:00:14.0-usb-0:2:1.0", "ID_USB_INTERFACE_NUM": "00",
            ], ["serial": "A50285 BI", "idVendor": "ffff"])
        #expect(device.numbers == "0403:6001")
        #expect(device.serial == "A50285BI")
        #expect(device.path == "pci-0000:00:14.0-usb-0:2:1.0")
        #expect(device.problem == nil)
    }

    @Test("without udev the kernel's own words do; an adapter without a serial number has none")
    func bare() {
        let device = port([:], ["idVendor": "1a86", "idProduct": "7523", "serial": ""])
        #expect(device.numbers == "1a86:7523")
        #expect(device.serial == nil)
        #expect(device.path == "usb-1-2")
    }

    @Test("the two ports of one adapter are two sockets, also without udev's paths")
    func twoPorts() {
        #expect(port(["ID_USB_INTERFACE_NUM": "00"]).path != port(["ID_USB_INTERFACE_NUM": "01"]).path)
    }

    @Test("a text of a megabyte is no text, and the device is marked")
    func endlessText() {
        let device = port(["ID_SERIAL_SHORT": String(repeating: "A", count: 1 << 20)])
        #expect(device.serial == nil)
        #expect(device.problem == .textTooLong(name: "ID_SERIAL_SHORT", bytes: 1 << 20))
    }

    @Test("control characters in a device's texts reach nobody's terminal")
    func controlCharacters() {
        #expect(port(["ID_MODEL": "pump\u{1B}[2J"]).title == "pump\\u{1b}[2J")
    }
}
