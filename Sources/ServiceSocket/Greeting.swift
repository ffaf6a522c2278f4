import Glibc
import PumpLinks

/// A fresh connection on which both sides have greeted.
struct Greeting: Sendable {
    let descriptor: Descriptor
    let daemon: PeerIdentity
    let hello: Hello
    /// What came after the daemon's greeting.
    let unread: ArraySlice<UInt8>

    /// Blocks for at most `patience`, the kernel's queue of connections included.
    init(path: String, patience: Duration) throws(ServiceClientError) {
        let address: UnixAddress
        do { address = try UnixAddress(path: path) } catch { throw .unusablePath(path: path, error) }
        let deadline = Deadline(after: patience)
        do {
            descriptor = try streamSocket()
            try Self.connect(descriptor, address, deadline)
            daemon = try PeerIdentity(ofPeerAt: descriptor)
        } catch {
            throw Self.named(error, path, patience)
        }
        var reader = FrameReader(limit: Hello.largestPayload)
        var unread: ArraySlice<UInt8> = []
        do throws(WireFailure) {
            let frame = try descriptor.receive(&reader, &unread, deadline, chunk: Self.chunk)
            switch frame.kind {
            case .hello: break
            case .refusal: throw .refused(Refusal(frame.payload) ?? Refusal(.other, "without a reason"))
            default: throw .garbled
            }
            guard let hello = Hello(frame.payload) else { throw .garbled }
            self.hello = hello
            self.unread = unread
        } catch .tooLong {
            // Four letters of another protocol, read as a length.
            throw .notThisDaemon(path: path)
        } catch { throw error.named(path) }
        guard hello.version == Hello.currentVersion else {
            throw .wrongVersion(daemon: hello.version, program: Hello.currentVersion)
        }
        do throws(WireFailure) {
            let mine = Hello(largestFrame: 0).frame
            try descriptor.sendAll(mine.header + mine.payload, deadline)
        } catch { throw error.named(path) }
    }

    private static let chunk = 4096

    private static func connect(
        _ descriptor: Descriptor, _ address: UnixAddress, _ deadline: Deadline
    ) throws(SystemCallFailure) {
        // A Unix socket that does not block fails at once where the queue is full; one that blocks waits as long as this
        // option says (unix(7), socket(7)).
        let left = deadline.millisecondsLeft
        var wait = timeval(tv_sec: Int(left / 1000), tv_usec: Int(left % 1000) * 1000)
        _ = try systemCall("setsockopt SO_SNDTIMEO") {
            unsafe setsockopt(
                descriptor.number, SOL_SOCKET, SO_SNDTIMEO, &wait, socklen_t(MemoryLayout<timeval>.size))
        }
        _ = try systemCall("connect") {
            unsafe address.withSocketAddress { unsafe Glibc.connect(descriptor.number, $0, $1) }
        }
    }

    private static func named(
        _ failure: SystemCallFailure, _ path: String, _ patience: Duration
    ) -> ServiceClientError {
        guard failure.call == "connect" else { return .failed(path: path, failure) }
        switch failure.code {
        case ENOENT, ENOTDIR: return .noDaemon(path: path, leftOver: false)
        case ECONNREFUSED: return .noDaemon(path: path, leftOver: true)
        case EACCES: return .denied(path: path, open: .init(to: path))
        case EWOULDBLOCK: return .silent(path: path, after: patience)
        default: return .failed(path: path, failure)
        }
    }
}

extension ServiceClientError.Admitted {
    /// To whom the first thing on the way to `path` that is closed to us is open.
    fileprivate init(to path: String) {
        var place = path
        while true {
            var status = stat()
            if unsafe stat(place, &status) == 0 {
                let (mode, uid, gid) = (status.st_mode, status.st_uid, status.st_gid)
                let isOpenToGroup = mode & S_IRWXG != 0
                let name = isOpenToGroup ? AccountNames.group(gid) : AccountNames.user(uid)
                self = name.map { isOpenToGroup ? .group($0) : .user($0) } ?? .unknown
                return
            }
            let parent = folder(of: place)
            if parent == place || errno != EACCES {
                self = .unknown
                return
            }
            place = parent
        }
    }
}
