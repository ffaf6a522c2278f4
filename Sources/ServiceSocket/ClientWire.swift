import Dispatch
import Glibc
import PumpLinks

/// A point in time until which somebody waits.
struct Deadline: Sendable {
    let patience: Duration
    private let end: ContinuousClock.Instant

    init(after patience: Duration) {
        self.patience = patience
        end = .now + patience
    }

    /// What `poll` takes: 0 when it has passed, and never longer than it can say.
    var millisecondsLeft: Int32 {
        let (seconds, attoseconds) = (end - .now).components
        if seconds < 0 || attoseconds < 0 { return 0 }
        // Rounded up: a wait that ends early would spin.
        return Int32(clamping: min(seconds, 1_000_000) * 1000 + attoseconds / 1_000_000_000_000_000 + 1)
    }

    var hasPassed: Bool { end <= .now }
}

/// What can go wrong on the wire, before it is known whose wire it is.
enum WireFailure: Error, Hashable {
    case late(Duration)
    /// The other end has gone.
    case ended
    /// What came is not this protocol.
    case garbled
    case tooLong(bytes: Int, limit: Int)
    case refused(Refusal)
    case failed(SystemCallFailure)

    func named(_ path: String) -> ServiceClientError {
        switch self {
        case .late(let patience): .silent(path: path, after: patience)
        case .ended: .brokenOff(path: path)
        case .garbled: .notThisDaemon(path: path)
        case .tooLong(let bytes, let limit):
            .refused(Refusal(.answerTooLarge, "the answer has \(bytes) bytes, and this program takes \(limit)"))
        case .refused(let refusal): .refused(refusal)
        case .failed(let failure): .failed(path: path, failure)
        }
    }
}

extension Descriptor {
    /// Sends all of it, and waits where the other end is slow.
    func sendAll(_ bytes: [UInt8], _ deadline: Deadline) throws(WireFailure) {
        var sent = 0
        while sent < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { all in
                let rest = unsafe UnsafeRawBufferPointer(rebasing: all[sent...])
                return unsafe send(number, rest.baseAddress, rest.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
            }
            if count >= 0 {
                sent += count
                continue
            }
            try waitAfterError("send", until: Int16(POLLOUT), deadline)
        }
    }

    /// The next frame, of which a part may have been read before.
    func receive(
        _ reader: inout FrameReader, _ unread: inout ArraySlice<UInt8>, _ deadline: Deadline?, chunk: Int
    ) throws(WireFailure) -> Frame {
        while true {
            do {
                if let frame = try reader.take(from: &unread) { return frame }
            } catch {
                if case .tooLong(let bytes, let limit) = error { throw .tooLong(bytes: bytes, limit: limit) }
                throw .garbled
            }
            var buffer = [UInt8](repeating: 0, count: chunk)
            let count = unsafe recv(number, &buffer, buffer.count, Int32(MSG_DONTWAIT))
            if count > 0 {
                unread = buffer[..<count]
            } else if count == 0 {
                throw .ended
            } else {
                try waitAfterError("recv", until: Int16(POLLIN), deadline)
            }
        }
    }

    private func waitAfterError(_ call: String, until event: Int16, _ deadline: Deadline?) throws(WireFailure) {
        let code = errno
        switch code {
        case EINTR: return
        case EWOULDBLOCK: break
        case EPIPE, ECONNRESET: throw .ended
        default: throw .failed(SystemCallFailure(call: call, code: code))
        }
        if let deadline, deadline.hasPassed { throw .late(deadline.patience) }
        var wanted = pollfd(fd: number, events: event, revents: 0)
        do {
            _ = try systemCall("poll") { unsafe poll(&wanted, 1, deadline?.millisecondsLeft ?? -1) }
        } catch { throw .failed(error) }
    }
}

/// Runs what may block on a thread that nobody else needs.
func onOwnThread<Answer: Sendable, Failure: Error>(
    _ body: @escaping @Sendable () throws(Failure) -> Answer
) async -> Result<Answer, Failure> {
    await withCheckedContinuation { continuation in
        DispatchQueue(label: "pumpledger.connect").async { @Sendable in
            continuation.resume(returning: Result(catching: body))
        }
    }
}
