import Foundation
import GRDB
import GRDBSQLite
import Glibc
package import PumpCore

/// A copy of a ledger, and what was found to be in it.
package struct LedgerCopy: Hashable, Codable, Sendable {
    package var ledger: String
    package var bytes: Int
    /// Of the file, hexadecimal.
    package var sha256: String
    package var entries: Int
    /// Of the chain's last entry, hexadecimal.
    package var head: String
    package var records: Int
    package var copiedAt: String

    /// Where this is kept beside a copy.
    package static func manifest(of path: String) -> String { path + ".manifest.json" }
}

extension Ledger {
    /// Pages that are copied before others may use the ledger again: some milliseconds.
    private static let pagesAtOnce: Int32 = 256

    /// Copies the ledger while it is in use. The copy appears under its name once it is whole, on the disk, and found to
    /// be sound entry by entry; its manifest stands beside it. Nothing that is there is written over.
    package func backUp(to path: String, at: Instant) throws(LedgerError) -> LedgerCopy {
        for name in [path, LedgerCopy.manifest(of: path)] where access(name, F_OK) == 0 {
            throw .exists(path: name)
        }
        let part = path + ".part"
        defer { Self.removeDraft(part) }
        Self.removeDraft(part)
        try LedgerFile.create(part)
        try copyPages(to: part)
        let copy = try Self.examined(part, at: at)
        try FileDigest.sync(part)
        let manifest = LedgerCopy.manifest(of: path)
        try LedgerFile.create(manifest)
        do {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            let text = try encoder.encode(copy) + Data("\n".utf8)
            try text.withUnsafeBytes { bytes in try LedgerFile.write(bytes, to: manifest) }
            // A name that somebody else made in the meantime is not taken from him.
            guard link(part, path) == 0 else { throw LedgerError.system(call: "link", path: path, errno: errno) }
        } catch {
            unlink(manifest)
            throw (error as? LedgerError) ?? .system(call: "write", path: manifest, errno: EIO)
        }
        unlink(part)
        try LedgerFile.syncFolder(of: path)
        return copy
    }

    /// SQLite's own online copy: what is stored meanwhile goes into it too, because it is stored through the same
    /// connection.
    private func copyPages(to part: String) throws(LedgerError) {
        var target: OpaquePointer?
        let opened = sqlite3_open_v2(part, &target, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOFOLLOW, nil)
        defer { sqlite3_close(target) }
        guard opened == SQLITE_OK, let target else { throw .system(call: "open", path: part, errno: EIO) }
        let copying = try onConnection { (db) throws -> OpaquePointer in
            guard let source = db.sqliteConnection, let copying = sqlite3_backup_init(target, "main", source, "main")
            else { throw DatabaseError(message: String(cString: sqlite3_errmsg(target))) }
            return copying
        }
        var result = SQLITE_OK
        do throws(LedgerError) {
            while result == SQLITE_OK || result == SQLITE_BUSY || result == SQLITE_LOCKED {
                result = try onConnection { _ in sqlite3_backup_step(copying, Self.pagesAtOnce) }
            }
        } catch {
            _ = sqlite3_backup_finish(copying)
            throw error
        }
        // The copy goes on in the source's connection, so it is ended where that is used.
        let finished = try onConnection { _ in sqlite3_backup_finish(copying) }
        guard result == SQLITE_DONE, finished == SQLITE_OK else {
            let code = result == SQLITE_DONE ? finished : result
            throw code & 0xFF == SQLITE_FULL
                ? .diskFull(path: part)
                : .database(path: part, code: code, message: String(cString: sqlite3_errstr(code)))
        }
    }

    /// Opens a copy as what it is, looks at all of it, and closes it again.
    static func examined(_ path: String, at: Instant) throws(LedgerError) -> LedgerCopy {
        let copy = try Ledger.open(at: path)
        let check: LedgerCheck
        do throws(LedgerError) {
            check = try copy.verify()
        } catch {
            copy.close()
            throw error
        }
        copy.close()
        guard check.isSound else { throw .damaged(path: path, problems: check.problems) }
        var found = stat()
        guard stat(path, &found) == 0 else { throw .system(call: "stat", path: path, errno: errno) }
        return LedgerCopy(
            ledger: check.chain.origin, bytes: Int(found.st_size), sha256: try FileDigest.of(path).hex,
            entries: check.chain.entries, head: check.chain.head.hex, records: check.recordCount,
            copiedAt: at.description)
    }

    /// A copy that never became one, with what stands beside an open ledger.
    static func removeDraft(_ path: String) {
        for name in [path, path + ".lock", CheckpointKey.place(besideLedger: path)] + LedgerFile.companions(of: path) {
            unlink(name)
        }
    }
}
