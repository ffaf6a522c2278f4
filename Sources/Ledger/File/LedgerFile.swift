import Glibc
import SystemPackage

/// The ledger's file before SQLite sees it: folders that only the owner enters, a file that only the owner reads, and
/// nothing that stands for another file.
///
/// SQLite gives -wal and -shm the mode of the database file, so the file is made here, with 0600, before SQLite opens
/// it. A umask would do the same but belongs to the whole process.
enum LedgerFile {
    static let ownerOnly: FilePermissions = .ownerReadWrite

    /// What SQLite and the lock keep beside the file.
    static func companions(of path: String) -> [String] { [path + "-wal", path + "-shm"] }

    /// Makes missing folders with 0700. Folders that are there stay as they are.
    static func makeFolders(for path: String) throws(LedgerError) {
        var missing: [FilePath] = []
        var folder = FilePath(path).removingLastComponent()
        while !folder.isEmpty, status(folder.string) == nil {
            missing.append(folder)
            folder = folder.removingLastComponent()
        }
        for folder in missing.reversed() {
            guard mkdir(folder.string, 0o700) == 0 || errno == EEXIST else {
                throw .system(call: "mkdir", path: folder.string, errno: errno)
            }
        }
    }

    /// Makes the file if it is missing, and refuses it if it cannot be trusted.
    static func prepare(_ path: String) throws(LedgerError) {
        if status(path) == nil { try create(path) }
        for name in [path] + companions(of: path) {
            if let found = status(name) { try check(found, name) }
        }
    }

    /// A ledger that others could read was made by hand or by a copy; from now on they cannot.
    static func tighten(_ path: String) throws(LedgerError) {
        for name in [path] + companions(of: path) {
            guard let found = status(name), found.st_mode & 0o077 != 0 else { continue }
            guard chmod(name, 0o600) == 0 else { throw .system(call: "chmod", path: name, errno: errno) }
        }
    }

    /// The descriptor is closed again before SQLite opens the file: closing any descriptor of a database drops the
    /// locks that SQLite holds on it.
    static func create(_ path: String) throws(LedgerError) {
        do {
            try FileDescriptor.open(
                path, .readWrite, options: [.create, .exclusiveCreate, .noFollow, .closeOnExec],
                permissions: ownerOnly
            ).close()
        } catch {
            throw .system(call: "open", path: path, errno: (error as? Errno)?.rawValue ?? 0)
        }
        try syncFolder(of: path)
    }

    /// Writes a file that is there and empty; it is on the disk when this returns.
    static func write(_ bytes: UnsafeRawBufferPointer, to path: String) throws(LedgerError) {
        do {
            let descriptor = try FileDescriptor.open(path, .writeOnly, options: [.noFollow, .closeOnExec])
            defer { try? descriptor.close() }
            try descriptor.writeAll(bytes)
            guard fsync(descriptor.rawValue) == 0 else { throw Errno(rawValue: errno) }
        } catch {
            throw .system(call: "write", path: path, errno: (error as? Errno)?.rawValue ?? 0)
        }
    }

    /// A new name is durable once its folder is.
    static func syncFolder(of path: String) throws(LedgerError) {
        let folder = FilePath(path).removingLastComponent()
        do {
            let descriptor = try FileDescriptor.open(folder.isEmpty ? "." : folder, .readOnly, options: .closeOnExec)
            defer { try? descriptor.close() }
            guard fsync(descriptor.rawValue) == 0 else { throw Errno(rawValue: errno) }
        } catch {
            throw .system(call: "fsync", path: folder.string, errno: (error as? Errno)?.rawValue ?? 0)
        }
    }

    static func check(_ found: stat, _ path: String) throws(LedgerError) {
        switch found.st_mode & S_IFMT {
        case S_IFREG: break
        case S_IFLNK: throw .unsafeFile(path: path, .symbolicLink)
        default: throw .unsafeFile(path: path, .notAFile)
        }
        guard found.st_uid == geteuid() else { throw .unsafeFile(path: path, .foreignOwner(uid: found.st_uid)) }
        guard found.st_nlink == 1 else { throw .unsafeFile(path: path, .hardLinks) }
    }

    private static func status(_ path: String) -> stat? {
        var found = stat()
        return lstat(path, &found) == 0 ? found : nil
    }
}
