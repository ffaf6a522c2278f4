import Glibc
import Synchronization
import SystemPackage

/// One owner: an exclusive `flock` on a file beside the ledger, held until released. It holds the owner's process id, so
/// that whoever comes second can say who was first, and in a second line the socket where the owner answers, if it does.
///
/// The lock is on a file of its own because closing any descriptor of the database would drop SQLite's own locks. The
/// file stays when the lock goes: removing it would let two owners lock two files of one name.
final class OwnerLock: Sendable {
    private let descriptor: Mutex<FileDescriptor?>

    private init(_ descriptor: FileDescriptor) { self.descriptor = Mutex(descriptor) }

    static func take(for ledger: String) throws(LedgerError) -> OwnerLock {
        let path = ledger + ".lock"
        let descriptor: FileDescriptor
        do {
            descriptor = try FileDescriptor.open(
                path, .readWrite, options: [.create, .noFollow, .closeOnExec], permissions: LedgerFile.ownerOnly)
        } catch {
            let code = (error as? Errno) ?? .ioError
            throw code == .tooManySymbolicLinkLevels
                ? .unsafeFile(path: path, .symbolicLink)
                : .system(call: "open", path: path, errno: code.rawValue)
        }
        do throws(LedgerError) {
            var found = stat()
            guard fstat(descriptor.rawValue, &found) == 0 else {
                throw .system(call: "fstat", path: path, errno: errno)
            }
            try LedgerFile.check(found, path)
            try lock(descriptor, ledger, path)
            try writeOwner(descriptor, path)
        } catch {
            try? descriptor.close()
            throw error
        }
        return OwnerLock(descriptor)
    }

    private static func lock(_ descriptor: FileDescriptor, _ ledger: String, _ path: String) throws(LedgerError) {
        while flock(descriptor.rawValue, LOCK_EX | LOCK_NB) != 0 {
            switch errno {
            case EINTR: continue
            case EWOULDBLOCK: throw .inUse(path: ledger, holder: owner(descriptor))
            default: throw .system(call: "flock", path: path, errno: errno)
            }
        }
    }

    /// A number, a path that a Unix socket can have, and two line ends.
    private static let longestNote = 256

    private static func owner(_ descriptor: FileDescriptor) -> Int32? { note(descriptor).first.flatMap { Int32($0) } }

    /// What the owner wrote, line by line.
    private static func note(_ descriptor: FileDescriptor) -> [Substring] {
        let text = try? String(unsafeUninitializedCapacity: longestNote) { buffer in
            try descriptor.read(fromAbsoluteOffset: 0, into: UnsafeMutableRawBufferPointer(buffer))
        }
        return text?.split(separator: "\n") ?? []
    }

    /// Where the owner of a ledger answers; nil where nobody has it, or where its owner serves no socket.
    static func socket(ofOwnerOf ledger: String) -> String? {
        guard
            let descriptor = try? FileDescriptor.open(ledger + ".lock", .readOnly, options: [.noFollow, .closeOnExec])
        else { return nil }
        defer { try? descriptor.close() }
        // A lock that can be had has no owner: what stands in the file is left over.
        guard flock(descriptor.rawValue, LOCK_SH | LOCK_NB) != 0, errno == EWOULDBLOCK else { return nil }
        return note(descriptor).dropFirst().first.map(String.init)
    }

    func announce(socket: String) throws(LedgerError) {
        try descriptor.withLock { (held) throws(LedgerError) in
            if let held { try Self.write("\(getpid())\n\(socket)\n", held, "the lock file") }
        }
    }

    private static func writeOwner(_ descriptor: FileDescriptor, _ path: String) throws(LedgerError) {
        try write("\(getpid())\n", descriptor, path)
    }

    private static func write(_ text: String, _ descriptor: FileDescriptor, _ path: String) throws(LedgerError) {
        do {
            guard ftruncate(descriptor.rawValue, 0) == 0 else { throw Errno(rawValue: errno) }
            try descriptor.writeAll(toAbsoluteOffset: 0, text.utf8)
        } catch {
            throw .system(call: "write", path: path, errno: (error as? Errno)?.rawValue ?? 0)
        }
    }

    /// Gives the ledger to whoever comes next. A second call does nothing.
    func release() {
        descriptor.withLock { held in
            guard let open = held else { return }
            _ = ftruncate(open.rawValue, 0)
            try? open.close()
            held = nil
        }
    }

    deinit { release() }
}
