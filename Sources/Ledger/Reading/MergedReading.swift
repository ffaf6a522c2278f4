import GRDB
import PumpCore

/// One pump's merged log inside a read transaction: the order first, the records one by one as they are asked for.
struct MergedReading {
    let pump: PumpIdentity
    let pumpNumber: Int
    let evidence: PumpEvidence
    let log: MergedLog
    private let fetch: HotStatement

    /// Nil for a pump that is not on record.
    init?(of pump: PumpIdentity, _ db: Database) throws {
        guard
            let number = try Int.fetchOne(
                db, sql: "SELECT id FROM pump WHERE driver = ? AND serial = ?", arguments: [pump.driver, pump.serial])
        else { return nil }
        try self.init(number, db)
    }

    init(_ number: Int, _ db: Database) throws {
        fetch = try HotStatement(
            db,
            """
            SELECT raw, opcode, byte_offset, position, civil, counter, kind, details, stable, decoder
            FROM record WHERE id = ?
            """)
        pumpNumber = number
        pump = try PumpQuery.identity(number, db)
        evidence = try EvidenceQuery(pump: pump, pumpNumber: number, db: db).evidence()
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
            for entry in range { records.append(try record(entry, stretch: stretch)) }
        }
        return records
    }

    func record(_ entry: Int, stretch: Int? = nil) throws -> LogRecord {
        let place = log.entries[entry]
        let batch = evidence.batches[place.batch]
        let (record, decoderVersion) = try raw(entry)
        return LogRecord(
            key: key(entry), pump: pump, session: evidence.sessions[batch.session].id, position: entry,
            stretch: stretch ?? log.stretches.firstIndex { $0.contains(entry) } ?? 0, record: record,
            readAt: batch.readAt, decoderVersion: decoderVersion,
            supersedes: place.replacesPrevious ? key(entry - 1) : nil)
    }

    func raw(_ entry: Int) throws -> (record: RawRecord, decoderVersion: Int) {
        let id = RecordIDs.range(ofPump: pumpNumber).lowerBound + log.entries[entry].row
        fetch.bind(1, id)
        defer { fetch.reset() }
        guard try fetch.step(), let event = EventText.event(kind: fetch.text(6), details: fetch.optionalBytes(7)) else {
            throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "record \(id) cannot be read")
        }
        let record = RawRecord(
            raw: fetch.bytes(0), opcode: fetch.optionalInt(1), offset: fetch.optionalInt(2),
            devicePosition: fetch.optionalInt(3),
            deviceTime: DeviceTime(civil: fetch.optionalInt(4), counter: fetch.optionalInt(5)), event: event,
            stableIdentity: fetch.optionalBytes(8))
        return (record, fetch.int(9))
    }
}
