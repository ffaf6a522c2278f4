import PumpCore

/// Runs that another run already tells, word for word and no later. A pump that stays plugged in is read every few
/// minutes, and nearly every reading is one of these: it has a place, and nothing to add.
struct EchoRuns {
    struct Echo: Sendable {
        var run: Int
        var inside: Int
        /// Where its first token stands in the other run.
        var offset: Int
    }

    private(set) var telling: [Int] = []
    private(set) var echoes: [Echo] = []

    /// Only runs of one batch and one range of rows are compared: the same rows, in the same order, are the same run.
    init(_ runs: [SessionRun], _ evidence: PumpEvidence) {
        var simple: [(run: Int, batch: Int, rows: ClosedRange<Int>)] = []
        for (index, run) in runs.enumerated() {
            if let part = run.parts.first, run.parts.count == 1, evidence.batches[part.batch].rows.count == 1,
                let rows = evidence.batches[part.batch].rows.first
            {
                simple.append((index, part.batch, rows))
            } else {
                telling.append(index)
            }
        }
        simple.sort { a, b in
            if a.rows != b.rows {
                return (a.rows.lowerBound, -a.rows.upperBound) < (b.rows.lowerBound, -b.rows.upperBound)
            }
            return evidence.isEarlierReading(a.batch, than: b.batch)
        }
        var cover: (run: Int, batch: Int, rows: ClosedRange<Int>)?
        for candidate in simple {
            if let cover, candidate.rows.upperBound <= cover.rows.upperBound,
                !evidence.isEarlierReading(candidate.batch, than: cover.batch)
            {
                echoes.append(
                    Echo(
                        run: candidate.run, inside: cover.run,
                        offset: candidate.rows.lowerBound - cover.rows.lowerBound))
                continue
            }
            telling.append(candidate.run)
            if candidate.rows.upperBound >= cover?.rows.upperBound ?? -1 { cover = candidate }
        }
    }
}
