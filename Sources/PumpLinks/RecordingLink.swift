import Synchronization

/// A link whose every byte is recorded on its way.
package final class RecordingLink: ByteLink {
    private let base: any ByteLink
    private let newRecorder: @Sendable () -> SessionRecorder?
    private let recorder = Mutex<SessionRecorder?>(nil)

    /// - Parameter newRecorder: Called each time that the link has opened. Nil: this session is not recorded.
    package init(_ base: any ByteLink, newRecorder: @escaping @Sendable () -> SessionRecorder?) {
        self.base = base
        self.newRecorder = newRecorder
    }

    package var name: String { base.name }
    package var executor: LinkExecutor? { base.executor }

    package func open(_ deliver: @escaping @Sendable (LinkEvent) -> Void) {
        base.open { [self] event in
            switch event {
            case .opened: recorder.withLock { $0 = newRecorder() }
            case .bytes(let bytes): current?.received(bytes)
            case .ended: recorder.withLock { $0 = nil }
            }
            deliver(event)
        }
    }

    package func send(_ bytes: [UInt8]) {
        current?.sent(bytes)
        base.send(bytes)
    }

    package func close() { base.close() }

    private var current: SessionRecorder? { recorder.withLock { $0 } }
}
