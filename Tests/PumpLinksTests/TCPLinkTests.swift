import Foundation
import Glibc
import TestSupport
import Testing

@testable import PumpLinks

/// A server with one guest, on the loopback.
private final class Server {
    let port: UInt16
    private let listener: Int32
    private var guest: Int32 = -1

    init() throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
                bind(listener, raw, size) == 0 && getsockname(listener, raw, &size) == 0
            }
        }
        guard bound, listen(listener, 1) == 0 else { throw Pty.Unavailable() }
        self.listener = listener
        port = UInt16(bigEndian: address.sin_port)
    }

    func accept() { guest = Glibc.accept(listener, nil, nil) }
    func write(_ bytes: [UInt8]) { _ = Glibc.write(guest, bytes, bytes.count) }

    func read(_ count: Int) -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: count)
        let got = Glibc.recv(guest, &buffer, count, Int32(MSG_WAITALL))
        return Array(buffer.prefix(max(0, got)))
    }

    func hangUp() {
        if guest >= 0 { _ = close(guest) }
        guest = -1
    }

    deinit {
        hangUp()
        _ = close(listener)
    }
}

@Suite("TCP links", .serialized, .timeLimit(.minutes(1)))
struct TCPLinkTests {
    @Test("bytes go both ways, and the other side's hanging up ends the link")
    func roundTrip() throws {
        let server = try Server()
        let link = TCPLink(host: "127.0.0.1", port: server.port)
        let ear = Ear()
        link.open(ear.deliver)
        server.accept()
        #expect(ear.waits { $0.events.first == .opened })
        link.send([1, 2, 3])
        #expect(server.read(3) == [1, 2, 3])
        server.write([4, 5])
        #expect(ear.waits { $0.bytes == [4, 5] })
        server.hangUp()
        #expect(ear.waits(1) { $0.end == .some(.gone(place: "127.0.0.1:\(server.port)")) })
    }

    @Test("nobody listens: unreachable, in plain words")
    func refused() throws {
        let server = try Server()
        let port = server.port
        withExtendedLifetime(server) {}
        let link = TCPLink(host: "127.0.0.1", port: port == 1 ? 2 : 1)
        let ear = Ear()
        link.open(ear.deliver)
        #expect(ear.waits { $0.end != nil })
        guard case .unreachable(_, let reason)?? = ear.end else {
            Issue.record("\(ear.events)")
            return
        }
        #expect(reason == "connection refused")
    }

    @Test("two hundred connections leave no descriptor behind")
    func descriptors() throws {
        let server = try Server()
        func once(_ hangsUp: Bool) {
            let link = TCPLink(host: "127.0.0.1", port: server.port)
            let ear = Ear()
            link.open(ear.deliver)
            server.accept()
            ear.waits { $0.events.first == .opened }
            if hangsUp { server.hangUp() } else { link.close() }
            #expect(ear.waits { $0.end != nil })
            server.hangUp()
        }
        once(true)
        let before = openDescriptors()
        for round in 0..<200 { once(round.isMultiple(of: 2)) }
        // Suites that run beside this one hold a few of their own; a leak would show as a hundred.
        #expect(openDescriptors() - before < 50)
    }
}
