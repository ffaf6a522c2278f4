import GRDB
package import PumpCore

/// How far the readings of a pump have come: whether the last one went to its end, and whether ever one did.
package struct ReadingCourse: Hashable, Sendable {
    package enum Last: Hashable, Sendable {
        case finished
        /// It has no end on record: it goes on, or the daemon was cut short in it.
        case open
        /// The link ended or the pump would not answer: the rest is still in the pump.
        case brokeOff
    }

    /// Recordings, pages and attested events are files: they are all there or refused, so their readings are finished.
    package var last: Last = .finished
    /// False where a pump was read from its link and no reading went to its end.
    package var wasEverWhole = false
    /// When the log was last read to its newest record.
    package var lastReadAt: Instant?
    /// The sessions, in the order in which they came into the ledger.
    package var sessions: [SessionID] = []

    init(ofPump pump: Int, _ db: Database) throws {
        let query = try HotStatement(
            db,
            """
            SELECT name, origin, outcome, detail FROM session LEFT JOIN ending ON ending.session = session.id
            WHERE pump = ? AND \(Disowning.isOwned) ORDER BY session.id
            """)
        query.bind(1, pump)
        defer { query.reset() }
        while try query.step() {
            sessions.append(SessionID(query.text(0)))
            let isLive = query.text(1) == SessionStart.Origin.live.rawValue
            switch query.optionalText(2) {
            case _ where !isLive: last = .finished
            case nil: last = .open
            case SessionEnd.Outcome.complete.rawValue: last = .finished
            case _ where query.optionalText(3) == SessionEnd.unreadablePart: last = .finished
            default: last = .brokeOff
            }
            if last == .finished { wasEverWhole = true }
        }
        lastReadAt = try PumpQuery.lastReadAt(pump, db)
    }
}

extension Ledger {
    package func readingCourse(of pump: PumpIdentity) throws(LedgerError) -> ReadingCourse? {
        try read { db in try PumpQuery.number(of: pump, db).map { try ReadingCourse(ofPump: $0, db) } }
    }
}

extension LogReader {
    package func readingCourse(of pump: PumpIdentity) throws -> ReadingCourse? {
        try PumpQuery.number(of: pump, db).map { try ReadingCourse(ofPump: $0, db) }
    }
}
