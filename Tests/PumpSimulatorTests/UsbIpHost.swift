import Glibc
import PumpCore
import Testing

@testable import PumpSimulator

/// A host of USB/IP, written from the kernel's document of the protocol and from nothing of the simulator's, at a port of the
/// simulator in the same process: the port gets its turn whenever the host waits.
final class UsbIpHost {
    let port: UsbIpPort
    private let socket: Int32
    private var received: [UInt8] = []
    private(set) var isOver = false
    private var number: UInt32 = 0
    /// What reached the pump.
    private(set) var heard: [UInt8] = []

    struct NoConnection: Error {}

    static func plugged(_ function: any UsbFunction) throws -> UsbIpPort {
        try UsbIpPort("127.0.0.1:0", as: function, mayLeaveLoopback: false)
    }

    static func number(of port: UsbIpPort) throws -> UInt16 {
        try #require(port.address.line.firstMatch(of: /127\.0\.0\.1:(\d+)/).flatMap { UInt16($0.output.1) })
    }

    init(at port: UsbIpPort) throws {
        self.port = port
        socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = try Self.number(of: port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let connected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard connected == 0 else { throw NoConnection() }
        _ = fcntl(socket, F_SETFL, O_NONBLOCK)
    }

    deinit { close(socket) }

    func hangUp() { shutdown(socket, Int32(SHUT_RDWR)) }

    func send(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty, !isOver {
            let count = rest.withUnsafeBytes {
                Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count > 0 { rest = rest.dropFirst(count) } else if errno != EAGAIN { isOver = true }
            turn()
        }
    }

    /// Lets the port do what there is to do, and takes in what comes back.
    func turn() {
        heard += port.read()
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = Glibc.recv(socket, &buffer, buffer.count, 0)
            if count > 0 {
                received += buffer.prefix(count)
                continue
            }
            if count == 0 || errno != EAGAIN { isOver = true }
            return
        }
    }

    /// The next bytes, fewer where in 200 ms no more come.
    func take(_ count: Int) -> [UInt8] {
        for _ in 0..<100 where received.count < count && !isOver {
            turn()
            if received.count < count { usleep(2000) }
        }
        defer { received.removeFirst(min(count, received.count)) }
        return Array(received.prefix(count))
    }

    // MARK: The protocol

    static let importRequest =
        octets("0111 8003 00000000") + Array("1-1".utf8) + [UInt8](repeating: 0, count: 29)
    static let listRequest = octets("0111 8005 00000000")

    /// Attaches and configures, as a kernel does.
    static func attached(to port: UsbIpPort) throws -> UsbIpHost {
        let host = try UsbIpHost(at: port)
        host.send(importRequest)
        try #require(host.take(320).prefix(8) == octets("0111 0003 00000000")[...])
        try #require(host.control("00 09 0100 0000 0000") == [])
        return host
    }

    struct Reply: Equatable {
        var command, number: UInt32
        var status: Int32
        var data: [UInt8]
    }

    static func word(_ value: UInt32) -> [UInt8] { (0..<4).map { UInt8(value >> (24 - 8 * UInt32($0)) & 0xFF) } }
    private static func word(_ bytes: ArraySlice<UInt8>) -> UInt32 { bytes.reduce(0) { $0 << 8 | UInt32($1) } }

    /// The 48 bytes of a command.
    static func submit(
        _ number: UInt32, device: UInt32 = 0x10002, toHost: Bool, endpoint: UInt32, length: UInt32,
        packets: UInt32 = 0xFFFF_FFFF, setup: [UInt8] = [UInt8](repeating: 0, count: 8)
    ) -> [UInt8] {
        let words: [UInt32] = [1, number, device, toHost ? 1 : 0, endpoint, 0, length, 0, packets, 0]
        return words.flatMap(word) + setup
    }

    /// Asks for a transfer and does not wait for it.
    @discardableResult
    func submit(toHost: Bool, _ endpoint: UInt32, length: Int, data: [UInt8] = [], setup: String = "0000000000000000")
        -> UInt32
    {
        number += 1
        send(
            Self.submit(
                number, toHost: toHost, endpoint: endpoint, length: UInt32(length), setup: octets(setup))
                + data)
        return number
    }

    func unlink(_ transfer: UInt32) -> UInt32 {
        number += 1
        let words: [UInt32] = [2, number, 0x10002, 0, 0, transfer, 0, 0, 0, 0, 0, 0]
        send(words.flatMap(Self.word))
        return number
    }

    /// The next reply; nil where in 200 ms none comes. `toHost`: data follows.
    func reply(toHost: Bool = true) -> Reply? {
        let header = take(48)
        guard header.count == 48 else {
            received = header + received
            return nil
        }
        let command = Self.word(header[0..<4])
        let count = command == 3 && toHost ? Int(Self.word(header[24..<28])) : 0
        return Reply(
            command: command, number: Self.word(header[4..<8]), status: Int32(bitPattern: Self.word(header[20..<24])),
            data: take(count))
    }

    /// A control transfer without data to the device: what comes back, nil for a stall.
    func control(_ setup: String) -> [UInt8]? {
        let bytes = octets(setup)
        let length = Int(bytes[6]) | Int(bytes[7]) << 8
        submit(toHost: bytes[0] & 0x80 != 0, 0, length: length, setup: setup)
        guard let reply = reply(toHost: bytes[0] & 0x80 != 0), reply.status == 0 else { return nil }
        return reply.data
    }

    /// A control transfer that brings data to the device; false for a stall.
    func control(_ setup: String, data: [UInt8]) -> Bool {
        submit(toHost: false, 0, length: data.count, data: data, setup: setup)
        return reply(toHost: false)?.status == 0
    }
}

/// Bytes as people write them: hexadecimal, with blanks. Nothing where it is not that, so that no test passes by a slip.
func octets(_ text: String) -> [UInt8] {
    let digits = text.filter { !$0.isWhitespace }
    return bytes(fromHex: digits) ?? []
}
