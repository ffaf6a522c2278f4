import Dispatch

/// The link of a socket into which devices are plugged. Which node the device has, and what kind of line leads to it, may
/// be another after every plugging; without a device it only says that nothing is there.
package final class PluggedLink: ByteLink, @unchecked Sendable {
    /// Makes the line to a device, on the queue that everything of this link happens on.
    package typealias Line = @Sendable (LinkExecutor) -> any ByteLink

    package let name: String
    private let home: LinkExecutor
    // Touched only on the queue of `home`.
    private var line: Line?
    private var open: (any ByteLink)?
    private var wasPulled = false

    package init(name: String) {
        self.name = name
        home = LinkExecutor(label: "socket \(name)")
    }

    package var executor: LinkExecutor? { home }

    /// A device is there. One that was open before is let go.
    package func plug(_ line: @escaping Line) {
        home.queue.async { @Sendable [self] in
            pullOpenLine()
            self.line = line
        }
    }

    /// The device is gone, whether or not its line has noticed.
    package func pull() {
        home.queue.async { @Sendable [self] in
            line = nil
            pullOpenLine()
        }
    }

    private func pullOpenLine() {
        guard let open else { return }
        wasPulled = true
        open.close()
    }

    package func open(_ deliver: @escaping @Sendable (LinkEvent) -> Void) {
        home.queue.async { @Sendable [self] in
            guard open == nil else { return }
            guard let line else { return deliver(.ended(.absent(place: name))) }
            let link = line(home)
            open = link
            wasPulled = false
            link.open { @Sendable [self] event in
                guard case .ended(let fault) = event else { return deliver(event) }
                open = nil
                deliver(.ended(wasPulled && fault == nil ? .gone(place: name) : fault))
            }
        }
    }

    package func send(_ bytes: [UInt8]) { home.perform { [self] in open?.send(bytes) } }
    package func close() { home.queue.async { @Sendable [self] in open?.close() } }
}
