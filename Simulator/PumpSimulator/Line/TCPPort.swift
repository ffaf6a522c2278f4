import Glibc

/// A TCP port that serves one host at a time, as a serial line does.
package final class TCPPort: Outlet {
    private let host: String
    private var port: UInt16
    private let mayLeaveLoopback: Bool
    private var listener: ListeningSocket?
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
    package var descriptors: [Int32] { [client?.number, listener?.number].compactMap { $0 } }
    package var hasBacklog: Bool { !backlog.isEmpty }

    package func plug() throws(OutletFailure) {
        guard listener == nil else { return }
        let listening = try ListeningSocket(
            option: "--tcp", host: host, port: port, mayLeaveLoopback: mayLeaveLoopback, backlog: 1)
        port = listening.port
        listener = listening
    }

    package func unplug() {
        backlog = Backlog()
        client = nil
        listener = nil
    }

    package func read() -> [UInt8] {
        // One host at a time: a second one is turned away.
        if let arrived = listener?.accept(), client == nil {
            client = arrived
            backlog = Backlog()
            isNew = true
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
