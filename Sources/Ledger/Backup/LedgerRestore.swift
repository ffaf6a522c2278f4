import Foundation
import Glibc
package import PumpCore

/// What stands against putting a copy in a ledger's place, and what was done.
package struct LedgerRestoring: Hashable, Sendable {
    package var copy: LedgerCopy
    /// Plain sentences. Empty: the copy is sound and holds all that the ledger held.
    package var objections: [String]
    /// Where the ledger that was there is now; nil where there was none.
    package var replaced: String?
}

extension Ledger {
    /// Puts a copy in the place of the ledger at `path`, which nobody may have open. The copy must be what its manifest
    /// says, sound, and hold everything that the ledger at `path` holds; what speaks against it is overruled by
    /// `accepting`, a reason that goes on record. A copy that is not sound is never put in place. The ledger that was
    /// there is kept beside it under another name.
    package static func restore(
        _ copy: String, to path: String, at: Instant, by person: LedgerPerson, accepting reason: String?
    ) throws(LedgerError) -> LedgerRestoring {
        try LedgerFile.makeFolders(for: path)
        let part = path + ".restoring"
        removeDraft(part)
        defer { removeDraft(part) }
        let digest = try FileDigest.copy(copy, to: part)
        var objections = manifestObjections(copy, digest: digest)
        // SQLite takes an empty file for a new one.
        var copied = stat()
        guard stat(part, &copied) == 0, copied.st_size > 0 else { throw .notALedger(path: copy) }
        let found = try examined(part, at: at)
        // From here on nobody else may open the ledger that goes.
        let isThere = access(path, F_OK) == 0
        if isThere { objections += try historyObjections(part, against: path) }
        guard objections.isEmpty || reason != nil else { throw .restoreRefused(copy: copy, objections: objections) }
        let lock = try OwnerLock.take(for: path)
        var replaced: String?
        do throws(LedgerError) {
            if isThere {
                let name = path + ".replaced-" + stamp(at)
                for suffix in ["-wal", "-shm", ""] where access(path + suffix, F_OK) == 0 {
                    try move(path + suffix, to: name + suffix)
                }
                replaced = name
            }
            try move(part, to: path)
            try LedgerFile.syncFolder(of: path)
        } catch {
            lock.release()
            throw error
        }
        lock.release()
        let ledger = try Ledger.open(at: path)
        defer { ledger.close() }
        var arguments = ["copiedAt": found.copiedAt, "entries": String(found.entries)]
        if let reason, !objections.isEmpty { arguments["accept"] = reason }
        try ledger.audit(at: at, by: person, action: "restore", arguments: arguments, outcome: "done")
        return LedgerRestoring(copy: found, objections: objections, replaced: replaced)
    }

    private static func manifestObjections(_ copy: String, digest: [UInt8]) -> [String] {
        let path = LedgerCopy.manifest(of: copy)
        guard let text = FileManager.default.contents(atPath: path) else {
            return ["\(copy) has no manifest beside it (\(path)): nothing says what it was when it was made"]
        }
        guard let manifest = try? JSONDecoder().decode(LedgerCopy.self, from: text) else {
            return ["\(path) cannot be read as a manifest"]
        }
        return manifest.sha256 == digest.hex ? [] : ["\(copy) is not the file that its manifest was made for"]
    }

    /// Whether the copy's chain goes through the end of the ledger's own.
    private static func historyObjections(_ copy: String, against path: String) throws(LedgerError) -> [String] {
        let present: (origin: String, end: Chain.End)
        do throws(LedgerError) {
            let ledger = try Ledger.open(at: path)
            defer { ledger.close() }
            present = try ledger.read { db in (try CheckpointQuery.origin(db), try Chain.end(db)) }
        } catch {
            if case .inUse = error { throw error }
            return ["the ledger at \(path) cannot be opened, so nothing says what it held: \(error)"]
        }
        let ledger = try Ledger.open(at: copy)
        defer { ledger.close() }
        return try ledger.read { db in
            guard try CheckpointQuery.origin(db) == present.origin else {
                return ["the copy is of another ledger (\(try CheckpointQuery.origin(db)), not \(present.origin))"]
            }
            let end = try Chain.end(db)
            guard end.number >= present.end.number else {
                let lost = present.end.number - end.number
                return [
                    "the copy is older: it ends with entry \(end.number), and the ledger at \(path) has \(lost) more"
                ]
            }
            let query = try HotStatement(db, "SELECT 1 FROM chain WHERE number = ? AND head = ?")
            query.bind(1, present.end.number)
            query.bind(2, present.end.head)
            defer { query.reset() }
            let isSameHistory = try present.end.number == 0 || query.step()
            return isSameHistory ? [] : ["the copy's history is another one than that of the ledger at \(path)"]
        }
    }

    private static func move(_ from: String, to: String) throws(LedgerError) {
        guard rename(from, to) == 0 else { throw .system(call: "rename", path: to, errno: errno) }
    }

    /// `20261031T231004Z`.
    private static func stamp(_ at: Instant) -> String {
        at.description.filter { $0 != "-" && $0 != ":" }
    }
}
