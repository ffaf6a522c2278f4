import Glibc

/// A TCP port that serves one host at a time, as a serial line does.
package final class TCPPort: Outlet {
    private let host: String
    private var port: UInt16
    private let mayLeaveLoopback: Bool
    private var listener: Descriptor?
    private var client: Descriptor?
    private var backlog = Backlog()
    private var isNew = false

    /// `text` is `HOST:PORT`; port 0 takes a free one.
    package init(_ text: String, mayLeaveLoopback: Bool) throws(OutletFailure) {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
            throw OutletFailure(what: "--tcp \(text)", errno: EINVAL, remedy: "Give HOST:PORT, such as 127.0.0.1:7001.")
        }
        let name = String(text[..<colon])
        host = name == "localhost" || name.isEmpty ? "127.0.0.1" : name
        self.port = port
        self.mayLeaveLoopback = mayLeaveLoopback
        try plug()
    }

    package var address: JSON { .fields(["tcp": .text("\(host):\(port)")]) }
    package var descriptors: [Int32] { [client, listener].compactMap { $0?.number } }
    package var hasBacklog: Bool { !backlog.isEmpty }

    package func plug() throws(OutletFailure) {
        guard listener == nil else { return }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        guard inet_pton(AF_INET, host, &address.sin_addr) == 1 else {
            throw OutletFailure(
                what: "--tcp \(host):\(port)", errno: EINVAL, remedy: "Give an IPv4 address or localhost.")
        }
        guard mayLeaveLoopback || UInt32(bigEndian: address.sin_addr.s_addr) >> 24 == 127 else {
            throw OutletFailure(
                what: "--tcp \(host):\(port) is not on this machine alone", errno: EACCES,
                remedy: "Use 127.0.0.1, or say --anywhere.")
        }
        let socket = Descriptor(Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0))
        var yes: Int32 = 1
        _ = setsockopt(socket.number, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(socket.number, $0, size) == 0 }
        }
        guard isBound, listen(socket.number, 1) == 0 else {
            throw OutletFailure(
                what: "cannot listen on \(host):\(port)", errno: errno,
                remedy: "Choose another port, or 0 for a free one.")
        }
        var bound = sockaddr_in()
        var boundSize = size
        _ = withUnsafeMutablePointer(to: &bound) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(socket.number, $0, &boundSize) }
        }
        port = UInt16(bigEndian: bound.sin_port)
        listener = socket
    }

    package func unplug() {
        backlog = Backlog()
        client = nil
        listener = nil
    }

    package func read() -> [UInt8] {
        if let listener {
            let number = accept(listener.number, nil, nil)
            if number >= 0 {
                let arrived = Descriptor(number)
                // One host at a time: a second one is turned away.
                if client == nil {
                    var yes: Int32 = 1
                    _ = setsockopt(number, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
                    client = arrived
                    backlog = Backlog()
                    isNew = true
                }
            }
        }
        switch client?.read() {
        case .bytes(let bytes): return bytes
        case .over: client = nil
        case .nothing, nil: break
        }
        return []
    }

    package func write(_ bytes: [UInt8]) { backlog.write(bytes, to: client) }

    package func hostHasCome() -> Bool {
        defer { isNew = false }
        return isNew
    }
}
