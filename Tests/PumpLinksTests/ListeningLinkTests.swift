import Glibc
import PumpLinks
import Testing

@Suite("A port that waits for a device")
struct ListeningLinkTests {
    /// A device that connects.
    private final class Caller {
        let descriptor: Int32

        init?(port: UInt16) {
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = port.bigEndian
            address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
            let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            let isConnected = withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
                }
            }
            guard isConnected else {
                close(socket)
                return nil
            }
            descriptor = socket
        }

        deinit { close(descriptor) }

        func say(_ bytes: [UInt8]) { _ = write(descriptor, bytes, bytes.count) }

        func hear(_ count: Int) -> [UInt8] {
            var buffer = [UInt8](repeating: 0, count: count)
            let got = read(descriptor, &buffer, count)
            return Array(buffer.prefix(max(0, got)))
        }
    }

    /// A port that nobody uses now.
    private func freePort() -> UInt16 {
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(socket) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                _ = bind(socket, $0, size)
                _ = getsockname(socket, $0, &size)
            }
        }
        return UInt16(bigEndian: address.sin_port)
    }

    /// Connects as soon as somebody listens.
    private func call(_ port: UInt16) -> Caller? {
        for _ in 0..<500 {
            if let caller = Caller(port: port) { return caller }
            usleep(5_000)
        }
        return nil
    }

    @Test("a device that connects is served, and after it has gone the next one, on the same port")
    func twoInTurn() throws {
        let port = freePort()
        let link = ListeningLink(host: "127.0.0.1", port: port)
        for round in 1...3 as ClosedRange<UInt8> {
            let ear = Ear()
            link.open(ear.deliver)
            var caller = Optional(try #require(call(port)))
            caller?.say([round, 2])
            #expect(ear.waits { $0.bytes == [round, 2] })
            #expect(ear.events.first == .opened)
            link.send([9, round])
            #expect(caller?.hear(2) == [9, round])
            caller = nil
            #expect(ear.waits { $0.end == .some(.gone(place: "127.0.0.1:\(port)")) })
        }
        link.close()
    }

    @Test("a second device waits until the first has gone")
    func second() throws {
        let port = freePort()
        let link = ListeningLink(host: "127.0.0.1", port: port)
        let ear = Ear()
        link.open(ear.deliver)
        var first = Optional(try #require(call(port)))
        first?.say([1])
        #expect(ear.waits { $0.bytes == [1] })
        let second = try #require(call(port))
        second.say([2])
        #expect(!ear.waits(0.1) { $0.bytes.count > 1 })
        first = nil
        #expect(ear.waits { $0.end != nil })
        let next = Ear()
        link.open(next.deliver)
        #expect(next.waits { $0.bytes == [2] })
        link.close()
        #expect(next.waits { $0.end != nil })
    }

    @Test("closed while it waits, it ends and lets the port go")
    func closed() throws {
        let port = freePort()
        let link = ListeningLink(host: "127.0.0.1", port: port)
        let ear = Ear()
        link.open(ear.deliver)
        _ = try #require(call(port))
        let other = ListeningLink(host: "127.0.0.1", port: port)
        let refused = Ear()
        other.open(refused.deliver)
        #expect(refused.waits { $0.end != nil })
        guard case .unreachable(_, let reason)?? = refused.end else {
            Issue.record("\(refused.events)")
            return
        }
        #expect(reason == "another program listens there")
        link.close()
        #expect(ear.waits { $0.end != nil })
        #expect(Caller(port: port) == nil)
    }
}
