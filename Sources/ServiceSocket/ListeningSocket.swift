import Glibc
import PumpLinks

/// A socket at a path, from the moment it is bound until it is closed. It never replaces one that somebody serves,
/// removes one that nobody serves any more, and removes its own, and only its own, when it is closed.
final class ListeningSocket {
    let descriptor: Descriptor
    private let path: String
    private let lock: PathLock
    private let bound: FileIdentity
    private var isClosed = false

    /// With a group the socket is for its members (0660), without one for its owner (0600).
    init(path: String, group: String?, backlog: Int32) throws(SocketServerError) {
        let address: UnixAddress
        do { address = try UnixAddress(path: path) } catch { throw .unusablePath(path: path, error) }
        var gid: UInt32?
        if let group {
            gid = AccountNames.gid(ofGroup: group)
            if gid == nil { throw .noSuchGroup(group) }
        }
        // Two daemons that start at once may both find the same dead socket. The lock lets one of them remove it.
        lock = try PathLock(guarding: path)
        try Self.removeDeadSocket(at: path, address)
        do {
            descriptor = try Self.bind(address)
            bound = try FileIdentity(path)
        } catch { throw .failed(path: path, error) }
        self.path = path
        do {
            if let gid {
                // A service whose own group it is may run without any right to change owners.
                let already = try owningGroup(of: path)
                if already != gid { _ = try systemCall("lchown") { unsafe lchown(path, uid_t.max, gid) } }
                _ = try systemCall("chmod") { unsafe chmod(path, 0o660) }
            }
            _ = try systemCall("listen") { listen(descriptor.number, backlog) }
        } catch {
            close()
            if let group, error.call == "lchown" { throw .groupDenied(group) }
            throw .failed(path: path, error)
        }
    }

    deinit { close() }

    func close() {
        if isClosed { return }
        isClosed = true
        if (try? FileIdentity(path)) == bound { _ = unsafe unlink(path) }
        lock.release()
    }

    private static func bind(_ address: UnixAddress) throws(SystemCallFailure) -> Descriptor {
        let descriptor = try streamSocket(extra: Int32(SOCK_NONBLOCK.rawValue))
        // Linux gives the file the mode of the socket: closed to others from its first moment, without a process-wide
        // umask.
        _ = try systemCall("fchmod") { fchmod(descriptor.number, 0o600) }
        _ = try systemCall("bind") {
            unsafe address.withSocketAddress { unsafe Glibc.bind(descriptor.number, $0, $1) }
        }
        return descriptor
    }

    private static func removeDeadSocket(at path: String, _ address: UnixAddress) throws(SocketServerError) {
        let occupant: Occupant
        do { occupant = try Occupant(of: path, address) } catch { throw .failed(path: path, error) }
        switch occupant {
        case .nobody: return
        case .alive(let pid): throw .alreadyServed(path: path, pid: pid)
        case .notASocket: throw .notASocket(path: path)
        case .dead:
            do { _ = try systemCall("unlink") { unsafe unlink(path) } } catch { throw .failed(path: path, error) }
        }
    }
}

func streamSocket(extra flags: Int32 = 0) throws(SystemCallFailure) -> Descriptor {
    Descriptor(
        owning: try systemCall("socket") {
            socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | flags, 0)
        })
}

/// What is at a path where a socket shall be.
private enum Occupant {
    case nobody
    /// A socket that a process left behind.
    case dead
    /// `pid` is 0 where the kernel does not say.
    case alive(pid: Int32)
    case notASocket

    init(of path: String, _ address: UnixAddress) throws(SystemCallFailure) {
        do {
            var status = stat()
            _ = try systemCall("lstat") { unsafe lstat(path, &status) }
            guard status.st_mode & S_IFMT == S_IFSOCK else {
                self = .notASocket
                return
            }
            let probe = try streamSocket(extra: Int32(SOCK_NONBLOCK.rawValue))
            _ = try systemCall("connect") { unsafe address.withSocketAddress { unsafe connect(probe.number, $0, $1) } }
            self = .alive(pid: (try? PeerIdentity(ofPeerAt: probe))?.pid ?? 0)
        } catch {
            switch (error.call, error.code) {
            case (_, ENOENT): self = .nobody
            case ("connect", ECONNREFUSED): self = .dead
            // Any other answer, a full queue say, has somebody behind it.
            case ("connect", _): self = .alive(pid: 0)
            default: throw error
            }
        }
    }

    var pid: Int32 {
        if case .alive(let pid) = self { return pid }
        return 0
    }
}

/// Which file a path names, whatever it is called.
private struct FileIdentity: Hashable {
    let device: dev_t
    let node: ino_t

    init(_ path: String) throws(SystemCallFailure) {
        var status = stat()
        _ = try systemCall("lstat") { unsafe lstat(path, &status) }
        (device, node) = (status.st_dev, status.st_ino)
    }

    init(_ descriptor: Descriptor) throws(SystemCallFailure) {
        var status = stat()
        _ = try systemCall("fstat") { unsafe fstat(descriptor.number, &status) }
        (device, node) = (status.st_dev, status.st_ino)
    }
}

private func owningGroup(of path: String) throws(SystemCallFailure) -> gid_t {
    var status = stat()
    _ = try systemCall("lstat") { unsafe lstat(path, &status) }
    return status.st_gid
}

/// The right to put a socket at a path: a locked file `PATH.lock` beside it, which goes with its holder.
private final class PathLock {
    private let file: String
    private let descriptor: Descriptor
    private var isHeld = true

    init(guarding path: String) throws(SocketServerError) {
        file = path + ".lock"
        do {
            while true {
                let file = file
                let candidate = Descriptor(
                    owning: try systemCall("open") {
                        unsafe open(file, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
                    })
                _ = try systemCall("flock") { flock(candidate.number, LOCK_EX | LOCK_NB) }
                // The holder before us removes the file: what we locked may have no name any more.
                if (try? FileIdentity(file)) == (try FileIdentity(candidate)) {
                    descriptor = candidate
                    return
                }
            }
        } catch {
            switch (error.call, error.code) {
            case ("flock", EWOULDBLOCK): throw .alreadyServed(path: path, pid: pidServing(path))
            case ("open", ENOENT), ("open", ENOTDIR): throw .noFolder(path: path)
            case ("open", EACCES), ("open", EROFS): throw .folderDenied(path: path)
            default: throw .failed(path: path, error)
            }
        }
    }

    deinit { release() }

    func release() {
        if !isHeld { return }
        isHeld = false
        _ = unsafe unlink(file)
    }
}

private func pidServing(_ path: String) -> Int32 {
    guard let address = try? UnixAddress(path: path), let occupant = try? Occupant(of: path, address) else { return 0 }
    return occupant.pid
}
