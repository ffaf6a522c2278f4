import Glibc
import PumpCore
import Testing

@testable import PumpSimulator

/// Each kind of device: its descriptors to the byte, its requests, and how the stream goes through it.
@Suite("the USB devices that a pump can be", .serialized)
struct UsbDeviceTests {
    private static let wholeConfiguration = "80 06 0002 0000 FF00"

    private static func host(_ kind: UsbKind, serial: String? = "SIM00001") throws -> UsbIpHost {
        try .attached(to: try UsbIpHost.plugged(kind.function(name: "Simulated pump", serial: serial)))
    }

    @Test("CDC-ACM: two interfaces, their association, four functional descriptors, three endpoints")
    func acmDescriptors() throws {
        let host = try Self.host(.acm)
        #expect(
            host.control("80 06 0001 0000 1200") == octets("12 01 0002 EF0201 40 0912 0100 0001 01 02 03 01"))
        #expect(
            host.control(Self.wholeConfiguration)
                == octets(
                    """
                    09 02 4B00 02 01 00 80 32
                    08 0B 00 02 02 02 01 00
                    09 04 00 00 01 02 02 01 00
                    05 24 00 1001  05 24 01 00 01  04 24 02 02  05 24 06 00 01
                    07 05 81 03 1000 09
                    09 04 01 00 02 0A 00 00 00
                    07 05 82 02 0002 00
                    07 05 02 02 0002 00
                    """))
        // At the other speed its bulk packets are 64 bytes.
        let other = try #require(host.control("80 06 0007 0000 FF00"))
        #expect(other.suffix(14) == octets("07 05 82 02 4000 00 07 05 02 02 4000 00")[...])
        #expect(other.prefix(2) == [9, 7])
    }

    @Test("CDC-ACM: line coding is kept, break is taken, an encapsulated command is stalled")
    func acmRequests() throws {
        let host = try Self.host(.acm)
        #expect(host.control("A1 21 0000 0000 0700") == octets("80250000 00 00 08"))
        #expect(host.control("21 20 0000 0000 0700", data: octets("00C20100 00 00 08")))
        #expect(host.control("A1 21 0000 0000 0700") == octets("00C20100 00 00 08"))
        #expect(host.control("21 20 0000 0000 0300", data: [1, 2, 3]) == false)
        #expect(host.control("21 23 0A00 0000 0000") == [])
        #expect(host.control("21 00 0000 0000 0000") == nil)
    }

    @Test("CDC-ACM: the carrier is told once for each opening, and a closed terminal hears nothing")
    func acmLineState() throws {
        let host = try Self.host(.acm)
        host.submit(toHost: true, 1, length: 16)
        host.submit(toHost: true, 2, length: 64)
        host.port.write([1])
        #expect(host.reply() == nil)
        #expect(host.control("21 22 0300 0000 0000") == [])
        #expect(host.reply()?.data == octets("A1 20 0000 0000 0200 0300"))
        host.submit(toHost: true, 1, length: 16)
        #expect(host.reply() == nil)
        host.port.write([2])
        #expect(host.reply()?.data == [2])
        #expect(host.control("21 22 0000 0000 0000") == [])
        host.submit(toHost: true, 2, length: 64)
        host.port.write([3])
        #expect(host.reply() == nil)
    }

    @Test("FTDI: an FT232R, to the byte")
    func ftdiDescriptors() throws {
        let host = try Self.host(.ftdi)
        #expect(
            host.control("80 06 0001 0000 1200") == octets("12 01 0002 000000 08 0304 0160 0006 01 02 03 01"))
        #expect(
            host.control(Self.wholeConfiguration)
                == octets(
                    """
                    09 02 2000 01 01 00 80 32
                    09 04 00 00 02 FF FF FF 00
                    07 05 81 02 4000 00
                    07 05 02 02 4000 00
                    """))
        // Full speed only: there is no other speed to tell of.
        #expect(host.control("80 06 0006 0000 0A00") == nil)
        #expect(host.control("80 06 0007 0000 FF00") == nil)
    }

    @Test("FTDI: every request of the kernel's driver is taken, the latency is kept, others are stalled")
    func ftdiRequests() throws {
        let host = try Self.host(.ftdi)
        #expect(host.control("C0 0A 0000 0000 0100") == [16])
        #expect(host.control("40 09 0100 0000 0000") == [])
        #expect(host.control("C0 0A 0000 0000 0100") == [1])
        #expect(host.control("40 09 0000 0000 0000") == nil)
        #expect(host.control("C0 05 0000 0000 0200") == [0x01, 0x60])
        #expect(host.control("C0 90 0000 0000 0200") == [0xFF, 0xFF])
        for request in [
            "00 0000", "00 0100", "00 0200", "01 0101", "02 0000", "03 3841", "04 0800", "06 0000", "07 0000",
        ] {
            #expect(host.control("40 \(request) 0000 0000") == [], "\(request)")
        }
        #expect(host.control("40 55 0000 0000 0000") == nil)
    }

    @Test("FTDI: two status bytes in each packet; full packets go at once, the rest with the latency timer")
    func ftdiPackets() {
        var ftdi = Ftdi(name: "n", serial: "s")
        let millisecond = 1_000_000
        let status: [UInt8] = [0x01, 0x60]
        // Nothing to say: two bytes every 16 ms.
        #expect(ftdi.fill(512, at: 0) == [0x01, 0x60])
        #expect(ftdi.fill(512, at: 15 * millisecond) == nil)
        #expect(ftdi.fillsAt == 16 * millisecond)
        #expect(ftdi.fill(512, at: 16 * millisecond) == [0x01, 0x60])
        // A short reply waits for the timer.
        ftdi.pumpSent([1, 2, 3])
        #expect(ftdi.fill(512, at: 20 * millisecond) == nil)
        #expect(ftdi.fill(512, at: 32 * millisecond) == [0x01, 0x60, 1, 2, 3])
        // Eight full packets fill the transfer and do not wait.
        let long = (0..<500).map { UInt8($0 % 251) }
        ftdi.pumpSent(long)
        let full = ftdi.fill(512, at: 33 * millisecond) ?? []
        #expect(full.count == 512)
        for packet in 0..<8 {
            let start = 64 * packet
            #expect(Array(full[start..<(start + 2)]) == [0x01, 0x60])
            #expect(Array(full[(start + 2)..<(start + 64)]) == Array(long[(62 * packet)..<(62 * packet + 62)]))
        }
        #expect(ftdi.fill(512, at: 34 * millisecond) == nil)
        #expect(ftdi.fill(512, at: 49 * millisecond) == status + Array(long.suffix(4)))
        // Exactly one packet: the timer closes the transfer with an empty one.
        ftdi.pumpSent(Array(long.prefix(62)))
        #expect(ftdi.fill(512, at: 65 * millisecond) == status + Array(long.prefix(62)) + status)
    }

    @Test("FTDI: over the bus the port wakes by itself for the latency timer")
    func ftdiTimer() throws {
        let host = try Self.host(.ftdi)
        #expect(host.port.wakesAt == nil)
        for _ in 0..<3 {
            host.submit(toHost: true, 1, length: 512)
            #expect(host.reply()?.data == [0x01, 0x60])
        }
        host.submit(toHost: true, 1, length: 512)
        #expect(host.port.wakesAt != nil)
        host.port.write([7])
        #expect(host.reply()?.data == [0x01, 0x60, 7])
    }

    @Test("CareLink: the stick's own numbers and bare packets of 64 bytes")
    func careLink() throws {
        let host = try Self.host(.carelink)
        #expect(
            host.control("80 06 0001 0000 1200") == octets("12 01 0002 FF0000 40 210A 0180 0001 01 02 03 01"))
        host.submit(toHost: true, 1, length: 64)
        host.port.write([1, 0x55, 0])
        #expect(host.reply()?.data == [1, 0x55, 0])
        host.submit(toHost: false, 2, length: 3, data: [4, 0, 0])
        #expect(host.reply(toHost: false)?.status == 0)
        #expect(host.heard == [4, 0, 0])
    }

    @Test("a device without a serial number has no third string")
    func noSerial() throws {
        let host = try Self.host(.ftdi, serial: nil)
        #expect(host.control("80 06 0001 0000 1200")?.suffix(4) == [1, 2, 0, 1])
        #expect(host.control("80 06 0303 0904 FF00") == nil)
    }

    @Test("PHDC: class function, specialisation and quality of service stand where the class puts them")
    func phdcDescriptors() throws {
        let host = try Self.host(.phdc)
        #expect(
            host.control("80 06 0001 0000 1200") == octets("12 01 0002 000000 40 0912 0200 0001 01 02 03 01"))
        #expect(
            host.control(Self.wholeConfiguration)
                == octets(
                    """
                    09 02 3D00 01 01 00 80 32
                    09 04 00 00 03 0F 00 00 00
                    04 20 02 01
                    06 30 00 01 4910
                    07 05 01 02 0002 00  04 21 01 08
                    07 05 82 02 0002 00  04 21 01 08
                    07 05 83 03 4000 08  04 21 01 01
                    """))
    }

    /// An association request of 54 bytes: only its first four matter here.
    private static let apdu: [UInt8] = octets("E200 0032") + [UInt8](repeating: 0x42, count: 50)

    @Test(
        "PHDC: an APDU is a transfer, in whatever pieces the pump writes it, and nothing of it is lost before it is read"
    )
    func phdcTransfers() throws {
        let host = try Self.host(.phdc)
        // In pieces, and the next one in the same breath.
        host.port.write(Array(Self.apdu.prefix(1)))
        host.port.write(Array(Self.apdu[1..<3]))
        #expect(host.control("A1 00 0000 0000 0200") == [0, 0])
        host.port.write(Array(Self.apdu.dropFirst(3)) + Self.apdu)
        // Endpoint 2 has something.
        #expect(host.control("A1 00 0000 0000 0200") == [4, 0])
        for _ in 0..<2 {
            host.submit(toHost: true, 2, length: 1024)
            #expect(host.reply()?.data == Self.apdu)
        }
        #expect(host.control("A1 00 0000 0000 0200") == [0, 0])
        // The longest APDU, through a buffer of 16 KiB, and the empty packet of one that ends on a full buffer.
        let long = octets("E700 FFFC") + [UInt8](repeating: 1, count: 0xFFFC)
        host.port.write(long)
        var got: [UInt8] = []
        for _ in 0..<4 {
            host.submit(toHost: true, 2, length: 16_384)
            got += host.reply()?.data ?? []
        }
        #expect(got == long)
        host.submit(toHost: true, 2, length: 16_384)
        #expect(host.reply()?.data == [])
        // A pump that speaks something else is not cut.
        host.port.write([1, 2, 3])
        host.submit(toHost: true, 2, length: 64)
        #expect(host.reply()?.data == [1, 2, 3])
    }

    @Test("PHDC: preambles come and go with the feature, and one from the host does not reach the pump")
    func phdcPreamble() throws {
        let host = try Self.host(.phdc)
        #expect(host.control("21 03 0101 0000 0000") == [])
        host.port.write(Self.apdu)
        let preamble = Array("PhdcQoSSignature".utf8) + [1, 1, 8, 0]
        for expected in [preamble, Self.apdu] {
            host.submit(toHost: true, 2, length: 1024)
            #expect(host.reply()?.data == expected)
        }
        for data in [preamble, Self.apdu] {
            host.submit(toHost: false, 1, length: data.count, data: data)
            #expect(host.reply(toHost: false)?.status == 0)
        }
        #expect(host.heard == Self.apdu)
        #expect(host.control("21 01 0100 0000 0000") == [])
        host.port.write(Self.apdu)
        host.submit(toHost: true, 2, length: 1024)
        #expect(host.reply()?.data == Self.apdu)
        #expect(host.control("21 03 0200 0000 0000") == nil)
    }
}
