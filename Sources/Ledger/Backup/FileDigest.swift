import Crypto
import Foundation
import Glibc
import SystemPackage

/// Whole files: their digest, and copies that are on the disk when the call returns.
enum FileDigest {
    private static let piece = 1 << 20

    /// SHA-256 over the bytes of a file.
    static func of(_ path: String) throws(LedgerError) -> [UInt8] { try read(path) { _ throws(Errno) in } }

    /// Copies a file to a new one that its owner alone may read, and tells the digest of what was copied.
    static func copy(_ source: String, to target: String) throws(LedgerError) -> [UInt8] {
        let descriptor: FileDescriptor
        do {
            descriptor = try FileDescriptor.open(
                target, .writeOnly, options: [.create, .exclusiveCreate, .noFollow, .closeOnExec],
                permissions: LedgerFile.ownerOnly)
        } catch { throw failure("open", target, error) }
        defer { try? descriptor.close() }
        let digest = try read(source) { bytes throws(Errno) in
            do { try descriptor.writeAll(bytes) } catch { throw (error as? Errno) ?? .ioError }
        }
        guard fsync(descriptor.rawValue) == 0 else { throw .system(call: "fsync", path: target, errno: errno) }
        return digest
    }

    /// What is in the file is on the disk when this returns. Nothing is to be open on it that holds a lock.
    static func sync(_ path: String) throws(LedgerError) {
        do {
            let descriptor = try FileDescriptor.open(path, .readOnly, options: [.noFollow, .closeOnExec])
            defer { try? descriptor.close() }
            guard fsync(descriptor.rawValue) == 0 else { throw Errno(rawValue: errno) }
        } catch { throw failure("fsync", path, error) }
    }

    private static func read(
        _ path: String, _ take: (UnsafeRawBufferPointer) throws(Errno) -> Void
    ) throws(LedgerError) -> [UInt8] {
        var sha = SHA256()
        do {
            let descriptor = try FileDescriptor.open(path, .readOnly, options: .closeOnExec)
            defer { try? descriptor.close() }
            let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: piece, alignment: 16)
            defer { buffer.deallocate() }
            while true {
                let count = try descriptor.read(into: buffer)
                guard count > 0 else { break }
                let bytes = UnsafeRawBufferPointer(rebasing: buffer[..<count])
                sha.update(bufferPointer: bytes)
                try take(bytes)
            }
        } catch { throw failure("read", path, error) }
        return Array(sha.finalize())
    }

    private static func failure(_ call: String, _ path: String, _ error: any Error) -> LedgerError {
        .system(call: call, path: path, errno: ((error as? Errno) ?? .ioError).rawValue)
    }
}
