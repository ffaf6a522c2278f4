import Glibc

/// A pump that calls its manager: connects to a TCP port, and again half a second after the connection has gone.
package final class TCPCaller: Outlet {
    private let host: String
    private let port: UInt16
    private var line: Descriptor?
    private var backlog = Backlog()
    private var isNew = false
    private var isPlugged = true
    /// When it was tried last, in milliseconds of a clock that never goes back.
    private var triedAt: Int?

    private static let pauseMilliseconds = 500

    /// `text` is `HOST:PORT`, an IPv4 address or localhost.
    package init(_ text: String) throws(OutletFailure) {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]), port > 0 else {
            throw OutletFailure(
                what: "--connect \(text)", errno: EINVAL, remedy: "Give HOST:PORT, such as 127.0.0.1:7001.")
        }
        let name = String(text[..<colon])
        host = name == "localhost" || name.isEmpty ? "127.0.0.1" : name
        self.port = port
        var address = in_addr()
        guard inet_pton(AF_INET, host, &address) == 1 else {
            throw OutletFailure(
                what: "--connect \(text)", errno: EINVAL, remedy: "Give an IPv4 address or localhost.")
        }
    }

    package var address: JSON { .fields(["connect": .text("\(host):\(port)")]) }
    package var descriptors: [Int32] { [line?.number].compactMap { $0 } }
    package var hasBacklog: Bool { !backlog.isEmpty }
    package var looksAgainAfterMilliseconds: Int? { line == nil ? Self.pauseMilliseconds : nil }

    package func plug() throws(OutletFailure) { isPlugged = true }

    package func unplug() {
        isPlugged = false
        backlog = Backlog()
        line = nil
    }

    package func read() -> [UInt8] {
        if line == nil { call() }
        switch line?.read() {
        case .bytes(let bytes): return bytes
        case .over:
            line = nil
            backlog = Backlog()
        case .nothing, nil: break
        }
        return []
    }

    private func call() {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        let now = time.tv_sec * 1000 + time.tv_nsec / 1_000_000
        guard isPlugged, triedAt.map({ now - $0 >= Self.pauseMilliseconds }) ?? true else { return }
        triedAt = now
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        guard inet_pton(AF_INET, host, &address.sin_addr) == 1 else { return }
        let number = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard number >= 0 else { return }
        let isConnected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(number, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard isConnected else {
            close(number)
            return
        }
        var yes: Int32 = 1
        _ = setsockopt(number, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
        line = Descriptor(number)
        isNew = true
    }

    package func write(_ bytes: [UInt8]) { backlog.write(bytes, to: line) }

    package func hostHasCome() -> Bool {
        defer { isNew = false }
        return isNew
    }
}
