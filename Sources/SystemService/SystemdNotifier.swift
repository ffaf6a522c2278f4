import Glibc
import PumpCore
package import PumpLinks
import ServiceSocket

/// Tells systemd how the service is: one datagram a message to the socket that it names in `NOTIFY_SOCKET`
/// (sd_notify(3)). Where nobody named one, it says nothing.
package struct SystemdNotifier: Sendable {
    package enum Message: Hashable, Sendable {
        /// The store is verified and the socket open: clients may come.
        case ready
        /// A line for `systemctl status`.
        case status(String)
        /// The settings are being read again; `ready` ends it.
        case reloading
        case stopping
        /// The loop is alive.
        case watchdog
        /// Starting or stopping takes this much longer than was allowed, from now.
        case needsTime(Duration)
    }

    /// `NOTIFY_SOCKET` names something that cannot be written to.
    package enum Unusable: Error, Hashable, Sendable, CustomStringConvertible {
        case address(String)

        package var description: String {
            switch self {
            case .address(let text):
                "NOTIFY_SOCKET is \"\(printable(text))\", which is neither a path nor an abstract name. "
                    + "Start the daemon by systemd, or unset it"
            }
        }
    }

    private let address: UnixAddress?
    /// Longer than systemd ever needs to take a datagram, shorter than any watchdog.
    private static let sendSeconds = 1

    package init(environment: [String: String]) throws(Unusable) {
        guard let name = environment["NOTIFY_SOCKET"], !name.isEmpty else {
            address = nil
            return
        }
        do {
            switch name.first {
            case "/": address = try UnixAddress(path: name)
            case "@": address = try UnixAddress(abstract: String(name.dropFirst()))
            default: throw Unusable.address(name)
            }
        } catch { throw .address(name) }
    }

    package var isHeard: Bool { address != nil }

    package func send(_ messages: Message...) throws(SystemCallFailure) {
        guard let address else { return }
        let text = try messages.map { (message) throws(SystemCallFailure) in try message.line }.joined(separator: "\n")
        let descriptor = Descriptor(
            owning: try systemCall("socket") {
                socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
            })
        var wait = timeval(tv_sec: Self.sendSeconds, tv_usec: 0)
        _ = try systemCall("setsockopt SO_SNDTIMEO") {
            unsafe setsockopt(
                descriptor.number, SOL_SOCKET, SO_SNDTIMEO, &wait, socklen_t(MemoryLayout<timeval>.size))
        }
        let bytes = Array(text.utf8)
        _ = try systemCall("sendto NOTIFY_SOCKET") {
            unsafe address.withSocketAddress { pointer, length in
                unsafe sendto(descriptor.number, bytes, bytes.count, Int32(MSG_NOSIGNAL), pointer, length)
            }
        }
    }
}

extension SystemdNotifier.Message {
    fileprivate var line: String {
        get throws(SystemCallFailure) {
            switch self {
            case .ready: "READY=1"
            // A line end would begin another message.
            case .status(let text): "STATUS=" + text.split(whereSeparator: \.isNewline).joined(separator: " ")
            // systemd compares this time with those of its own messages.
            case .reloading: "RELOADING=1\nMONOTONIC_USEC=\(try monotonicMicroseconds())"
            case .stopping: "STOPPING=1"
            case .watchdog: "WATCHDOG=1"
            case .needsTime(let span): "EXTEND_TIMEOUT_USEC=\(span.microseconds)"
            }
        }
    }
}

private func monotonicMicroseconds() throws(SystemCallFailure) -> Int {
    var now = timespec()
    _ = try systemCall("clock_gettime") { unsafe clock_gettime(CLOCK_MONOTONIC, &now) }
    return now.tv_sec * 1_000_000 + now.tv_nsec / 1000
}

extension Duration {
    var microseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds.multipliedReportingOverflow(by: 1_000_000).partialValue + attoseconds / 1_000_000_000_000
    }
}
