package import PumpCore
import SystemPackage

/// Why the ledger did not do what it was asked. Each says where, what, and what to do about it; none quotes a record.
package enum LedgerError: Error, Hashable, Sendable {
    /// Why a file is not trusted with patients' records.
    package enum Danger: Hashable, Sendable {
        case symbolicLink
        case notAFile
        /// It has more than one name: SQLite's own files would stand beside only one of them.
        case hardLinks
        case foreignOwner(uid: UInt32)
    }

    /// Another process, or another part of this one, holds the ledger.
    case inUse(path: String, holder: Int32?)
    case unsafeFile(path: String, Danger)
    /// A system call failed.
    case system(call: String, path: String, errno: Int32)
    /// A file that is no ledger: it is left as it is.
    case notALedger(path: String)
    case newerSchema(path: String, found: Int, known: Int)
    /// SQLite did not take a setting without which an acknowledged record can be lost.
    case notDurable(path: String, setting: String, found: String, wanted: String)
    case damaged(path: String, problems: [String])
    case diskFull(path: String)
    /// SQLite refused for another reason: its code and its words.
    case database(path: String, code: Int32, message: String)
    /// The disk failed in mid-write earlier. What it holds is known only after opening the ledger anew.
    case stopped(path: String, reason: String)
    case closed(path: String)

    case unknownSession(SessionID)
    case endedSession(SessionID)
    /// The pump gave another name than the one that the session began with.
    case otherPump(SessionID, expected: PumpIdentity, found: PumpIdentity)
    /// A record without a position, or with one outside the ring, in a log that goes by positions.
    case badPosition(SessionID, record: Int, position: Int?)
    /// One import holds two rows with one key and different content.
    case contradictingRows(list: String, key: String, file: String, lines: [Int])
    /// A day of the period belongs to a closed one.
    case periodClosed(from: CivilDate, to: CivilDate, by: String, at: Instant)
    case unknownPump(PumpIdentity)
    /// A file that should hold the key for checkpoints and does not.
    case badKey(path: String)
    /// A key that others than its owner can read.
    case openKey(path: String)
    case disownedAlready(SessionID, by: String, at: Instant)
    /// A file stands where a new one should go.
    case exists(path: String)
    /// What speaks against putting a copy in a ledger's place.
    case restoreRefused(copy: String, objections: [String])
}

extension LedgerError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .inUse(let path, let holder):
            let who = holder.map { "process \($0)" } ?? "another process"
            return "\(path): in use by \(who). Go through the daemon's socket, or stop that process first."
        case .unsafeFile(let path, let danger):
            return "\(path): \(danger.what). \(danger.remedy)"
        case .system(let call, let path, let code):
            return "\(path): \(call): \(Errno(rawValue: code)). Check that the folder exists, is yours and has space."
        case .notALedger(let path):
            return "\(path): not a PumpLedger ledger; it was left untouched. Name another file with --ledger."
        case .newerSchema(let path, let found, let known):
            return "\(path): written by a newer PumpLedger (schema \(found), this one knows \(known)). "
                + "Use the newer program."
        case .notDurable(let path, let setting, let found, let wanted):
            return "\(path): SQLite's \(setting) is \(found) instead of \(wanted), so a power cut could lose "
                + "acknowledged records; nothing was written. Keep the ledger on a local file system."
        case .damaged(let path, let problems):
            return "\(path): damaged: \(problems.prefix(5).joined(separator: "; ")). "
                + "Keep the file as it is and restore a backup beside it."
        case .diskFull(let path):
            return "\(path): the disk is full; nothing of this step was stored. Free some space and repeat it."
        case .database(let path, let code, let message):
            return "\(path): SQLite says \(message) (code \(code)). Nothing of this step was stored; "
                + "run `pumpledger verify`."
        case .stopped(let path, let reason):
            return "\(path): closed after a disk error (\(reason)). Check the disk, then start the program again: "
                + "what was acknowledged before is safe."
        case .closed(let path):
            return "\(path): already closed. Open the ledger again."
        case .unknownSession(let session):
            return "session \(session): not in this ledger. `pumpledger pumps` lists what is."
        case .endedSession(let session):
            return "session \(session): already ended. Begin a new one."
        case .otherPump(let session, let expected, let found):
            return "session \(session): began with pump \(expected.serial) (\(expected.driver)) and now hears "
                + "\(found.serial) (\(found.driver)). Begin a new session for the other pump."
        case .badPosition(let session, let record, let position):
            let what = position.map { "position \($0) is outside the log" } ?? "it has no position"
            return "session \(session): record \(record) of the batch: \(what). "
                + "Nothing of the batch was stored; report this with the recording."
        case .contradictingRows(let list, let key, let file, let lines):
            let places = lines.map(String.init).joined(separator: " and ")
            return "\(file): lines \(places): two different rows of \(list) with the key \(key). "
                + "Nothing was imported; keep one of them."
        case .periodClosed(let from, let to, let person, let at):
            return
                "the period \(from) to \(to) is closed, by \(person) at \(at). What arrives later shows in its reports as "
                + "an adjustment; to count it anew: pumpledger reopen --period \(from)..\(to) --reason TEXT"
        case .exists(let path):
            return "\(path): there is a file of this name already, and it is not written over. Name another one."
        case .restoreRefused(let copy, let objections):
            return
                "\(copy): not restored: \(objections.joined(separator: "; ")). Nothing was changed. Take another copy, or "
                + "say why it shall be: --accept REASON"
        case .badKey(let path):
            return
                "\(path): no key for checkpoints is in it. Put the right file back, or move it away: a new key is made."
        case .openKey(let path):
            return "\(path): others can read this key. Make it private: chmod 600 \(path)"
        case .disownedAlready(let session, let person, let at):
            return "session \(session): disowned already, by \(person) at \(at). Nothing was changed."
        case .unknownPump(let pump):
            return "pump \(pump.serial): not in this ledger. `pumpledger pumps` lists what is."
        }
    }
}

extension LedgerError.Danger {
    fileprivate var what: String {
        switch self {
        case .symbolicLink: "a symbolic link"
        case .notAFile: "not a regular file"
        case .hardLinks: "a file with several names (hard links)"
        case .foreignOwner(let uid): "owned by another user (uid \(uid))"
        }
    }

    fileprivate var remedy: String {
        switch self {
        case .symbolicLink: "Name the file itself."
        case .notAFile: "Name another file with --ledger."
        case .hardLinks: "Remove the other names."
        case .foreignOwner: "Run as that user, or name another file with --ledger."
        }
    }
}
