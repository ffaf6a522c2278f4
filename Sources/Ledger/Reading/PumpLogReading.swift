package import PumpCore

/// What a driver's session is told before it reads the log.
package struct KnownRecords: Hashable, Sendable {
    /// The pump's own positions that are stored and that it still holds: a range for each unbroken run, in log order, so
    /// that the last one ends at the newest record. A run over the end of a ring is two. Empty for families without
    /// positions.
    package var confirmed: [ClosedRange<Int>]
    /// The newest stored records, oldest first.
    package var newest: [RawRecord]

    package init(confirmed: [ClosedRange<Int>] = [], newest: [RawRecord] = []) {
        self.confirmed = confirmed
        self.newest = newest
    }
}

extension Ledger {
    /// One pump's whole log, merged from every download. Nil for a pump that is not on record. Serial and driver name it.
    package func log(of pump: PumpIdentity) throws(LedgerError) -> PumpLog? {
        try read { db in try LogReader(db: db).log(of: pump) }
    }

    /// How many records that log has; 0 for a pump that is not on record.
    package func recordCount(of pump: PumpIdentity) throws(LedgerError) -> Int {
        try read { db in try MergedReading(of: pump, db)?.log.entries.count ?? 0 }
    }

    /// What is stored of a pump, for the session that is about to read it. Empty for a pump that is not on record.
    package func known(of pump: PumpIdentity, newest count: Int = 16) throws(LedgerError) -> KnownRecords {
        try read { db in
            guard let reading = try MergedReading(of: pump, db), let last = reading.log.stretches.last else {
                return KnownRecords()
            }
            // Superseded versions are not what the pump would show now.
            let current = last.filter { $0 + 1 >= last.upperBound || !reading.log.entries[$0 + 1].replacesPrevious }
            return KnownRecords(
                confirmed: reading.confirmedPositions(),
                newest: try current.suffix(count).map { try reading.raw($0) })
        }
    }
}

extension MergedReading {
    /// What is stored and what the pump still holds, as `KnownRecords` has it.
    func confirmedPositions() -> [ClosedRange<Int>] {
        switch evidence.positions {
        case .none: []
        case .series: rangesInSeries()
        case .ring(let size): rangesInRing(size)
        }
    }

    /// Numbers are used once, so their order is the log's.
    private func rangesInSeries() -> [ClosedRange<Int>] {
        var ranges: [ClosedRange<Int>] = []
        for position in log.entries.compactMap({ evidence.rows[$0.row].position }).sorted() {
            if let last = ranges.last, position <= last.upperBound + 1 {
                ranges[ranges.count - 1] = last.lowerBound...max(last.upperBound, position)
            } else {
                ranges.append(position...position)
            }
        }
        return ranges
    }

    /// Back from the newest record, as long as the way round the ring gets longer: where it does not, an older round
    /// begins, and the pump has written over it. What lies behind an overwritten gap is gone too.
    private func rangesInRing(_ size: Int) -> [ClosedRange<Int>] {
        guard size > 0, let newest = log.entries.last.flatMap({ evidence.rows[$0.row].position }) else { return [] }
        let overwritten = gapPlacement.stretchesAfterOverwriting()
        /// Newest first.
        var ranges: [ClosedRange<Int>] = []
        var distance = -1
        for (stretch, entries) in log.stretches.enumerated().reversed() {
            /// The record after the one at hand, in this stretch.
            var later: Int?
            for entry in entries.reversed() {
                guard let position = evidence.rows[log.entries[entry].row].position else { return ranges.reversed() }
                if position == later { continue }
                let way = ((newest - position) % size + size) % size
                guard way > distance else { return ranges.reversed() }
                distance = way
                if let range = ranges.last, later == range.lowerBound, position + 1 == range.lowerBound {
                    ranges[ranges.count - 1] = position...range.upperBound
                } else {
                    ranges.append(position...position)
                }
                later = position
            }
            if overwritten.contains(stretch) { break }
        }
        return ranges.reversed()
    }
}
