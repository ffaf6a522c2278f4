import Ledger
import PumpCore
import Supplies
import Timeline

/// Counts one piece of a ledger after the other, with only the logs of some pieces in memory.
struct GroupwiseCount {
    var ahead: ReadAhead
    let count: MonthCount

    init(ledger: Ledger, count: MonthCount) {
        ahead = ReadAhead(ledger: ledger)
        self.count = count
    }

    /// Adds up what is found, in the order of `pieces`.
    func reduce<Total: Sendable>(
        _ pieces: [CountingPiece], into total: Total, _ add: @Sendable (inout Total, MonthFindings) throws -> Void
    ) throws -> Total {
        try ahead.reduce(
            pieces, into: total,
            read: { reader, piece in
                let logs = try piece.logs.compactMap { try reader.log(of: $0, depth: .counting) }
                return (logs, logs.reduce(0) { $0 + $1.records.count })
            },
            work: { piece, logs in findings(of: piece, logs) }, add: add)
    }

    private func findings(of piece: CountingPiece, _ logs: [PumpLog]) -> MonthFindings {
        let timelines = logs.map { LogQuery.timeline($0, index: count.index) }
        if let group = piece.group { return count.findings(of: group, timelines: timelines) }
        return timelines.first.map(count.unassigned) ?? MonthFindings(period: count.period)
    }
}
