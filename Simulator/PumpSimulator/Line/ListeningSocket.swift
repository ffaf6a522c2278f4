import Glibc

/// A TCP socket that hosts connect to, on this machine alone unless told otherwise.
final class ListeningSocket {
    /// The port that it got; it was asked for 0 where any would do.
    let port: UInt16
    private let socket: Descriptor

    var number: Int32 { socket.number }

    /// `option` is how the user asked for it, for errors.
    init(option: String, host: String, port: UInt16, mayLeaveLoopback: Bool, backlog: Int32)
        throws(OutletFailure)
    {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        guard inet_pton(AF_INET, host, &address.sin_addr) == 1 else {
            throw OutletFailure(
                what: "\(option) \(host):\(port)", errno: EINVAL, remedy: "Give an IPv4 address or localhost.")
        }
        guard mayLeaveLoopback || UInt32(bigEndian: address.sin_addr.s_addr) >> 24 == 127 else {
            throw OutletFailure(
                what: "\(option) \(host):\(port) is not on this machine alone", errno: EACCES,
                remedy: "Use 127.0.0.1, or say --anywhere.")
        }
        let socket = Descriptor(Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0))
        var yes: Int32 = 1
        _ = setsockopt(socket.number, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(socket.number, $0, size) == 0 }
        }
        guard isBound, listen(socket.number, backlog) == 0 else {
            throw OutletFailure(
                what: "cannot listen on \(host):\(port)", errno: errno,
                remedy: "Choose another port, or 0 for a free one.")
        }
        var bound = sockaddr_in()
        var boundSize = size
        _ = withUnsafeMutablePointer(to: &bound) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(socket.number, $0, &boundSize) }
        }
        self.port = UInt16(bigEndian: bound.sin_port)
        self.socket = socket
    }

    /// A host that has come, nil where none has. What is written to it goes at once.
    func accept() -> Descriptor? {
        let number = Glibc.accept(socket.number, nil, nil)
        guard number >= 0 else { return nil }
        var yes: Int32 = 1
        _ = setsockopt(number, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
        return Descriptor(number)
    }
}
