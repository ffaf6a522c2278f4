package import PumpCore

/// What a request comes to. A value: every format is printed from the same one.
package enum Answer: Codable, Sendable {
    case imported(ImportAnswer)
    case eventsImported(EventsImportAnswer)
    case registerChanged(RegisterAnswer)
    case pumps(PumpsAnswer)
    case events(EventsAnswer)
    case usage(UsageAnswer)
    case billable(BillableAnswer)
    case reconciled(ReconcileAnswer)
    case refillsDue(RefillAnswer)
    case scrubbed(ScrubAnswer)
    case entered(EntryAnswer)
    case explanation(ExplanationAnswer)
    case packet(PacketAnswer)
    case verified(VerificationAnswer)
    case checkpoint(CheckpointAnswer)
    case disowned(DisowningAnswer)
    case backedUp(BackupAnswer)
    case closed(ClosingAnswer)
    case reopened(ReopeningAnswer)
    case audit(AuditAnswer)
    case visit(VisitAnswer)
    case status(StatusAnswer)
}

/// A hole in what is known about a pump.
package struct GapLine: Codable, Hashable, Sendable {
    package var pump: String
    /// Corrected UTC where it can be corrected, else the pump's own time without a zone; nil at the edge of the log.
    package var from: String?
    package var to: String?
    package var reason: String
    package var detail: String?

    package init(pump: String, from: String?, to: String?, reason: String, detail: String? = nil) {
        self.pump = pump
        self.from = from
        self.to = to
        self.reason = reason
        self.detail = detail
    }
}

package struct CoverageLine: Codable, Hashable, Sendable {
    package var pump: String
    package var isSimulated: Bool
    package var completeThrough: Instant?
    package var gaps: [GapLine]
}

/// What every report says about itself.
package struct ReportHeading: Codable, Hashable, Sendable {
    package var period: Period
    package var zone: String
    package var rules: String
    package var rulesDigest: String
    package var coverage: [CoverageLine]
    /// Only of a closed period.
    package var closing: ClosingNote?
    /// Plain sentences: what a reader of these numbers should know beside them.
    package var remarks: [String] = []
}

/// What a replay or an import of a log did.
package struct ImportAnswer: Codable, Hashable, Sendable {
    package var pump: PumpIdentity
    package var session: SessionID
    /// Records in the input.
    package var read: Int
    package var added: Int
    package var known: Int
    package var superseded: Int
    /// Of the whole pump, after this import.
    package var recordsInLedger: Int
    package var gaps: [GapLine]
    package var remarks: [String]
}

/// What an import of attested events did, pump by pump.
package struct EventsImportAnswer: Codable, Hashable, Sendable {
    package struct Line: Codable, Hashable, Sendable {
        package var pump: String
        package var read: Int
        package var added: Int
        package var known: Int
        /// Rows whose number was there with other content: a new version, the old one stays on record.
        package var superseded: Int
    }

    package var lines: [Line]
    package var dryRun: Bool
}

package struct RegisterAnswer: Codable, Hashable, Sendable {
    package struct File: Codable, Hashable, Sendable {
        package var name: String
        package var added: Int
        package var changed: Int
        package var unchanged: Int
    }

    package var files: [File]
    package var remarks: [String]
    package var dryRun: Bool
}

package struct PumpsAnswer: Codable, Hashable, Sendable {
    package struct Line: Codable, Hashable, Sendable {
        package var pump: PumpIdentity
        package var records: Int
        package var sessions: Int
        package var lastReadAt: Instant?
        package var completeThrough: Instant?
        /// The pump's own time of its newest record, where nothing corrects it.
        package var newestDeviceTime: DeviceTime?
        /// The host's clock minus the pump's, in seconds, at the last reading.
        package var clockOffsetSeconds: Int?
        package var order: String?
        package var gaps: [GapLine]
        /// What state the pump is in, in words; the daemon adds the live ones.
        package var state: String
        /// The port that it is plugged in at, where a daemon knows.
        package var port: String?
        /// False where the last reading goes on or broke off: what it did not read may hold more gaps.
        package var isComplete: Bool
        package var wasEverWhole: Bool
    }

    package var lines: [Line]
    package var zone: String
}

package struct EventsAnswer: Codable, Hashable, Sendable {
    package struct Line: Codable, Hashable, Sendable {
        package var record: LogRecord
        package var correctedAt: Instant?
        package var civil: CivilDateTime?
        package var clockMethod: String
        package var uncertaintySeconds: Int
        package var isDoubtful: Bool
    }

    package var lines: [Line]
    package var zone: String
    package var gaps: [GapLine]
}

package struct VerificationAnswer: Codable, Hashable, Sendable {
    package var path: String
    package var sqliteVersion: String
    package var schema: Int
    package var pumps: Int
    package var records: Int
    package var sessions: Int
    package var chain: Chain
    package var checks: [String]
    package var problems: [String]

    /// The chain over all that is on record.
    package struct Chain: Codable, Hashable, Sendable {
        package var ledger: String
        package var entries: Int
        /// After the last entry, hexadecimal.
        package var head: String
        package var checkpoints: Int
        /// Entries that no checkpoint holds yet.
        package var unsigned: Int
        package var verifierKey: String?
        /// Why the last checkpoint could not be signed.
        package var signingProblem: String?
        /// The kept checkpoint that the ledger was held against.
        package var against: String?
    }
}

/// The newest checkpoint, as text to keep elsewhere.
package struct CheckpointAnswer: Codable, Hashable, Sendable {
    package var ledger: String
    package var entries: Int
    package var head: String
    package var at: Instant
    package var verifierKey: String
    package var note: String
    package var zone: String
}

/// A copy of the ledger that was found to be sound.
package struct BackupAnswer: Codable, Hashable, Sendable {
    package var file: String
    package var ledger: String
    package var bytes: Int
    package var sha256: String
    package var entries: Int
    package var head: String
    package var records: Int
    /// Of a restoring only: what spoke against it and was overruled, and where the ledger that was there is now.
    package var objections: [String]
    package var replaced: String?
}

/// A download that counts no more.
package struct DisowningAnswer: Codable, Hashable, Sendable {
    package var session: SessionID
    package var pump: String
    package var at: Instant
    package var by: String
    package var reason: String
    /// Records that only this session saw.
    package var records: Int
    package var zone: String
}

/// Why something is what it is: sentences, then the records down to the raw bytes, then the rules with their citations.
package struct ExplanationAnswer: Codable, Hashable, Sendable {
    package struct Rule: Codable, Hashable, Sendable {
        package var id: String
        package var text: String
        package var citation: String
        /// True where the payer says it, false where it is derived.
        package var saidByPayer: Bool

        package init(id: String, text: String, citation: String, saidByPayer: Bool) {
            self.id = id
            self.text = text
            self.citation = citation
            self.saidByPayer = saidByPayer
        }
    }

    package struct Record: Codable, Hashable, Sendable {
        package var line: EventsAnswer.Line
        /// Every session that saw it: id, link, when.
        package var seenBy: [String]

        package init(line: EventsAnswer.Line, seenBy: [String]) {
            self.line = line
            self.seenBy = seenBy
        }
    }

    package struct Part: Codable, Hashable, Sendable {
        package var id: String
        package var sentence: String

        package init(id: String, sentence: String) {
            self.id = id
            self.sentence = sentence
        }
    }

    package var id: String
    /// `container`, `line` or `record`.
    package var kind: String
    package var sentences: [String]
    /// The register rows that it rests on: file and line, and what they say.
    package var register: [String]
    /// Containers of a line, each of which can be explained in turn.
    package var parts: [Part]
    package var records: [Record]
    package var rules: [Rule]
    package var gaps: [GapLine]
}
