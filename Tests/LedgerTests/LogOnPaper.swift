import PumpCore

@testable import Ledger

/// A pump's log written as text, one letter a record, so that a case fits on a line.
///
/// A small letter is a record of that one byte. A capital is a record that the pump updates in place: `C`, `C'` and `C''`
/// are versions of one record. In a merged log `|` stands between stretches and `~` before a newer version.
enum LogOnPaper {
    static func records(_ text: String, positions: [Int]? = nil) -> [RawRecord] {
        var raws: [[UInt8]] = []
        for byte in text.utf8 {
            if byte == UInt8(ascii: "'"), !raws.isEmpty {
                raws[raws.count - 1].append(byte)
            } else {
                raws.append([byte])
            }
        }
        return raws.enumerated().map { index, raw in
            RawRecord(
                raw: raw, devicePosition: positions.flatMap { index < $0.count ? $0[index] : nil },
                event: PumpEvent(.note),
                stableIdentity: (65...90).contains(raw[0]) ? [raw[0]] : nil)
        }
    }

    static func text(_ records: [LogRecord]) -> String {
        var text = ""
        for (index, record) in records.enumerated() {
            if index > 0, records[index - 1].stretch != record.stretch { text += "|" }
            if record.supersedes != nil { text += "~" }
            text += String(decoding: record.record.raw, as: UTF8.self)
        }
        return text
    }
}

/// One download on paper.
struct Download: Hashable, Sendable {
    struct Part: Hashable, Sendable {
        var records: [RawRecord]
        var adjacency: LogBatch.Adjacency = .unknown
        var isCutShort = false
    }

    var parts: [Part]
    /// Seconds. Nil: nobody said when.
    var readAt: Int?
    var startedAt: Int

    /// Batches in the order in which they were read.
    init(_ texts: String..., adjacency: LogBatch.Adjacency = .unknown, at readAt: Int? = nil, startedAt: Int? = nil) {
        parts = texts.enumerated().map { index, text in
            Part(records: LogOnPaper.records(text), adjacency: index == 0 ? .unknown : adjacency)
        }
        self.readAt = readAt
        self.startedAt = startedAt ?? readAt ?? 0
    }

    /// Slots of a ring from index `first` on, round its end.
    init(_ text: String, from first: Int, ring size: Int, at readAt: Int? = nil) {
        let count = LogOnPaper.records(text).count
        self.init(
            records: LogOnPaper.records(text, positions: (0..<count).map { (first + $0) % size }), at: readAt)
    }

    /// Records with a number each, in the order given.
    init(series: KeyValuePairs<Int, String>, at readAt: Int? = nil, startedAt: Int = 0) {
        self.init(
            records: series.map { number, text in
                RawRecord(
                    raw: Array(text.utf8), devicePosition: number, event: PumpEvent(.note),
                    stableIdentity: Array(String(number).utf8))
            }, at: readAt)
        self.startedAt = readAt ?? startedAt
    }

    init(records: [RawRecord], at readAt: Int?) {
        parts = [Part(records: records)]
        self.readAt = readAt
        startedAt = readAt ?? 0
    }
}

extension Ledger {
    /// Puts a download on record as a session of its own.
    @discardableResult
    func store(
        _ download: Download, of pump: PumpIdentity = .onPaper, positions: LogPositions = .none,
        outcome: SessionEnd.Outcome = .complete
    ) throws -> [BatchReceipt] {
        let startedAt = Instant(secondsSince1970: download.startedAt)
        let session = try begin(
            session: SessionStart(
                pump: pump, link: "paper", origin: .live, positions: positions, decoderVersion: 1, startedAt: startedAt,
                readAt: download.readAt.map { Instant(secondsSince1970: $0) }))
        let receipts = try download.parts.map { part in
            try append(
                LogBatch(
                    records: part.records, adjacency: part.adjacency,
                    undecoded: part.isCutShort ? LogBatch.Undecoded(offset: 9, bytes: [0xEE, 0xFF]) : nil),
                in: session)
        }
        try end(session, SessionEnd(outcome, endedAt: startedAt))
        return receipts
    }

    func text(of pump: PumpIdentity = .onPaper) throws -> String {
        LogOnPaper.text(try log(of: pump)?.records ?? [])
    }
}

extension PumpIdentity {
    static let onPaper = PumpIdentity(serial: "P1", driver: "paper")
}

/// The merge without a ledger: rows as the ledger would number them, in the order of arrival.
struct PaperMerge {
    private(set) var evidence = PumpEvidence()
    private(set) var records: [RawRecord] = []
    private var rows: [Content: Int] = [:]
    private var digester = RecordDigester(driver: PumpIdentity.onPaper.driver, serial: PumpIdentity.onPaper.serial)

    private struct Content: Hashable {
        var digest: RecordDigest
        var twin: Int
    }

    init(_ positions: LogPositions = .none) { evidence.positions = positions }

    /// `name` makes the session's id: the same download has the same one, whenever it arrives.
    mutating func add(_ download: Download, name: String) {
        let session = evidence.sessions.count
        evidence.sessions.append(
            PumpEvidence.Session(
                id: SessionID(name), startedAt: Instant(secondsSince1970: download.startedAt), isComplete: true))
        for (number, part) in download.parts.enumerated() {
            var twins: [RecordDigest: Int] = [:]
            let seen = part.records.map { record in
                let digest = digester.digest(position: record.devicePosition, raw: record.raw)
                defer { twins[digest, default: 0] += 1 }
                return row(of: record, Content(digest: digest, twin: twins[digest, default: 0]))
            }
            evidence.batches.append(
                PumpEvidence.Batch(
                    session: session, number: number, adjacency: part.adjacency,
                    readAt: download.readAt.map { Instant(secondsSince1970: $0) },
                    rows: Self.ranges(seen), isCutShort: part.isCutShort))
        }
    }

    private mutating func row(of record: RawRecord, _ content: Content) -> Int {
        if let known = rows[content] { return known }
        rows[content] = records.count
        evidence.rows.append(
            PumpEvidence.Row(
                digest: content.digest,
                place: record.stableIdentity.map { digester.place(position: record.devicePosition, stableIdentity: $0) }
                    ?? content.digest.high,
                position: record.devicePosition, time: record.deviceTime))
        records.append(record)
        return records.count - 1
    }

    private static func ranges(_ rows: [Int]) -> [ClosedRange<Int>] {
        var ranges: [ClosedRange<Int>] = []
        for row in rows {
            if let last = ranges.last, last.upperBound + 1 == row {
                ranges[ranges.count - 1] = last.lowerBound...row
            } else {
                ranges.append(row...row)
            }
        }
        return ranges
    }

    struct Line: Hashable {
        var key: RecordKey
        var raw: [UInt8]
        var stretch: Int
        var replacesPrevious: Bool
        var readAt: Instant?
    }

    /// The merged log, with nothing in it that depends on the order of arrival.
    func lines() -> [Line] {
        let log = MergedLog(evidence)
        return log.stretches.enumerated().flatMap { stretch, range in
            range.map { index in
                let entry = log.entries[index]
                return Line(
                    key: evidence.rows[entry.row].digest.key(ordinal: entry.ordinal), raw: records[entry.row].raw,
                    stretch: stretch, replacesPrevious: entry.replacesPrevious,
                    readAt: evidence.batches[entry.batch].readAt)
            }
        }
    }
}

/// Every order of a few things.
func everyOrder<T>(of things: [T]) -> [[T]] {
    guard things.count > 1 else { return [things] }
    return things.indices.flatMap { index in
        var rest = things
        let chosen = rest.remove(at: index)
        return everyOrder(of: rest).map { [chosen] + $0 }
    }
}
