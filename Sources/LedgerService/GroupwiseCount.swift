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
        try reduce(pieces, into: total, finding: findings, add)
    }

    /// The same for whatever else is found in a piece and its logs.
    func reduce<Total: Sendable, Found: Sendable>(
        _ pieces: [CountingPiece], into total: Total, finding: @Sendable (CountingPiece, [PumpTimeline]) -> Found,
        _ add: @Sendable (inout Total, Found) throws -> Void
    ) throws -> Total {
        try ahead.reduce(
            pieces, into: total,
            read: { reader, piece in
                let logs = try piece.logs.compactMap { try reader.log(of: $0, depth: .counting) }
                return (logs, logs.reduce(0) { $0 + $1.records.count })
            },
            work: { piece, logs in finding(piece, logs.map { LogQuery.timeline($0, index: count.index) }) }, add: add)
    }

    @Sendable func findings(of piece: CountingPiece, _ timelines: [PumpTimeline]) -> MonthFindings {
        if let group = piece.group { return count.findings(of: group, timelines: timelines) }
        return timelines.first.map(count.unassigned) ?? MonthFindings(period: count.period)
    }
}
