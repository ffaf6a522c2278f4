package import PumpLinks

/// Why the socket could not be opened. Each says where, and what to do.
package enum SocketServerError: Error, Hashable, Sendable {
    case unusablePath(path: String, UnixAddress.Unusable)
    /// Somebody answers there. `pid` is 0 where the kernel does not say.
    case alreadyServed(path: String, pid: Int32)
    case notASocket(path: String)
    case noFolder(path: String)
    case folderDenied(path: String)
    case noSuchGroup(String)
    case groupDenied(String)
    case failed(path: String, SystemCallFailure)
}

extension SocketServerError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unusablePath(let path, let why): why.sentence(path)
        case .alreadyServed(let path, let pid):
            "another pumpledgerd\(pid > 0 ? " (process \(pid))" : "") already serves \(path). "
                + "Stop it (systemctl stop pumpledgerd), or give this one another --socket"
        case .notASocket(let path):
            "\(path) exists and is not a socket; it was left as it is. Move it away, or give another --socket"
        case .noFolder(let path):
            "the folder \(folder(of: path)) does not exist. Create it, or give another --socket"
        case .folderDenied(let path):
            "no permission to make a socket in \(folder(of: path)). "
                + "Run as the owner of that folder, or give another --socket"
        case .noSuchGroup(let name):
            "the group \(name) does not exist. "
                + "Create it (sudo groupadd --system \(name)), or set socketGroup to one that does"
        case .groupDenied(let name):
            "this user may not give the socket to the group \(name). "
                + "Make the user a member (sudo usermod -aG \(name) USER), or leave socketGroup out"
        case .failed(let path, let failure): "cannot serve \(path): \(failure). Give another --socket"
        }
    }
}

extension UnixAddress.Unusable {
    func sentence(_ path: String) -> String {
        switch self {
        case .empty: "the socket's path is empty. Give --socket PATH"
        case .tooLong(let bytes):
            "the socket's path has \(bytes) bytes, and Linux takes \(UnixAddress.longestPath): \(path). "
                + "Give a shorter --socket"
        case .zeroByte: "the socket's path has a zero byte in it. Give another --socket"
        }
    }
}

/// The folder that a path is in; `.` where the path does not name one.
func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
}
