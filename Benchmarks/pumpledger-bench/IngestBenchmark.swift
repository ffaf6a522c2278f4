import CSQLite
import Foundation
import Ledger
import PumpCore
import PumpDrivers

/// Durable ingest against the same rows through the SQLite C API: the same tables and indexes, the same batches, WAL and
/// synchronous=FULL. Ours also lays each batch over what is stored, digests it, and is held to append-only.
enum IngestBenchmark {
    private static let batches = 120
    private static let recordsABatch = 250

    static func run(in folder: URL) throws -> Figure {
        let work = batch()
        var ours: [Double] = []
        var theirs: [Double] = []
        for round in 0..<5 {
            let path = folder.appending(path: "ours-\(round).db").path
            ours.append(try ledger(work, path))
            theirs.append(try plain(copyOf: path, folder.appending(path: "plain-\(round).db").path))
        }
        let count = Double(batches * recordsABatch)
        let rate = count / median(ours)
        let peer = count / median(theirs)
        return Figure(
            what: "durable ingest", ours: "\(Int(rate)) records/s", peer: "SQLite C API \(Int(peer)) records/s",
            ratio: rate / peer, goal: .atLeast(0.7))
    }

    /// Paradigm boluses, a minute apart, decoded by the driver: real bytes of a real length.
    private static func batch() -> [LogBatch] {
        var time = 0
        return (0..<batches).map { _ in
            LogBatch(
                records: (0..<recordsABatch).map { _ in
                    time += 1
                    let (minute, hour, day) = (time % 60, time / 60 % 24, time / 1440 % 28 + 1)
                    let units = UInt8(time % 200)
                    let raw: [UInt8] = [0x01, units, units, 0, 0x40, UInt8(minute) | 0x80, UInt8(hour), UInt8(day), 26]
                    return RawRecord(
                        raw: raw, opcode: 1,
                        deviceTime: CivilDateTime(
                            year: 2026, month: time / 40_320 + 1, day: day, hour: hour, minute: minute
                        ).map(DeviceTime.civil),
                        event: PumpEvent(.bolus) {
                            $0.programmed = .units(thousandths: Int(units) * 100)
                            $0.delivered = .units(thousandths: Int(units) * 100)
                        })
                }, adjacency: .followsPrevious)
        }
    }

    private static func ledger(_ work: [LogBatch], _ path: String) throws -> Double {
        let ledger = try Ledger.open(at: path)
        defer { ledger.close() }
        let now = Instant(secondsSince1970: 1_790_000_000)
        let session = try ledger.begin(
            session: SessionStart(
                pump: PumpIdentity(serial: "000001", driver: "paradigm"), link: "benchmark", origin: .imported,
                decoderVersion: 1, startedAt: now))
        var added = 0
        let time = try seconds { for batch in work { added += try ledger.append(batch, in: session).added } }
        try ledger.end(session, SessionEnd(.partial, endedAt: now))
        guard added == batches * recordsABatch else { throw BenchmarkError.sqlite("only \(added) records were new") }
        return time
    }

    /// Reads the rows that the ledger wrote, then writes them batch by batch with prepared statements.
    private static func plain(copyOf source: String, _ path: String) throws -> Double {
        let from = try PlainDatabase(source)
        let tables = try from.rows(
            "SELECT sql FROM sqlite_master WHERE type IN ('table', 'index') AND sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY rowid"
        )
        let records = try from.rows("SELECT * FROM record ORDER BY id")
        let batchRows = try from.rows("SELECT * FROM batch ORDER BY number")
        let runs = try from.rows("SELECT * FROM run ORDER BY batch, part")
        let to = try PlainDatabase(path)
        try to.execute("PRAGMA journal_mode = WAL")
        try to.execute("PRAGMA synchronous = FULL")
        for table in tables { try to.execute(table[0].text) }
        try to.execute("INSERT INTO pump VALUES (1, 'paradigm', '000001')")
        try to.execute("INSERT INTO session VALUES (1, 's', 1, NULL, NULL, 'b', 'import', 'none', NULL, 1, 0, NULL)")
        let record = try to.prepare("record", columns: records.first?.count ?? 0)
        let batch = try to.prepare("batch", columns: batchRows.first?.count ?? 0)
        let run = try to.prepare("run", columns: runs.first?.count ?? 0)
        defer { for statement in [record, batch, run] { sqlite3_finalize(statement) } }
        return try seconds {
            for number in 0..<batches {
                try to.execute("BEGIN IMMEDIATE")
                try to.insert(batch, batchRows[number])
                for row in records[(number * recordsABatch)..<((number + 1) * recordsABatch)] {
                    try to.insert(record, row)
                }
                for row in runs where row[1].integer == number { try to.insert(run, row) }
                try to.execute("COMMIT")
            }
        }
    }
}
