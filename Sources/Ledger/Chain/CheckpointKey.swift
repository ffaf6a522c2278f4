import Crypto
import Foundation
import Glibc
import SystemPackage

/// The key that signs checkpoints: an Ed25519 seed in a file of its own, base 64 on one line, for its owner alone. It signs
/// nothing else and encrypts nothing.
///
/// It is as safe as the account that runs the program. What makes a changed past show is a checkpoint that somebody else
/// keeps; the signature says that this ledger wrote it.
struct CheckpointKey: Sendable {
    let privateKey: Curve25519.Signing.PrivateKey

    var publicKey: [UInt8] { Array(privateKey.publicKey.rawRepresentation) }

    static func place(besideLedger path: String) -> String { path + ".checkpoint-key" }

    /// Reads the key, and makes one where there is none.
    static func load(_ path: String) throws(LedgerError) -> CheckpointKey {
        if let key = try read(path) { return key }
        try create(path)
        guard let key = try read(path) else { throw .badKey(path: path) }
        return key
    }

    /// Nil where there is no file.
    private static func read(_ path: String) throws(LedgerError) -> CheckpointKey? {
        let descriptor: FileDescriptor
        do {
            descriptor = try FileDescriptor.open(path, .readOnly, options: [.noFollow, .closeOnExec])
        } catch {
            let code = (error as? Errno) ?? .ioError
            if code == .noSuchFileOrDirectory { return nil }
            throw .system(call: "open", path: path, errno: code.rawValue)
        }
        defer { try? descriptor.close() }
        var found = stat()
        guard fstat(descriptor.rawValue, &found) == 0 else { throw .system(call: "fstat", path: path, errno: errno) }
        // A credential of systemd belongs to root and is read by the service alone.
        guard found.st_mode & S_IFMT == S_IFREG, found.st_mode & 0o077 == 0 else { throw .openKey(path: path) }
        let text = try? String(unsafeUninitializedCapacity: 128) { try descriptor.read(into: .init($0)) }
        let line = text?.trimmingCharacters(in: .whitespacesAndNewlines) ?? ""
        guard let seed = Data(base64Encoded: line), seed.count == 32,
            let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: seed)
        else { throw .badKey(path: path) }
        return CheckpointKey(privateKey: key)
    }

    /// Written beside its name first: a key that was cut short by a power cut would be no key.
    private static func create(_ path: String) throws(LedgerError) {
        let text = Curve25519.Signing.PrivateKey().rawRepresentation.base64EncodedString() + "\n"
        let draft = "\(path).\(getpid())"
        do {
            let descriptor = try FileDescriptor.open(
                draft, .writeOnly, options: [.create, .exclusiveCreate, .noFollow, .closeOnExec],
                permissions: LedgerFile.ownerOnly)
            defer { try? descriptor.close() }
            try descriptor.writeAll(text.utf8)
            guard fsync(descriptor.rawValue) == 0 else { throw Errno(rawValue: errno) }
            guard rename(draft, path) == 0 else { throw Errno(rawValue: errno) }
        } catch {
            unlink(draft)
            throw .system(call: "write", path: path, errno: (error as? Errno)?.rawValue ?? 0)
        }
        try LedgerFile.syncFolder(of: path)
    }
}
