import Glibc
import PumpCore
import TestSupport
import Testing

@testable import PumpSimulator

/// The protocol, with a CDC-ACM device behind it where it does not matter which.
@Suite("a pump over USB/IP", .serialized)
struct UsbIpTests {
    private static func acm() -> CdcAcm { CdcAcm(name: "Simulated MIVA", serial: "SIM00001") }
    /// DTR and RTS: somebody opened the terminal.
    private static let open = "21 22 0300 0000 0000"

    @Test("a host that asks is told of one device, in the bytes of the protocol")
    func list() throws {
        let host = try UsbIpHost(at: try UsbIpHost.plugged(Self.acm()))
        host.send(UsbIpHost.listRequest)
        let reply = host.take(12 + 312 + 8)
        #expect(reply.prefix(12) == octets("0111 0005 00000000 00000001")[...])
        #expect(
            String(decoding: reply[12...].prefix { $0 != 0 }, as: UTF8.self) == "/sys/devices/platform/pumpsim/usb1/1-1"
        )
        #expect(Array(reply[268..<300]) == Array("1-1".utf8) + [UInt8](repeating: 0, count: 29))
        #expect(
            Array(reply[300...])
                == octets("00000001 00000002 00000003 1209 0001 0100 EF0201 01 01 02 02020100 0A000000"))
        // One question a connection.
        _ = host.take(1)
        #expect(host.isOver)
    }

    @Test("the device goes to one host at a time, and only by its own bus id")
    func import_() throws {
        let port = try UsbIpHost.plugged(Self.acm())
        let stranger = try UsbIpHost(at: port)
        stranger.send(octets("0111 8003 00000000") + Array("2-1".utf8) + [UInt8](repeating: 0, count: 29))
        #expect(stranger.take(320) == octets("0111 0003 00000004"))
        let first = try UsbIpHost.attached(to: port)
        let second = try UsbIpHost(at: port)
        second.send(UsbIpHost.importRequest)
        #expect(second.take(320) == octets("0111 0003 00000002"))
        first.hangUp()
        first.turn()
        let third = try UsbIpHost.attached(to: port)
        #expect(third.control("80 08 0000 0000 0100") == [1])
    }

    @Test("standard requests are answered as USB 2.0 has them, and what there is not is stalled")
    func standardRequests() throws {
        let host = try UsbIpHost.attached(to: try UsbIpHost.plugged(Self.acm()))
        #expect(host.control("80 06 0001 0000 0800") == octets("12 01 0002 EF0201 40"))
        #expect(host.control("80 06 0603 0904 FF00") == nil)
        #expect(host.control("80 06 0003 0000 FF00") == octets("04 03 0904"))
        #expect(host.control("80 06 0303 0904 FF00") == [18, 3] + Array("SIM00001".utf8).flatMap { [$0, 0] })
        #expect(host.control("80 06 0006 0000 0A00") == octets("0A 06 0002 EF0201 40 01 00"))
        #expect(host.control("80 06 000F 0000 0500") == nil)
        #expect(host.control("80 00 0000 0000 0200") == [0, 0])
        #expect(host.control("80 08 0000 0000 0100") == [1])
        #expect(host.control("81 0A 0000 0100 0100") == [0])
        #expect(host.control("81 0A 0000 0200 0100") == nil)
        #expect(host.control("01 0B 0100 0000 0000") == nil)
        #expect(host.control("00 09 0200 0000 0000") == nil)
        // Endpoint 0x82 is halted, stalls, and is well again.
        #expect(host.control("02 03 0000 8200 0000") == [])
        #expect(host.control("82 00 0000 8200 0200") == [1, 0])
        let stalled = host.submit(toHost: true, 2, length: 64)
        #expect(host.reply() == .init(command: 3, number: stalled, status: -32, data: []))
        #expect(host.control("02 01 0000 8200 0000") == [])
        #expect(host.control("82 00 0000 8200 0200") == [0, 0])
        // An endpoint that there is not.
        host.submit(toHost: true, 7, length: 64)
        #expect(host.reply()?.status == -32)
    }

    @Test("nothing goes through an endpoint before the host has configured the device")
    func unconfigured() throws {
        let host = try UsbIpHost(at: try UsbIpHost.plugged(Self.acm()))
        host.send(UsbIpHost.importRequest)
        _ = host.take(320)
        host.submit(toHost: false, 2, length: 3, data: [1, 2, 3])
        #expect(host.reply(toHost: false)?.status == -32)
        #expect(host.heard == [])
    }

    @Test("bytes go both ways, whatever transfers the host makes of them")
    func bothWays() throws {
        let port = try UsbIpHost.plugged(Self.acm())
        let host = try UsbIpHost.attached(to: port)
        #expect(host.control(Self.open) == [])
        host.submit(toHost: false, 2, length: 5, data: Array("hello".utf8))
        #expect(host.reply(toHost: false)?.status == 0)
        #expect(host.heard == Array("hello".utf8))
        let first = host.submit(toHost: true, 2, length: 4)
        let second = host.submit(toHost: true, 2, length: 512)
        #expect(host.reply() == nil)
        port.write(Array("pump SIM00001".utf8))
        #expect(host.reply() == .init(command: 3, number: first, status: 0, data: Array("pump".utf8)))
        #expect(host.reply() == .init(command: 3, number: second, status: 0, data: Array(" SIM00001".utf8)))
    }

    @Test("a transfer that ends on a full packet and a full buffer is closed by an empty one")
    func emptyPacket() throws {
        let port = try UsbIpHost.plugged(Self.acm())
        let host = try UsbIpHost.attached(to: port)
        _ = host.control(Self.open)
        host.submit(toHost: true, 2, length: 1024)
        let full = [UInt8](repeating: 0x55, count: 1024)
        port.write(full)
        #expect(host.reply()?.data == full)
        let next = host.submit(toHost: true, 2, length: 1024)
        #expect(host.reply() == .init(command: 3, number: next, status: 0, data: []))
        // And only once.
        host.submit(toHost: true, 2, length: 1024)
        #expect(host.reply() == nil)
    }

    @Test("a transfer that is taken back brings nothing, and one that came already is not taken back")
    func unlink() throws {
        let port = try UsbIpHost.plugged(Self.acm())
        let host = try UsbIpHost.attached(to: port)
        _ = host.control(Self.open)
        let first = host.submit(toHost: true, 2, length: 64)
        let second = host.submit(toHost: true, 2, length: 64)
        let taking = host.unlink(first)
        #expect(host.reply() == .init(command: 4, number: taking, status: -104, data: []))
        port.write([1, 2, 3])
        #expect(host.reply() == .init(command: 3, number: second, status: 0, data: [1, 2, 3]))
        let late = host.unlink(second)
        #expect(host.reply() == .init(command: 4, number: late, status: 0, data: []))
    }

    @Test("what is sent to a port that nobody reads is lost, and a new reader does not find it")
    func nobodyReads() throws {
        let port = try UsbIpHost.plugged(Self.acm())
        let host = try UsbIpHost.attached(to: port)
        _ = host.control(Self.open)
        port.write(Array("before".utf8))
        let first = host.submit(toHost: true, 2, length: 64)
        #expect(host.reply() == nil)
        _ = host.unlink(first)
        #expect(host.reply()?.status == -104)
        port.write(Array("between".utf8))
        host.submit(toHost: true, 2, length: 64)
        #expect(host.reply() == nil)
        port.write(Array("after".utf8))
        #expect(host.reply()?.data == Array("after".utf8))
    }

    @Test("a pulled cable ends the connection after what was sent, and the next plug is found at the same place")
    func yank() throws {
        let port = try UsbIpHost.plugged(Self.acm())
        let place = try UsbIpHost.number(of: port)
        let host = try UsbIpHost.attached(to: port)
        _ = host.control(Self.open)
        host.submit(toHost: true, 2, length: 64)
        let open = host.submit(toHost: true, 2, length: 64)
        port.write(Array("last words".utf8))
        port.unplug()
        #expect(host.reply()?.data == Array("last words".utf8))
        #expect(host.reply() == nil)
        #expect(host.isOver)
        #expect(throws: UsbIpHost.NoConnection.self) { try UsbIpHost(at: port) }
        try port.plug()
        #expect(try UsbIpHost.number(of: port) == place)
        let again = try UsbIpHost.attached(to: port)
        #expect(again.control("80 08 0000 0000 0100") == [1])
        // Nothing is left of the transfer that was open.
        #expect(again.unlink(open) > 0)
        #expect(again.reply()?.status == 0)
    }

    @Test(
        "a host that breaks the protocol is let go, and the next one is served",
        arguments: [
            ("a version nobody knows", "0100 8003 00000000", false),
            ("an operation nobody knows", "0111 8007 00000000", false),
            ("letters", "474554202F20485454502F312E310D0A", false),
            ("a command nobody knows", "00000005" + zeros(44), true),
            ("a reply", "00000003" + zeros(44), true),
            ("another device", submit(device: 0x1_0003), true),
            ("a direction that there is not", submit(direction: 2), true),
            ("an endpoint that there is not", submit(endpoint: 16), true),
            ("a negative length", submit(length: 0xFFFF_FFFF), true),
            ("more than anybody sends", submit(length: 0x0010_0001), true),
            ("more than memory", submit(length: 0x7FFF_FFFF), true),
            ("isochronous packets", submit(packets: 8), true),
            ("minus two packets", submit(packets: 0xFFFF_FFFE), true),
        ])
    func garbage(what: String, hex: String, isAttached: Bool) throws {
        let port = try UsbIpHost.plugged(Self.acm())
        let host = isAttached ? try UsbIpHost.attached(to: port) : try UsbIpHost(at: port)
        host.send(octets(hex))
        _ = host.take(1)
        #expect(host.isOver, "\(what)")
        #expect(host.heard == [])
        let next = try UsbIpHost.attached(to: port)
        #expect(next.control("80 08 0000 0000 0100") == [1])
    }

    private static func zeros(_ count: Int) -> String { String(repeating: "00", count: count) }

    private static func submit(
        device: UInt32 = 0x1_0002, direction: UInt32 = 1, endpoint: UInt32 = 2, length: UInt32 = 64,
        packets: UInt32 = 0
    ) -> String {
        let words: [UInt32] = [1, 9, device, direction, endpoint, 0, length, 0, packets, 0, 0, 0]
        return words.flatMap(UsbIpHost.word).hex
    }

    @Test("a host that announces more than it sends holds nobody up, and is let go when it hangs up")
    func shortData() throws {
        let port = try UsbIpHost.plugged(Self.acm())
        let host = try UsbIpHost.attached(to: port)
        host.send(UsbIpHost.submit(9, toHost: false, endpoint: 2, length: 1000) + [1, 2, 3])
        #expect(host.reply(toHost: false) == nil)
        let asking = try UsbIpHost(at: port)
        asking.send(UsbIpHost.listRequest)
        #expect(asking.take(332).count == 332)
        host.hangUp()
        let next = try UsbIpHost.attached(to: port)
        #expect(next.control("80 08 0000 0000 0100") == [1])
        #expect(next.heard == [])
    }

    @Test("more open transfers than anybody has, or one number twice, end the connection")
    func bounds() throws {
        let port = try UsbIpHost.plugged(Self.acm())
        let host = try UsbIpHost.attached(to: port)
        for _ in 0..<1024 { host.submit(toHost: true, 2, length: 64) }
        host.turn()
        #expect(!host.isOver)
        host.submit(toHost: true, 2, length: 64)
        _ = host.take(1)
        #expect(host.isOver)
        let other = try UsbIpHost.attached(to: port)
        for _ in 0..<2 { other.send(UsbIpHost.submit(7, toHost: true, endpoint: 2, length: 64)) }
        _ = other.take(1)
        #expect(other.isOver)
    }

    @Test("hosts that connect and say nothing do not keep the device from one that asks")
    func silentHosts() throws {
        let port = try UsbIpHost.plugged(Self.acm())
        var silent: [UsbIpHost] = []
        for _ in 0..<20 {
            let host = try UsbIpHost(at: port)
            host.turn()
            silent.append(host)
        }
        #expect(port.descriptors.count <= 9)
        #expect(try UsbIpHost.attached(to: port).control("80 08 0000 0000 0100") == [1])
    }

    @Test("random bytes never end the port, before attaching or after")
    func noise() throws {
        var random = SeededGenerator(seed: 0xA4222)
        let port = try UsbIpHost.plugged(Self.acm())
        for round in 0..<200 {
            let host = round % 2 == 0 ? try UsbIpHost(at: port) : try UsbIpHost.attached(to: port)
            // Half of them begin like a command, so that the fields behind are reached.
            let start = round % 4 == 1 ? UsbIpHost.word(1) + UsbIpHost.word(1) + UsbIpHost.word(0x10002) : []
            host.send(
                start
                    + (0..<Int.random(in: 1...200, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random)
                    })
            host.turn()
            host.hangUp()
            host.turn()
        }
        #expect(try UsbIpHost.attached(to: port).control("80 08 0000 0000 0100") == [1], "seed 0xA4222")
    }
}
