import Dispatch
import Glibc

/// A TCP port on which this side waits for a device to connect. One device is served at a time; another waits until the
/// first has gone. The port stays open when a device goes, until the link is closed.
package final class ListeningLink: ByteLink, @unchecked Sendable {
    package let name: String
    private let host: String
    private let port: UInt16
    private let queue: DispatchQueue
    // Touched only on `queue`.
    private var listener: Int32 = -1
    private var waiting: (any DispatchSourceRead)?
    private var deliver: (@Sendable (LinkEvent) -> Void)?
    private var stream: DescriptorStream?

    package init(host: String, port: UInt16) {
        self.host = host
        self.port = port
        name = host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        queue = DispatchQueue(label: "tcp listener \(host) \(port)")
    }

    deinit { if listener >= 0 { _ = Glibc.close(listener) } }

    package func open(_ deliver: @escaping @Sendable (LinkEvent) -> Void) {
        queue.async { @Sendable [self] in
            guard stream == nil, waiting == nil else { return }
            do throws(LinkFault) {
                try listen()
                self.deliver = deliver
                waitForDevice()
            } catch {
                deliver(.ended(error))
            }
        }
    }

    package func send(_ bytes: [UInt8]) { queue.async { @Sendable [self] in stream?.send(bytes) } }

    package func close() {
        queue.async { @Sendable [self] in
            if let stream {
                // The port goes with it: nobody shall wait behind a link that is closed.
                closeListener()
                stream.end(nil)
            } else if waiting != nil {
                stopWaiting { @Sendable [self] in
                    closeListener()
                    let deliver = deliver
                    self.deliver = nil
                    deliver?(.ended(nil))
                }
            } else {
                // Between two devices.
                closeListener()
            }
        }
    }

    // MARK: The port

    private func listen() throws(LinkFault) {
        guard listener < 0 else { return }
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_NUMERICSERV | AI_PASSIVE
        var list: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, "\(port)", &hints, &list)
        guard code == 0, let address = list?.pointee else {
            throw .unreachable(place: name, reason: String(cString: gai_strerror(code)).lowercased())
        }
        defer { freeaddrinfo(list) }
        do throws(SystemCallFailure) {
            let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
            let socket = try systemCall("socket") { Glibc.socket(address.ai_family, kind, 0) }
            do throws(SystemCallFailure) {
                var one: Int32 = 1
                // A daemon that starts again shall not wait for the end of old connections.
                _ = setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &one, socklen_t(MemoryLayout<Int32>.size))
                try systemCall("bind") { bind(socket, address.ai_addr, address.ai_addrlen) }
                try systemCall("listen") { Glibc.listen(socket, Self.mostWaiting) }
                listener = socket
            } catch {
                _ = Glibc.close(socket)
                throw error
            }
        } catch {
            throw error.code == EADDRINUSE
                ? .unreachable(place: name, reason: "another program listens there") : .of(error, at: name)
        }
    }

    /// Devices that may wait while one is served.
    private static let mostWaiting: Int32 = 4

    private func closeListener() {
        guard listener >= 0 else { return }
        _ = Glibc.close(listener)
        listener = -1
    }

    private func waitForDevice() {
        let source = DispatchSource.makeReadSource(fileDescriptor: listener, queue: queue)
        source.setEventHandler { @Sendable [weak self] in self?.accept() }
        waiting = source
        source.activate()
    }

    /// The descriptor goes on to other uses only when the source has let go of it.
    private func stopWaiting(then next: @escaping @Sendable () -> Void) {
        guard let source = waiting else { return }
        waiting = nil
        source.setCancelHandler { @Sendable in next() }
        source.cancel()
    }

    private func accept() {
        guard waiting != nil, stream == nil else { return }
        let device: Int32
        do throws(SystemCallFailure) {
            device = try systemCall("accept") { Glibc.accept(listener, nil, nil) }
            _ = fcntl(device, F_SETFD, FD_CLOEXEC)
            _ = fcntl(device, F_SETFL, O_NONBLOCK)
        } catch {
            // It went again before it was let in.
            return
        }
        stopWaiting { @Sendable [self] in serve(device) }
    }

    private func serve(_ device: Int32) {
        guard let deliver else {
            _ = Glibc.close(device)
            return
        }
        var one: Int32 = 1
        let size = socklen_t(MemoryLayout<Int32>.size)
        _ = setsockopt(device, Int32(IPPROTO_TCP), TCP_NODELAY, &one, size)
        _ = setsockopt(device, SOL_SOCKET, SO_KEEPALIVE, &one, size)
        self.deliver = nil
        let opened = DescriptorStream(
            owning: device, place: name, queue: queue, isSocket: true,
            deliver: { @Sendable [self] event in
                if case .ended = event { stream = nil }
                deliver(event)
            })
        stream = opened
        opened.start()
    }
}
