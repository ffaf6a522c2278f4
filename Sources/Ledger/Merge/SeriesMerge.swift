import PumpCore

/// The log of a pump whose records carry one consecutive number each: they stand where the number says.
struct SeriesMerge {
    private(set) var log = MergedLog()

    init(_ evidence: PumpEvidence) {
        let contents = evidence.contents()
        var slots: [Int: SlotVersions] = [:]
        for (index, batch) in evidence.batches.enumerated() {
            for range in batch.rows {
                for row in range {
                    guard let position = evidence.rows[row].position else { continue }
                    slots[position, default: SlotVersions()]
                        .add(row: contents[row], batch: index, reach: 0, in: evidence)
                }
            }
        }
        let positions = slots.keys.sorted()
        var firstEntries: [Int: (stretch: Int, first: Int, last: Int)] = [:]
        var begin = 0
        for (index, position) in positions.enumerated() {
            if index > 0, positions[index - 1] + 1 != position {
                log.stretches.append(begin..<log.entries.count)
                begin = log.entries.count
            }
            let first = log.entries.count
            for (age, version) in (slots[position]?.sortedAsStated(in: evidence) ?? []).enumerated() {
                log.entries.append(
                    MergedLog.Entry(row: version.row, batch: version.batch, ordinal: 0, replacesPrevious: age > 0))
            }
            firstEntries[position] = (log.stretches.count, first, log.entries.count - 1)
        }
        log.stretches.append(begin..<log.entries.count)
        log.spans = evidence.batches.map { batch in
            let touched = batch.rows.flatMap { $0.compactMap { evidence.rows[$0].position } }
            guard let low = touched.min().flatMap({ firstEntries[$0] }),
                let high = touched.max().flatMap({ firstEntries[$0] })
            else { return nil }
            return MergedLog.Span(stretch: low.stretch, first: low.first, last: high.last)
        }
        log.countEqualEntries(contents: contents)
    }
}
