import Dispatch
import Glibc

/// A TCP connection that this side opens, to a serial server or a simulated pump.
package final class TCPLink: ByteLink, @unchecked Sendable {
    static let connectTimeout = DispatchTimeInterval.seconds(5)

    package let name: String
    private let host: String
    private let port: UInt16
    private let queue: DispatchQueue
    // Touched only on `queue`.
    private var stream: DescriptorStream?
    private var attempt: Attempt?

    package init(host: String, port: UInt16) {
        self.host = host
        self.port = port
        name = host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        queue = DispatchQueue(label: "tcp link \(host) \(port)")
    }

    package func open(_ deliver: @escaping @Sendable (LinkEvent) -> Void) {
        queue.async { @Sendable [self] in
            guard stream == nil, attempt == nil else { return }
            do throws(LinkFault) {
                attempt = Attempt(addresses: try addresses(), deliver: deliver)
                connectNext(after: .unreachable(place: name, reason: "it has no address"))
            } catch {
                deliver(.ended(error))
            }
        }
    }

    package func send(_ bytes: [UInt8]) { queue.async { @Sendable [self] in stream?.send(bytes) } }

    package func close() {
        queue.async { @Sendable [self] in
            stream?.end(nil)
            if let attempt { giveUp(attempt, nil) }
        }
    }

    /// An address as the resolver gave it.
    private struct Address {
        var family: Int32
        var bytes: [UInt8]
    }

    /// A connection that is on its way.
    /// Counts every connection that was tried. Touched only on `queue`.
    private var tries = 0

    private final class Attempt {
        var addresses: [Address]
        let deliver: @Sendable (LinkEvent) -> Void
        var descriptor: Int32 = -1
        var waiting: (any DispatchSourceWrite)?
        init(addresses: [Address], deliver: @escaping @Sendable (LinkEvent) -> Void) {
            self.addresses = addresses
            self.deliver = deliver
        }
    }

    private func addresses() throws(LinkFault) -> [Address] {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_NUMERICSERV
        var list: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, "\(port)", &hints, &list)
        guard code == 0 else {
            throw .unreachable(place: name, reason: String(cString: gai_strerror(code)).lowercased())
        }
        defer { freeaddrinfo(list) }
        var found: [Address] = []
        var next = list
        while let entry = next?.pointee {
            if let address = entry.ai_addr {
                let bytes = UnsafeRawBufferPointer(start: address, count: Int(entry.ai_addrlen))
                found.append(Address(family: entry.ai_family, bytes: Array(bytes)))
            }
            next = entry.ai_next
        }
        return found
    }

    private func connectNext(after fault: LinkFault) {
        guard let attempt else { return }
        guard !attempt.addresses.isEmpty else { return giveUp(attempt, fault) }
        let address = attempt.addresses.removeFirst()
        do throws(SystemCallFailure) {
            let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
            attempt.descriptor = try systemCall("socket") { socket(address.family, kind, 0) }
            try connect(attempt.descriptor, to: address)
            connected(attempt)
        } catch {
            if error.code == EINPROGRESS { return waitUntilConnected(attempt) }
            closeDescriptor(of: attempt)
            connectNext(after: .of(error, at: name))
        }
    }

    private func connect(_ descriptor: Int32, to address: Address) throws(SystemCallFailure) {
        try systemCall("connect") {
            address.bytes.withUnsafeBytes { raw in
                guard let base = raw.baseAddress else { return Int32(-1) }
                return Glibc.connect(
                    descriptor, base.assumingMemoryBound(to: sockaddr.self), socklen_t(address.bytes.count))
            }
        }
    }

    private func waitUntilConnected(_ attempt: Attempt) {
        let descriptor = attempt.descriptor
        let source = DispatchSource.makeWriteSource(fileDescriptor: descriptor, queue: queue)
        tries += 1
        let number = tries
        source.setEventHandler { @Sendable [self] in decide(number, timedOut: false) }
        attempt.waiting = source
        source.activate()
        queue.asyncAfter(deadline: .now() + Self.connectTimeout) { @Sendable [self] in
            decide(number, timedOut: true)
        }
    }

    /// A try is known by its own number, not by its descriptor's: the next one may get the same.
    private func decide(_ number: Int, timedOut: Bool) {
        guard number == tries, let attempt, let source = attempt.waiting else { return }
        let descriptor = attempt.descriptor
        var code: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        if getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &size) != 0 { code = errno }
        let outcome = timedOut ? ETIMEDOUT : code
        attempt.waiting = nil
        // The descriptor goes on, or is closed, only when the source has let go of it.
        source.setCancelHandler { @Sendable [self] in
            guard number == tries, let attempt = self.attempt else { return }
            if outcome == 0 { return connected(attempt) }
            closeDescriptor(of: attempt)
            connectNext(after: .of(SystemCallFailure(call: "connect", code: outcome), at: name))
        }
        source.cancel()
    }

    private func connected(_ attempt: Attempt) {
        self.attempt = nil
        var one: Int32 = 1
        let size = socklen_t(MemoryLayout<Int32>.size)
        // Requests of a few bytes must not wait for company, and a dead peer must be noticed. Neither is vital.
        _ = setsockopt(attempt.descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, size)
        _ = setsockopt(attempt.descriptor, SOL_SOCKET, SO_KEEPALIVE, &one, size)
        let deliver = attempt.deliver
        let opened = DescriptorStream(
            owning: attempt.descriptor, place: name, queue: queue, isSocket: true,
            deliver: { @Sendable [self] event in
                if case .ended = event { stream = nil }
                deliver(event)
            })
        stream = opened
        opened.start()
    }

    private func giveUp(_ attempt: Attempt, _ fault: LinkFault?) {
        self.attempt = nil
        guard let source = attempt.waiting else {
            closeDescriptor(of: attempt)
            return attempt.deliver(.ended(fault))
        }
        let descriptor = attempt.descriptor
        let deliver = attempt.deliver
        source.setCancelHandler { @Sendable in
            _ = Glibc.close(descriptor)
            deliver(.ended(fault))
        }
        source.cancel()
    }

    private func closeDescriptor(of attempt: Attempt) {
        guard attempt.descriptor >= 0 else { return }
        _ = Glibc.close(attempt.descriptor)
        attempt.descriptor = -1
    }
}
