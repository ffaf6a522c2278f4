import GRDB
import PumpCore

/// One pump's merged log inside a read transaction: the order first, the records as they are asked for.
struct MergedReading {
    let pump: PumpIdentity
    let pumpNumber: Int
    let evidence: PumpEvidence
    let log: MergedLog
    /// By row of the evidence; empty where they are read one by one.
    private let records: [StoredRecord]
    private let fetch: HotStatement
    /// By number of the evidence's sessions.
    private let sources: [RecordSource]

    /// Nil for a pump that is not on record.
    init?(of pump: PumpIdentity, _ db: Database, records depth: EventReader.Depth? = nil) throws {
        guard let number = try PumpQuery.number(of: pump, db) else { return nil }
        // Counting looks at no model and no firmware: those that the caller knows will do.
        try self.init(number, db, named: depth == .counting ? pump : nil, records: depth)
    }

    /// `depth`: every record is wanted, so that they are read in the same go as what their order rests on.
    init(_ number: Int, _ db: Database, named pump: PumpIdentity? = nil, records depth: EventReader.Depth? = nil) throws
    {
        fetch = try HotStatement(db, "SELECT \(StoredRecord.columns) FROM record WHERE id = ?")
        pumpNumber = number
        let pump = try pump ?? PumpQuery.identity(number, db)
        self.pump = pump
        var query = EvidenceQuery(pump: pump, pumpNumber: number, db: db, depth: depth)
        evidence = try query.evidence()
        records = query.records
        sources = evidence.sessions.map { RecordSource(pump: pump, session: $0.id) }
        log = MergedLog(evidence)
    }

    var gapPlacement: GapPlacement { GapPlacement(evidence, log, key: key) }

    func key(_ entry: Int) -> RecordKey {
        evidence.rows[log.entries[entry].row].digest.key(ordinal: log.entries[entry].ordinal)
    }

    func entries() throws -> [LogRecord] {
        var records: [LogRecord] = []
        records.reserveCapacity(log.entries.count)
        for (stretch, range) in log.stretches.enumerated() {
            for entry in range {
                let row = log.entries[entry].row
                guard row < self.records.count else {
                    records.append(try record(entry, stretch: stretch))
                    continue
                }
                // As `record(_:stretch:)` has it, with what was read for it made use of where it stands.
                let batch = log.entries[entry].batch
                records.append(
                    LogRecord(
                        key: key(entry), source: sources[evidence.batches[batch].session], position: entry,
                        stretch: stretch, record: self.records[row].record, readAt: evidence.batches[batch].readAt,
                        decoderVersion: self.records[row].decoderVersion,
                        supersedes: log.entries[entry].replacesPrevious ? key(entry - 1) : nil))
            }
        }
        return records
    }

    func record(_ entry: Int, stretch: Int? = nil) throws -> LogRecord {
        let place = log.entries[entry]
        let stored = try stored(entry)
        return LogRecord(
            key: key(entry), source: sources[evidence.batches[place.batch].session], position: entry,
            stretch: stretch ?? log.stretches.firstIndex { $0.contains(entry) } ?? 0,
            record: stored.record, readAt: evidence.batches[place.batch].readAt,
            decoderVersion: stored.decoderVersion, supersedes: place.replacesPrevious ? key(entry - 1) : nil)
    }

    func raw(_ entry: Int) throws -> RawRecord { try stored(entry).record }

    private func stored(_ entry: Int) throws -> StoredRecord {
        let row = log.entries[entry].row
        if row < records.count { return records[row] }
        let id = RecordIDs.range(ofPump: pumpNumber).lowerBound + row
        fetch.bind(1, id)
        defer { fetch.reset() }
        guard try fetch.step() else {
            throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "record \(id) is not there")
        }
        return try StoredRecord(from: fetch, first: 0, id: id, EventReader(depth: .everything))
    }
}
