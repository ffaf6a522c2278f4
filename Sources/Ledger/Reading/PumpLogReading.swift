package import PumpCore

/// What a driver's session is told before it reads the log.
package struct KnownRecords: Hashable, Sendable {
    /// Ranges of the pump's own positions that are stored and that it still holds. Empty for families without them.
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
    /// Positions that are stored and that the pump still holds.
    func confirmedPositions() -> [ClosedRange<Int>] {
        let positions: [Int]
        switch evidence.positions {
        case .none: return []
        case .series: positions = log.entries.compactMap { evidence.rows[$0.row].position }
        case .ring(let size): positions = positionsInRing(size)
        }
        var ranges: [ClosedRange<Int>] = []
        for position in positions.sorted() {
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
    private func positionsInRing(_ size: Int) -> [Int] {
        guard size > 0, let newest = log.entries.last.flatMap({ evidence.rows[$0.row].position }) else { return [] }
        let overwritten = gapPlacement.stretchesAfterOverwriting()
        var positions: [Int] = []
        var distance = -1
        for (stretch, range) in log.stretches.enumerated().reversed() {
            for entry in range.reversed() {
                guard let position = evidence.rows[log.entries[entry].row].position else { return positions }
                if position == positions.last { continue }
                let way = ((newest - position) % size + size) % size
                guard way > distance else { return positions }
                distance = way
                positions.append(position)
            }
            if overwritten.contains(stretch) { break }
        }
        return positions
    }
}
