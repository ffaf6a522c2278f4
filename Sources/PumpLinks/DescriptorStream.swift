import Dispatch
import Glibc

/// Reads and writes a non-blocking descriptor that it owns, and closes it exactly once.
///
/// Everything mutable here is touched only on `queue`; Dispatch's sources are not `Sendable` on Linux, so the compiler
/// cannot see that.
final class DescriptorStream: @unchecked Sendable {
    /// More than this waiting to be written, and the device is taken for stuck: no request comes near it.
    static let mostUnsent = 1 << 20
    private static let readSize = 4096

    private let descriptor: Int32
    private let place: String
    private let queue: DispatchQueue
    private let isSocket: Bool
    private let beforeClose: @Sendable (Int32) -> Void
    private let deliver: @Sendable (LinkEvent) -> Void
    private var reading: (any DispatchSourceRead)?
    private var writing: (any DispatchSourceWrite)?
    /// Sources whose cancellation is still to come: the descriptor must outlive them all.
    private var liveSources = 0
    private var unsent: [UInt8] = []
    private var hasEnded = false
    private var reason: LinkFault?

    /// - Parameter descriptor: Non-blocking, and from here on this object's to close.
    init(
        owning descriptor: Int32, place: String, queue: DispatchQueue, isSocket: Bool,
        beforeClose: @escaping @Sendable (Int32) -> Void = { _ in }, deliver: @escaping @Sendable (LinkEvent) -> Void
    ) {
        self.descriptor = descriptor
        self.place = place
        self.queue = queue
        self.isSocket = isSocket
        self.beforeClose = beforeClose
        self.deliver = deliver
    }

    /// Call on `queue`.
    func start() {
        let source = DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: queue)
        source.setEventHandler { @Sendable [self] in readAll() }
        source.setCancelHandler { @Sendable [self] in sourceEnded() }
        liveSources += 1
        reading = source
        deliver(.opened)
        source.activate()
    }

    /// Call on `queue`.
    func send(_ bytes: [UInt8]) {
        guard !hasEnded else { return }
        unsent += bytes
        guard unsent.count <= Self.mostUnsent else { return end(.stuck(place: place)) }
        if writing == nil { writeAll() }
    }

    /// Call on `queue`.
    func end(_ fault: LinkFault?) {
        guard !hasEnded else { return }
        hasEnded = true
        reason = fault
        unsent = []
        reading?.cancel()
        writing?.cancel()
        reading = nil
        writing = nil
        if liveSources == 0 { closeDescriptor() }
    }

    /// Nobody who sends faster than this side reads keeps the queue from closing: after so many bytes it is others' turn.
    private static let readTurn = 65_536

    /// On Linux a read source fires once when a line hangs up, so it is read until there is nothing left to learn.
    private func readAll() {
        var buffer = [UInt8](repeating: 0, count: Self.readSize)
        var taken = 0
        while !hasEnded {
            guard taken < Self.readTurn else { return queue.async { @Sendable [self] in readAll() } }
            do throws(SystemCallFailure) {
                let count = try systemCall("read") { read(descriptor, &buffer, buffer.count) }
                guard count > 0 else { return end(.gone(place: place)) }
                taken += count
                deliver(.bytes(Array(buffer[..<count])))
            } catch {
                if error.code != EAGAIN { end(.of(error, at: place)) }
                return
            }
        }
    }

    private func writeAll() {
        while !unsent.isEmpty, !hasEnded {
            do throws(SystemCallFailure) {
                let count = try systemCall(isSocket ? "send" : "write") {
                    // A socket whose other side has gone would end this process with a signal.
                    isSocket
                        ? Glibc.send(descriptor, unsent, unsent.count, Int32(MSG_NOSIGNAL))
                        : write(descriptor, unsent, unsent.count)
                }
                unsent.removeFirst(min(count, unsent.count))
            } catch {
                if error.code == EAGAIN { return waitForRoom() }
                return end(.of(error, at: place))
            }
        }
        // A write source fires for as long as there is room, so it lives only while something waits.
        writing?.cancel()
        writing = nil
    }

    private func waitForRoom() {
        guard writing == nil else { return }
        let source = DispatchSource.makeWriteSource(fileDescriptor: descriptor, queue: queue)
        source.setEventHandler { @Sendable [self] in writeAll() }
        source.setCancelHandler { @Sendable [self] in sourceEnded() }
        liveSources += 1
        writing = source
        source.activate()
    }

    private func sourceEnded() {
        liveSources -= 1
        if hasEnded, liveSources == 0 { closeDescriptor() }
    }

    private func closeDescriptor() {
        beforeClose(descriptor)
        // Linux has given the descriptor up even where close reports an error, EINTR included: never twice.
        _ = Glibc.close(descriptor)
        deliver(.ended(reason))
    }
}
