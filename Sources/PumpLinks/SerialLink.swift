import Dispatch
import Glibc

package struct SerialSettings: Hashable, Codable, Sendable {
    package enum Parity: String, Codable, Sendable {
        /// 8N1
        case none
        /// 7E1
        case even
    }

    /// Bits a second.
    package var baud: Int
    package var parity: Parity

    package init(baud: Int, parity: Parity = .none) {
        self.baud = baud
        self.parity = parity
    }
}

/// A serial port: `/dev/ttyUSB0`, or a pseudo-terminal.
///
/// It is opened for this process alone: a lock that other careful programs respect, TIOCEXCL for those that are not,
/// and a look at who has it open already. Two readers of one port steal each other's bytes.
package final class SerialLink: ByteLink, @unchecked Sendable {
    package let name: String
    private let settings: SerialSettings
    private let home: LinkExecutor
    /// Touched only on the queue of `home`.
    private var stream: DescriptorStream?

    private let otherHolders: @Sendable (_ path: String, _ descriptor: Int32) -> [PortHolder]

    /// - Parameter home: Where everything of the link happens; a queue of its own where none is given.
    package convenience init(path: String, settings: SerialSettings, home: LinkExecutor? = nil) {
        self.init(path: path, settings: settings, home: home, otherHolders: Self.otherHolders)
    }

    /// `otherHolders` names the processes that have the port open beside this one.
    init(
        path: String, settings: SerialSettings, home: LinkExecutor? = nil,
        otherHolders: @escaping @Sendable (_ path: String, _ descriptor: Int32) -> [PortHolder]
    ) {
        name = path
        self.settings = settings
        self.otherHolders = otherHolders
        self.home = home ?? LinkExecutor(label: "serial link \(path)")
    }

    package var executor: LinkExecutor? { home }

    package func open(_ deliver: @escaping @Sendable (LinkEvent) -> Void) {
        home.queue.async { @Sendable [self] in
            guard stream == nil else { return }
            do throws(LinkFault) {
                let opened = DescriptorStream(
                    owning: try openPort(), place: name, queue: home.queue, isSocket: false,
                    beforeClose: { _ = ioctl($0, UInt(TIOCNXCL)) },
                    deliver: { @Sendable [self] event in
                        if case .ended = event { stream = nil }
                        deliver(event)
                    })
                stream = opened
                opened.start()
            } catch {
                deliver(.ended(error))
            }
        }
    }

    package func send(_ bytes: [UInt8]) { home.perform { [self] in stream?.send(bytes) } }
    package func close() { home.queue.async { @Sendable [self] in stream?.end(nil) } }

    private func openPort() throws(LinkFault) -> Int32 {
        let descriptor: Int32
        do throws(SystemCallFailure) {
            descriptor = try systemCall("open") { Glibc.open(name, O_RDWR | O_NONBLOCK | O_NOCTTY | O_CLOEXEC) }
        } catch {
            // A port node whose device has gone: nothing is there, rather than something that went.
            throw [ENXIO, ENODEV, EIO].contains(error.code) ? .absent(place: name) : .of(error, at: name)
        }
        do throws(LinkFault) {
            try claim(descriptor)
            return descriptor
        } catch {
            _ = Glibc.close(descriptor)
            throw error
        }
    }

    private func claim(_ descriptor: Int32) throws(LinkFault) {
        guard isatty(descriptor) == 1 else { throw .notATerminal(place: name) }
        do throws(SystemCallFailure) {
            try systemCall("flock") { flock(descriptor, LOCK_EX | LOCK_NB) }
        } catch {
            throw .of(error, at: name)
        }
        // Whoever has it open without a lock is named here: by now the lock is this process's own.
        let others = otherHolders(name, descriptor)
        guard others.isEmpty else { throw .busy(place: name, holders: others) }
        do throws(SystemCallFailure) {
            try systemCall("ioctl TIOCEXCL") { ioctl(descriptor, UInt(TIOCEXCL)) }
            try TerminalSettings.makeRaw(descriptor, baud: settings.baud, parity: settings.parity)
        } catch {
            throw .of(error, at: name)
        }
    }

    /// The other end of a pseudo-terminal holds this end open too, so only real ports are looked at.
    @Sendable private static func otherHolders(_ path: String, _ descriptor: Int32) -> [PortHolder] {
        isPseudoTerminal(descriptor) ? [] : PortHolder.open(path, exceptSelf: true)
    }

    private static func isPseudoTerminal(_ descriptor: Int32) -> Bool {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return false }
        // Major numbers 136 to 143: the kernel's list of devices.
        return (136...143).contains(UInt64(status.st_rdev) >> 8 & 0xFFF)
    }
}
