import Foundation
import Glibc
import Synchronization

/// Writes a session as it happens, one line a piece of bytes: `out,02 52 49 39 42 03` for what the host sent, `in,…` for
/// what the device said. The file is one that `pumpledger replay` reads.
package final class SessionRecorder: Sendable {
    private let path: String
    /// −1 once it is closed or writing failed.
    private let descriptor: Mutex<Int32>

    /// Creates the file, readable by its owner alone: a log is about a patient.
    package init(path: String) throws(SystemCallFailure) {
        self.path = path
        let opened = try systemCall("open") {
            Glibc.open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0o600)
        }
        descriptor = Mutex(opened)
    }

    deinit { close() }

    package func sent(_ bytes: [UInt8]) { write(Self.line("out", bytes)) }
    package func received(_ bytes: [UInt8]) { write(Self.line("in", bytes)) }

    package func close() {
        descriptor.withLock { descriptor in
            if descriptor >= 0 { _ = Glibc.close(descriptor) }
            descriptor = -1
        }
    }

    /// False once a line could not be written; a recording never stands in the way of the reading itself.
    package var isWriting: Bool { descriptor.withLock { $0 >= 0 } }

    private func write(_ line: String) {
        descriptor.withLock { descriptor in
            guard descriptor >= 0 else { return }
            var rest = Array(line.utf8)[...]
            while !rest.isEmpty {
                do throws(SystemCallFailure) {
                    let open = descriptor
                    let count = try systemCall("write") { Glibc.write(open, Array(rest), rest.count) }
                    rest = rest.dropFirst(count)
                } catch {
                    _ = Glibc.close(descriptor)
                    descriptor = -1
                    return
                }
            }
        }
    }

    static func line(_ direction: String, _ bytes: [UInt8]) -> String {
        let digits = Array("0123456789ABCDEF".unicodeScalars)
        var text = direction + ","
        for (index, byte) in bytes.enumerated() {
            if index > 0 { text.append(" ") }
            text.unicodeScalars.append(digits[Int(byte >> 4)])
            text.unicodeScalars.append(digits[Int(byte & 15)])
        }
        return text + "\n"
    }
}

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

    /// Records everything with one recorder, however often the link is opened.
    package convenience init(_ base: any ByteLink, recorder: SessionRecorder) {
        self.init(base) { recorder }
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
