import Ledger
import PumpCore

/// What holds the ledger itself to account: whether it is still what it was, what to keep as a proof, and which downloads
/// are not to be believed.
struct EvidenceDesk {
    let ledger: Ledger
    let context: RequestContext
    let caller: Caller

    func verify(against file: InputFile?) throws -> VerificationAnswer {
        let kept = try file.map { file in
            guard let kept = KeptCheckpoint(note: file.bytes) else {
                throw ServiceError(
                    .badInput, "\(file.name) is no checkpoint of a ledger",
                    remedy: "Name a file that `pumpledger checkpoint` printed, unchanged.")
            }
            return kept
        }
        let check = try ledger.verify(against: kept)
        return VerificationAnswer(
            path: ledger.path, sqliteVersion: Ledger.sqliteVersion, schema: check.schema, pumps: check.pumpCount,
            records: check.recordCount, sessions: check.sessionCount,
            chain: VerificationAnswer.Chain(
                ledger: check.chain.origin, entries: check.chain.entries, head: check.chain.head.hex,
                checkpoints: check.chain.checkpoints, unsigned: check.chain.unsigned,
                verifierKey: check.chain.verifierKey, signingProblem: ledger.checkpointProblem,
                against: kept.map { kept in
                    "entry \(kept.number)" + (kept.at.map { ", of \($0)" } ?? "")
                }),
            checks: LedgerCheck.what, problems: check.problems)
    }

    func checkpoint() throws -> CheckpointAnswer {
        // The request itself is on record already, so there is always something to sign; a daemon may just have done so.
        guard let point = try ledger.checkpoint(at: context.now) ?? ledger.newestCheckpoint() else {
            throw ServiceError(.badInput, "nothing is on record yet", remedy: "Import or read something first.")
        }
        return CheckpointAnswer(
            ledger: point.origin, entries: point.number, head: point.head.hex, at: point.at,
            verifierKey: point.verifierKey, note: point.note, zone: context.zone)
    }

    func backUp(to file: String) throws -> BackupAnswer {
        guard file.hasPrefix("/") else {
            throw ServiceError(.usage, "\(file) is no absolute path", remedy: "Name it from the root: /…")
        }
        return BackupAnswer(try ledger.backUp(to: file, at: context.now), file: file, objections: [], replaced: nil)
    }

    func disown(_ session: SessionID, reason: String) throws -> DisowningAnswer {
        guard !reason.allSatisfy(\.isWhitespace) else {
            throw ServiceError(.usage, "--reason gives no reason", remedy: "Say why: --reason \"TEXT\"")
        }
        let disowned = try ledger.disown(
            session, at: context.now, by: LedgerPerson(user: caller.user, uid: caller.uid), reason: reason)
        return DisowningAnswer(
            session: session, pump: disowned.pump.serial, at: disowned.at, by: caller.user, reason: reason,
            records: disowned.recordsOfItsOwn, zone: context.zone)
    }
}

extension BackupAnswer {
    init(_ copy: LedgerCopy, file: String, objections: [String], replaced: String?) {
        self.init(
            file: file, ledger: copy.ledger, bytes: copy.bytes, sha256: copy.sha256, entries: copy.entries,
            head: copy.head, records: copy.records, objections: objections, replaced: replaced)
    }
}
