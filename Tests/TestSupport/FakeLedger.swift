package import PumpCore
package import PumpDrivers

/// Enough of a ledger to test a session with: it knows which records it has and which of them are neighbours.
package struct FakeLedger: Sendable {
    private struct Entry: Hashable {
        var position: Int?
        var raw: [UInt8]
        /// Among equal records of one batch.
        var ordinal: Int
    }

    private var records: [Entry: RawRecord] = [:]
    private var after: [Entry: Entry] = [:]
    private var before: [Entry: Entry] = [:]
    private var born: [Entry: (session: Int, turn: Int)] = [:]
    /// Records below which nothing is missing: those that were there when a session came to its end.
    private var settled: Set<Entry> = []
    private var previous: (oldest: Entry, newest: Entry)?
    private var session = 0
    private var turn = 0
    package var gaps: [LogGap] = []
    package private(set) var receipts: [BatchReceipt] = []

    package init() {}

    package var count: Int { records.count }

    package mutating func store(_ batch: LogBatch) -> BatchReceipt {
        var seen: [[UInt8]: Int] = [:]
        let entries = batch.records.map { record in
            let ordinal = seen[record.raw, default: 0]
            seen[record.raw] = ordinal + 1
            return Entry(
                position: record.devicePosition, raw: record.raw, ordinal: record.devicePosition == nil ? ordinal : 0)
        }
        var added = 0
        turn += 1
        for (entry, record) in zip(entries, batch.records) where records[entry] == nil {
            records[entry] = record
            born[entry] = (session, turn)
            added += 1
        }
        for (a, b) in zip(entries, entries.dropFirst()) { link(a, b) }
        if let oldest = entries.first, let newest = entries.last {
            if let previous {
                switch batch.adjacency {
                case .precedesPrevious: link(newest, previous.oldest)
                case .followsPrevious: link(previous.newest, oldest)
                case .unknown: break
                }
            }
            previous = (oldest, newest)
        }
        let receipt = BatchReceipt(
            added: added, known: entries.count - added, reachedKnown: entries.contains(where: settled.contains))
        receipts.append(receipt)
        return receipt
    }

    /// The session that stored last read the log to its end. Of one that was interrupted, records older than its own may
    /// be missing.
    package mutating func settle() { settled = Set(records.keys) }

    private mutating func link(_ a: Entry, _ b: Entry) {
        after[a] = b
        before[b] = a
    }

    /// Unbroken runs, oldest first: those of later sessions are newer, and within one session the later delivered older.
    private var runs: [[Entry]] {
        let heads = records.keys.filter { before[$0] == nil }
        return heads.map { head in
            var run = [head]
            while let last = run.last, let next = after[last] { run.append(next) }
            return run
        }
        .sorted { a, b in
            guard let x = a.last.flatMap({ born[$0] }), let y = b.last.flatMap({ born[$0] }) else { return false }
            return x.session == y.session ? x.turn > y.turn : x.session < y.session
        }
    }

    /// Everything, in log order as far as it is known.
    package var log: [RawRecord] { runs.joined().compactMap { records[$0] } }
    package var runCount: Int { runs.count }

    /// What a new session is told. Beginning one is part of asking.
    package mutating func known(newest: Int = 64) -> KnownLog {
        session += 1
        previous = nil
        var confirmed: [ClosedRange<Int>] = []
        for run in runs {
            for position in run.compactMap(\.position) {
                if let last = confirmed.last, last.upperBound + 1 == position, run.first?.position != position {
                    confirmed[confirmed.count - 1] = last.lowerBound...position
                } else {
                    confirmed.append(position...position)
                }
            }
        }
        return KnownLog(
            confirmed: confirmed, newest: (runs.last ?? []).suffix(newest).compactMap { records[$0] })
    }
}
