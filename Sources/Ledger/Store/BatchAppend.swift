import Foundation
import GRDB
package import PumpCore

extension Ledger {
    /// Stores a batch and where it lay in the download: the records that are new, and the run that it saw. One
    /// transaction, on the disk when it returns.
    ///
    /// `added` counts new contents, and equal ones as often as the batch holds them; `superseded` those of them that
    /// bring other bytes for a record with the same stable identity.
    package func append(_ batch: LogBatch, in session: SessionID) throws(LedgerError) -> BatchReceipt {
        try write { db in
            let open = try OpenSession(session, db)
            try open.positions.check(batch.records, session)
            var appending = try BatchAppend(open, db)
            return try appending.store(batch)
        }
    }
}

extension LogPositions {
    fileprivate func check(_ records: [RawRecord], _ session: SessionID) throws(LedgerError) {
        let allowed: ClosedRange<Int>
        switch self {
        case .none: return
        case .ring(let size): allowed = 0...max(0, size - 1)
        // Numbers this large leave room for the arithmetic on them.
        case .series: allowed = 0...(Int.max >> 1)
        }
        for (index, record) in records.enumerated() {
            guard let position = record.devicePosition, allowed.contains(position) else {
                throw .badPosition(session, record: index, position: record.devicePosition)
            }
        }
    }
}

/// One batch on its way into the tables.
///
/// Nothing is looked up for a record that is new: the unique digest lets it in or not. Only records that are known are
/// read back, and their bytes compared.
private struct BatchAppend {
    private let db: Database
    private let session: OpenSession
    private var digester: RecordDigester
    private let insert: HotStatement
    private let find: HotStatement
    private var nextID: Int
    private let firstNewID: Int

    private var added = 0
    private var superseded = 0
    private var isPreviousKnown = false
    /// How often each digest has come in this batch.
    private var twins: [RecordDigest: Int] = [:]
    private var ranges: [(ids: ClosedRange<Int>, isNew: Bool)] = []

    init(_ session: OpenSession, _ db: Database) throws {
        self.db = db
        self.session = session
        digester = RecordDigester(driver: session.pump.driver, serial: session.pump.serial)
        insert = try HotStatement(
            db,
            """
            INSERT INTO record (id, pump, digest, twin, raw, opcode, byte_offset, position, civil, counter, kind, details,
                stable, decoder) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (digest, twin) DO NOTHING
            """)
        find = try HotStatement(db, "SELECT id, pump, raw FROM record WHERE digest = ? AND twin = ?")
        let newest = try HotStatement(db, "SELECT id FROM record WHERE id < ? ORDER BY id DESC LIMIT 1")
        let ids = RecordIDs.range(ofPump: session.pumpNumber)
        newest.bind(1, ids.upperBound)
        let last = try newest.step() ? newest.int(0) : 0
        newest.reset()
        nextID = max(last + 1, ids.lowerBound)
        firstNewID = nextID
    }

    mutating func store(_ batch: LogBatch) throws -> BatchReceipt {
        twins.reserveCapacity(batch.records.count)
        for record in batch.records { try store(record) }
        try db.cachedStatement(
            sql: """
                INSERT INTO batch (session, number, adjacency, read_at, records, undecoded_offset, undecoded)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [
            session.number, session.batchCount, batch.adjacency.rawValue, batch.readAt?.secondsSince1970,
            batch.records.count, batch.undecoded?.offset, batch.undecoded.map { Data($0.bytes) },
        ])
        for (part, range) in joinedRanges().enumerated() {
            try db.cachedStatement(
                sql: "INSERT INTO run (session, batch, part, first, last) VALUES (?, ?, ?, ?, ?)"
            ).execute(arguments: [
                session.number, session.batchCount, part, range.lowerBound, range.upperBound,
            ])
        }
        try Chain.append(
            .batch(session: session.number, number: session.batchCount, records: firstNewID..<nextID), db)
        return BatchReceipt(
            added: added, known: batch.records.count - added, reachedKnown: try reachesCompleteSession(),
            superseded: superseded)
    }

    // MARK: - A record

    private mutating func store(_ record: RawRecord) throws {
        let digest = digester.digest(position: record.devicePosition, raw: record.raw)
        // In a series a number is used once: the same number with the same bytes is the same record, said twice.
        let twin = session.positions == .series ? 0 : twins[digest, default: 0]
        twins[digest] = twin + 1
        // Known records come in runs, and so do new ones: the likelier question is asked first.
        if isPreviousKnown, let id = try knownID(digest, twin, record) { return saw(id, isNew: false) }
        if try add(record, digest, twin) {
            if let stable = record.stableIdentity, try isUpdate(record, stable) { superseded += 1 }
            added += 1
            isPreviousKnown = false
            saw(nextID, isNew: true)
            nextID += 1
        } else if let id = try knownID(digest, twin, record) {
            isPreviousKnown = true
            saw(id, isNew: false)
        }
    }

    private mutating func saw(_ id: Int, isNew: Bool) {
        if let last = ranges.last, last.isNew == isNew, last.ids.upperBound + 1 == id {
            ranges[ranges.count - 1].ids = last.ids.lowerBound...id
        } else {
            ranges.append((id...id, isNew))
        }
    }

    private func add(_ record: RawRecord, _ digest: RecordDigest, _ twin: Int) throws -> Bool {
        insert.bind(1, nextID)
        insert.bind(2, session.pumpNumber)
        insert.bind(3, digest.bytes)
        insert.bind(4, twin)
        insert.bind(5, record.raw)
        insert.bind(6, record.opcode)
        insert.bind(7, record.offset)
        insert.bind(8, record.devicePosition)
        insert.bind(9, record.deviceTime?.civil?.wallSeconds)
        insert.bind(10, record.deviceTime?.counterSeconds)
        insert.bind(text: record.event.kind.rawValue, 11)
        insert.bind(text: EventText.details(of: record.event), 12)
        insert.bind(13, record.stableIdentity)
        insert.bind(14, session.decoderVersion)
        defer { insert.reset() }
        _ = try insert.step()
        return insert.changes == 1
    }

    private func knownID(_ digest: RecordDigest, _ twin: Int, _ record: RawRecord) throws -> Int? {
        find.bind(1, digest.bytes)
        find.bind(2, twin)
        defer { find.reset() }
        guard try find.step() else { return nil }
        guard find.int(1) == session.pumpNumber, find.equals(2, record.raw) else {
            throw DatabaseError(
                resultCode: .SQLITE_CORRUPT, message: "record \(find.int(0)) does not hold what its digest says")
        }
        return find.int(0)
    }

    /// Whether an earlier batch stored other bytes for the same record.
    private func isUpdate(_ record: RawRecord, _ stable: [UInt8]) throws -> Bool {
        let earlier = try HotStatement(
            db, "SELECT 1 FROM record WHERE pump = ? AND position IS ? AND stable = ? AND id < ? LIMIT 1")
        earlier.bind(1, session.pumpNumber)
        earlier.bind(2, record.devicePosition)
        earlier.bind(3, stable)
        earlier.bind(4, firstNewID)
        defer { earlier.reset() }
        return try earlier.step()
    }

    // MARK: - The run

    /// What the batch saw, new or not, in as few ranges of ids as it takes.
    private func joinedRanges() -> [ClosedRange<Int>] {
        var joined: [ClosedRange<Int>] = []
        for (ids, _) in ranges {
            if let last = joined.last, last.upperBound + 1 == ids.lowerBound {
                joined[joined.count - 1] = last.lowerBound...ids.upperBound
            } else {
                joined.append(ids)
            }
        }
        return joined
    }

    /// Whether the batch meets what a complete session saw. Two records side by side are asked for, because one may be
    /// an equal one from elsewhere in the log; where records carry positions, one is enough.
    private func reachesCompleteSession() throws -> Bool {
        let needed = session.positions == .none ? 2 : 1
        let query = try HotStatement(
            db,
            """
            SELECT 1 FROM session JOIN ending ON ending.session = session.id JOIN run ON run.session = session.id
            WHERE session.pump = ?1 AND outcome = 'complete' AND \(Disowning.isOwned) AND min(run.last, ?3) - max(run.first, ?2) + 1 >= ?4
            ORDER BY session.id DESC LIMIT 1
            """)
        for (ids, isNew) in ranges where !isNew && ids.count >= needed {
            query.bind(1, session.pumpNumber)
            query.bind(2, ids.lowerBound)
            query.bind(3, ids.upperBound)
            query.bind(4, needed)
            defer { query.reset() }
            if try query.step() { return true }
        }
        return false
    }
}
