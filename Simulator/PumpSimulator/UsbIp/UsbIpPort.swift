import Glibc
import PumpCore

/// The pump as a USB device that Linux attaches over USB/IP (`usbip attach -r 127.0.0.1 -b 1-1`).
///
/// Unplugging closes the connection: the host's kernel then sees the device go, as when a cable is pulled. To plug it in
/// again, attach it again.
package final class UsbIpPort: Outlet {
    /// Where the kernel's own tools look for a USB/IP server.
    package static let usualPort: UInt16 = 3240

    private let function: any UsbFunction
    private let host: String
    private var port: UInt16
    private let mayLeaveLoopback: Bool
    private var listener: ListeningSocket?
    private var connections: [Connection] = []

    /// Hosts that are only asking, and those that say nothing at all.
    private static let mostConnections = 8
    /// The most that is read in a row: others want their turn.
    private static let readsInARow = 64

    private final class Connection {
        let socket: Descriptor
        var session: UsbIpSession
        var unsent: [UInt8] = []
        var isGone = false

        init(_ socket: Descriptor, _ session: UsbIpSession) {
            self.socket = socket
            self.session = session
        }

        func flush() {
            unsent += session.takeOutput()
            while !unsent.isEmpty, !isGone {
                guard let count = socket.write(unsent[...]) else {
                    isGone = true
                    return
                }
                if count == 0 { break }
                unsent.removeFirst(count)
            }
            if unsent.count > UsbIpPort.mostUnsent { isGone = true }
        }
    }

    /// Bytes that a host did not read: beyond this it is given up.
    private static let mostUnsent = 4 << 20

    /// `text` is `HOST:PORT`, or a port of this machine; port 0 takes a free one.
    package init(_ text: String, as function: any UsbFunction, mayLeaveLoopback: Bool) throws(OutletFailure) {
        let colon = text.lastIndex(of: ":")
        let name = colon.map { String(text[..<$0]) } ?? ""
        guard let port = UInt16(colon.map { text[text.index(after: $0)...] } ?? text[...]) else {
            throw OutletFailure(
                what: "--usbip \(text)", errno: EINVAL,
                remedy: "Give HOST:PORT or a port, such as 127.0.0.1:\(Self.usualPort).")
        }
        host = name == "localhost" || name.isEmpty ? "127.0.0.1" : name
        self.port = port
        self.function = function
        self.mayLeaveLoopback = mayLeaveLoopback
        try plug()
    }

    package var address: JSON {
        let shape = function.shape
        return .fields([
            "usbip": .text("\(host):\(port)"), "busid": .text(UsbIp.busID),
            "usb": .text((bigEndian(shape.vendor).hex + ":" + bigEndian(shape.product).hex).lowercased()),
        ])
    }

    package var descriptors: [Int32] { connections.map(\.socket.number) + [listener?.number].compactMap { $0 } }
    package var hasBacklog: Bool { connections.contains { !$0.unsent.isEmpty } }
    package var wakesAt: Int? { connections.compactMap(\.session.wakesAt).min() }

    package func plug() throws(OutletFailure) {
        guard listener == nil else { return }
        let listening = try ListeningSocket(
            option: "--usbip", host: host, port: port, mayLeaveLoopback: mayLeaveLoopback,
            backlog: Int32(Self.mostConnections))
        port = listening.port
        listener = listening
    }

    package func unplug() {
        for connection in connections {
            connection.flush()
            // What was sent arrives: closing while something is unread would throw it away.
            shutdown(connection.socket.number, Int32(SHUT_WR))
            for _ in 0..<Self.readsInARow {
                guard case .bytes = connection.socket.read() else { break }
            }
        }
        connections = []
        listener = nil
    }

    package func read() -> [UInt8] {
        while let arrived = listener?.accept() {
            // Whoever has waited longest without attaching makes place.
            if connections.count >= Self.mostConnections,
                let oldest = connections.firstIndex(where: { !$0.session.isAttached })
            {
                connections.remove(at: oldest)
            }
            connections.append(Connection(arrived, UsbIpSession(UsbDevice(function))))
        }
        let now = Self.nanoseconds()
        var heard: [UInt8] = []
        for connection in connections {
            listen(to: connection, at: now)
            heard += connection.session.takeHeard()
        }
        connections.removeAll { $0.isGone || $0.session.isOver && $0.unsent.isEmpty }
        return heard
    }

    private func listen(to connection: Connection, at now: Int) {
        for _ in 0..<Self.readsInARow where !connection.isGone && !connection.session.isOver {
            switch connection.socket.read() {
            case .bytes(let bytes):
                let isFree = !connections.contains { $0 !== connection && !$0.isGone && $0.session.isAttached }
                connection.session.receive(bytes, at: now, isFree: isFree)
                continue
            case .over: connection.isGone = true
            case .nothing: break
            }
            break
        }
        connection.session.tick(at: now)
        connection.flush()
    }

    package func write(_ bytes: [UInt8]) {
        let now = Self.nanoseconds()
        for connection in connections {
            if !bytes.isEmpty { connection.session.send(bytes, at: now) }
            connection.flush()
        }
    }

    private static func nanoseconds() -> Int {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }
}
