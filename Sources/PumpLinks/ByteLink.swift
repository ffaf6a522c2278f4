/// What happens on a link, in order: `opened` once, `bytes` any number of times, `ended` exactly once. A link that could
/// not be opened only ends.
package enum LinkEvent: Hashable, Sendable {
    case opened
    case bytes([UInt8])
    /// Nil where this side closed it.
    case ended(LinkFault?)
}

/// A line to one device: bytes go out and come in, and at some time it ends. It knows no protocol. After it has ended it
/// may be opened again.
package protocol ByteLink: AnyObject, Sendable {
    /// What a person calls it: a path, or host and port.
    var name: String { get }
    /// Begins to open. Returns at once; everything else arrives through `deliver`, one event at a time, on a queue of
    /// the link's own.
    func open(_ deliver: @escaping @Sendable (LinkEvent) -> Void)
    /// Sends as fast as the device takes it; bytes of one call stay together. Nothing happens on a link that is closed.
    func send(_ bytes: [UInt8])
    /// Where events are delivered, for a task that wants to live there; nil where that is nobody's business.
    var executor: LinkExecutor? { get }
    /// Ends the link. Its descriptor is closed when `ended` arrives.
    func close()
}

extension ByteLink {
    package var executor: LinkExecutor? { nil }
}
