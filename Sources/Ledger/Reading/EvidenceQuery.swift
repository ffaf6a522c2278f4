import GRDB
import PumpCore

/// Loads what bears on the order of one pump's log, and in the same go the records themselves where they are wanted.
struct EvidenceQuery {
    let pump: PumpIdentity
    let pumpNumber: Int
    let db: Database
    /// How the records are wanted; nil for not at all.
    let depth: EventReader.Depth?
    /// By row of the evidence.
    private(set) var records: [StoredRecord] = []

    init(pump: PumpIdentity, pumpNumber: Int, db: Database, depth: EventReader.Depth? = nil) {
        self.pump = pump
        self.pumpNumber = pumpNumber
        self.db = db
        self.depth = depth
    }

    mutating func evidence() throws -> PumpEvidence {
        var evidence = PumpEvidence()
        try loadRows(into: &evidence)
        var indexes: [Int: Int] = [:]
        try loadSessions(into: &evidence, &indexes)
        try loadBatches(into: &evidence, indexes)
        try loadGaps(into: &evidence, indexes)
        return evidence
    }

    // Made once: a month asks them of every pump.
    private static let rowsForOrder = rows("position, civil, counter")
    private static let rowsWhole = rows(StoredRecord.columns)

    private static func rows(_ columns: String) -> String {
        "SELECT id, digest, twin, stable, \(columns) FROM record WHERE id >= ? AND id < ? ORDER BY id"
    }

    private static let sessions = """
        SELECT session.id, name, started_at, positions, ring_size, outcome IS 'complete'
        FROM session LEFT JOIN ending ON ending.session = session.id
        WHERE pump = ? AND \(Disowning.isOwned) ORDER BY session.id
        """

    private mutating func loadRows(into evidence: inout PumpEvidence) throws {
        var digester = RecordDigester(driver: pump.driver, serial: pump.serial)
        let ids = RecordIDs.range(ofPump: pumpNumber)
        let query = try HotStatement(db, depth == nil ? Self.rowsForOrder : Self.rowsWhole)
        query.bind(1, ids.lowerBound)
        query.bind(2, ids.upperBound)
        defer { query.reset() }
        let reader = depth.map { EventReader(depth: $0) }
        let expected = try newestID(ids).map { RecordIDs.index($0, ofPump: pumpNumber) + 1 } ?? 0
        evidence.rows.reserveCapacity(expected)
        if reader != nil { records.reserveCapacity(expected) }
        var isPlain = true
        while try query.step() {
            guard let digest = query.digest(1), query.int(0) == ids.lowerBound + evidence.rows.count else {
                throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "record \(query.int(0)) is out of place")
            }
            let position: Int?
            let time: DeviceTime?
            if let reader {
                let stored = try StoredRecord(from: query, first: 4, id: query.int(0), reader)
                position = stored.record.devicePosition
                time = stored.record.deviceTime
                records.append(stored)
            } else {
                position = query.optionalInt(4)
                time = DeviceTime(civil: query.optionalInt(5), counter: query.optionalInt(6))
            }
            let stable = query.optionalBytes(3)
            if stable != nil || query.int(2) != 0 { isPlain = false }
            evidence.rows.append(
                PumpEvidence.Row(
                    digest: digest,
                    place: stable.map { digester.place(position: position, stableIdentity: $0) } ?? digest.high,
                    position: position, time: time))
        }
        evidence.rowsDiffer = isPlain
    }

    private func newestID(_ ids: Range<Int>) throws -> Int? {
        let query = try HotStatement(db, "SELECT id FROM record WHERE id >= ? AND id < ? ORDER BY id DESC LIMIT 1")
        query.bind(1, ids.lowerBound)
        query.bind(2, ids.upperBound)
        defer { query.reset() }
        return try query.step() ? query.int(0) : nil
    }

    private func loadSessions(into evidence: inout PumpEvidence, _ indexes: inout [Int: Int]) throws {
        let query = try HotStatement(db, Self.sessions)
        query.bind(1, pumpNumber)
        defer { query.reset() }
        while try query.step() {
            indexes[query.int(0)] = evidence.sessions.count
            evidence.sessions.append(
                PumpEvidence.Session(
                    id: SessionID(query.text(1)), startedAt: Instant(secondsSince1970: query.int(2)),
                    isComplete: query.int(5) != 0))
            evidence.positions = LogPositions(query.text(3), ringSize: query.optionalInt(4))
        }
    }

    private func loadBatches(into evidence: inout PumpEvidence, _ indexes: [Int: Int]) throws {
        let query = try HotStatement(
            db,
            """
            SELECT batch.session, number, adjacency, coalesce(batch.read_at, session.read_at), undecoded_offset,
                length(undecoded), first, last
            FROM session JOIN batch ON batch.session = session.id
                LEFT JOIN run ON run.session = batch.session AND run.batch = number
            WHERE pump = ? ORDER BY session.id, number, part
            """)
        query.bind(1, pumpNumber)
        defer { query.reset() }
        while try query.step() {
            guard let session = indexes[query.int(0)] else { continue }
            let number = query.int(1)
            if evidence.batches.last?.session != session || evidence.batches.last?.number != number {
                evidence.batches.append(
                    PumpEvidence.Batch(
                        session: session, number: number,
                        adjacency: LogBatch.Adjacency(rawValue: query.text(2)) ?? .unknown,
                        readAt: query.optionalInt(3).map { Instant(secondsSince1970: $0) }, rows: []))
                if let offset = query.optionalInt(4) {
                    noteUndecoded(in: &evidence, offset: offset, byteCount: query.int(5))
                }
            }
            guard let first = query.optionalInt(6), let last = query.optionalInt(7) else { continue }
            let range = RecordIDs.index(first, ofPump: pumpNumber)...RecordIDs.index(last, ofPump: pumpNumber)
            guard range.lowerBound >= 0, range.upperBound < evidence.rows.count else {
                throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "a run holds records that are not there")
            }
            evidence.batches[evidence.batches.count - 1].rows.append(range)
        }
    }

    private func noteUndecoded(in evidence: inout PumpEvidence, offset: Int, byteCount: Int) {
        let index = evidence.batches.count - 1
        evidence.batches[index].isCutShort = true
        evidence.holes.append(
            PumpEvidence.Hole(
                session: evidence.batches[index].session, batchesBefore: evidence.batches[index].number,
                gap: LogGap(
                    after: nil, before: nil, from: nil, to: nil, reason: .undecoded,
                    detail: "\(byteCount) bytes from offset \(offset) are kept undecoded"),
                cutBatch: index))
    }

    private func loadGaps(into evidence: inout PumpEvidence, _ indexes: [Int: Int]) throws {
        let query = try HotStatement(
            db,
            """
            SELECT gap.session, batches, reason, after_key, before_key, from_civil, from_counter, to_civil, to_counter,
                missing, detail
            FROM session JOIN gap ON gap.session = session.id WHERE pump = ? ORDER BY gap.id
            """)
        query.bind(1, pumpNumber)
        defer { query.reset() }
        while try query.step() {
            guard let session = indexes[query.int(0)] else { continue }
            evidence.holes.append(
                PumpEvidence.Hole(
                    session: session, batchesBefore: query.int(1),
                    gap: LogGap(
                        after: query.optionalText(3).map { RecordKey($0) },
                        before: query.optionalText(4).map { RecordKey($0) },
                        from: DeviceTime(civil: query.optionalInt(5), counter: query.optionalInt(6)),
                        to: DeviceTime(civil: query.optionalInt(7), counter: query.optionalInt(8)),
                        reason: LogGap.Reason(rawValue: query.text(2)) ?? .unread, missing: query.optionalInt(9),
                        detail: query.optionalText(10))))
        }
    }
}

extension DeviceTime {
    /// From the two columns that hold one.
    init?(civil: Int?, counter: Int?) {
        if let civil {
            self = .civil(CivilDateTime(wallSeconds: civil))
        } else if let counter {
            self = .counter(seconds: counter)
        } else {
            return nil
        }
    }
}
