import GRDB
import PumpCore

/// Loads what bears on the order of one pump's log, without the bytes of the records.
struct EvidenceQuery {
    let pump: PumpIdentity
    let pumpNumber: Int
    let db: Database

    func evidence() throws -> PumpEvidence {
        var evidence = PumpEvidence()
        evidence.rows = try rows()
        var indexes: [Int: Int] = [:]
        try loadSessions(into: &evidence, &indexes)
        try loadBatches(into: &evidence, indexes)
        try loadGaps(into: &evidence, indexes)
        return evidence
    }

    private func rows() throws -> [PumpEvidence.Row] {
        var digester = RecordDigester(driver: pump.driver, serial: pump.serial)
        let ids = RecordIDs.range(ofPump: pumpNumber)
        let query = try HotStatement(
            db,
            """
            SELECT id, digest, position, civil, counter, stable FROM record WHERE id >= ? AND id < ? ORDER BY id
            """)
        query.bind(1, ids.lowerBound)
        query.bind(2, ids.upperBound)
        defer { query.reset() }
        var rows: [PumpEvidence.Row] = []
        while try query.step() {
            guard let digest = RecordDigest(query.bytes(1)), query.int(0) == ids.lowerBound + rows.count else {
                throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "record \(query.int(0)) is out of place")
            }
            let position = query.optionalInt(2)
            rows.append(
                PumpEvidence.Row(
                    digest: digest,
                    place: query.optionalBytes(5).map { digester.place(position: position, stableIdentity: $0) }
                        ?? digest.high,
                    position: position,
                    time: DeviceTime(civil: query.optionalInt(3), counter: query.optionalInt(4))))
        }
        return rows
    }

    private func loadSessions(into evidence: inout PumpEvidence, _ indexes: inout [Int: Int]) throws {
        let sessions = try Row.fetchCursor(
            db,
            sql: """
                SELECT session.id, name, started_at, positions, ring_size, outcome IS 'complete'
                FROM session LEFT JOIN ending ON ending.session = session.id WHERE pump = ? ORDER BY session.id
                """,
            arguments: [pumpNumber])
        while let row = try sessions.next() {
            indexes[row[0]] = evidence.sessions.count
            evidence.sessions.append(
                PumpEvidence.Session(
                    id: SessionID(row[1]), startedAt: Instant(secondsSince1970: row[2]), isComplete: row[5]))
            evidence.positions = LogPositions(row[3], ringSize: row[4])
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
        let gaps = try Row.fetchCursor(
            db,
            sql: """
                SELECT gap.session, batches, reason, after_key, before_key, from_civil, from_counter, to_civil, to_counter,
                    missing, detail
                FROM gap JOIN session ON session.id = gap.session WHERE pump = ? ORDER BY gap.id
                """,
            arguments: [pumpNumber])
        while let row = try gaps.next() {
            guard let session = indexes[row[0]] else { continue }
            let after: String? = row[3]
            let before: String? = row[4]
            evidence.holes.append(
                PumpEvidence.Hole(
                    session: session, batchesBefore: row[1],
                    gap: LogGap(
                        after: after.map(RecordKey.init), before: before.map(RecordKey.init),
                        from: DeviceTime(civil: row[5], counter: row[6]),
                        to: DeviceTime(civil: row[7], counter: row[8]),
                        reason: LogGap.Reason(rawValue: row[2]) ?? .unread, missing: row[9], detail: row[10])))
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
