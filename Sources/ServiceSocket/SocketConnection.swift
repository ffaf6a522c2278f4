import Dispatch

/// A connected client, as the server's queue sees it. It never leaves that queue.
final class SocketConnection {
    let descriptor: Descriptor
    let peer: PeerIdentity
    var conversation: ServerConversation
    private let readable: any DispatchSourceRead
    private let timer: any DispatchSourceTimer
    /// Present while the kernel takes no more.
    var writable: (any DispatchSourceWrite)?

    /// Chunks that the kernel has not taken yet, and how far into the first one it is.
    private(set) var outbox: [[UInt8]] = []
    var sentOfFirst = 0
    /// Close when the outbox is empty.
    var isHangingUp = false
    /// The answer has many parts: it is cut off when the server closes.
    var isStreaming = false
    /// What is in the outbox ends the answer.
    var isAnswerComplete = false
    /// The task that answers, and the point where it waits for its frame to go out.
    var answer: Task<Void, Never>?
    var delivery: CheckedContinuation<Bool, Never>?

    private var talkDeadline: DispatchTime?
    private var writeDeadline: DispatchTime?

    init(
        _ descriptor: Descriptor, _ peer: PeerIdentity, _ conversation: ServerConversation, on queue: DispatchQueue,
        whenReadable: @escaping @Sendable () -> Void, whenDue: @escaping @Sendable () -> Void
    ) {
        self.descriptor = descriptor
        self.peer = peer
        self.conversation = conversation
        readable = DispatchSource.makeReadSource(fileDescriptor: descriptor.number, queue: queue)
        readable.setEventHandler(handler: whenReadable)
        readable.keepOpen(descriptor)
        timer = DispatchSource.makeTimerSource(queue: queue)
        timer.setEventHandler(handler: whenDue)
        timer.schedule(deadline: .distantFuture)
    }

    func activate() {
        timer.activate()
        readable.activate()
    }

    func append(_ frame: Frame) {
        outbox.append(frame.header)
        if !frame.payload.isEmpty { outbox.append(frame.payload) }
    }

    /// The kernel took `count` bytes of the first chunk.
    func took(_ count: Int) {
        guard let first = outbox.first else { return }
        sentOfFirst += count
        if sentOfFirst >= first.count {
            outbox.removeFirst()
            sentOfFirst = 0
        }
    }

    func setTalkDeadline(_ after: Duration?) {
        talkDeadline = after.map { .now() + $0.dispatchInterval }
        schedule()
    }

    /// Starts once, when the kernel first takes no more: a client that reads a byte now and then gains nothing by it.
    func startWriteDeadline(_ after: Duration) {
        if writeDeadline != nil { return }
        writeDeadline = .now() + after.dispatchInterval
        schedule()
    }

    func clearWriteDeadline() {
        if writeDeadline == nil { return }
        writeDeadline = nil
        schedule()
    }

    /// Which deadlines have passed; they are gone then.
    func takePassedDeadlines() -> (talk: Bool, write: Bool) {
        let now = DispatchTime.now()
        let passed = (talk: talkDeadline.map { $0 <= now } ?? false, write: writeDeadline.map { $0 <= now } ?? false)
        if passed.talk { talkDeadline = nil }
        if passed.write { writeDeadline = nil }
        schedule()
        return passed
    }

    private func schedule() {
        let next = [talkDeadline, writeDeadline].compactMap(\.self).min() ?? .distantFuture
        timer.schedule(deadline: next, leeway: .milliseconds(20))
    }

    /// The descriptor is closed when the sources have let go of it.
    func tearDown() {
        answer?.cancel()
        delivery?.resume(returning: false)
        delivery = nil
        readable.cancel()
        writable?.cancel()
        timer.cancel()
    }
}

extension DispatchSourceProtocol {
    /// A dispatch source must not outlive its descriptor: the cancel handler holds it until the source is done.
    func keepOpen(_ descriptor: Descriptor) {
        setCancelHandler { @Sendable in withExtendedLifetime(descriptor) {} }
    }
}
