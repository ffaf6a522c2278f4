import Foundation
import Ledger
import PumpCore
import Supplies
import Synchronization
import Timeline

/// Counts one piece of a ledger after the other. One connection reads; while it reads the next pieces, the ones before
/// are counted on the other cores. In memory are, for each core, the logs that one look at the file took.
struct GroupwiseCount {
    let ledger: Ledger
    let count: MonthCount
    /// A look at the file ends behind so many records: others want to read and write too.
    var recordsALook = 4096
    var workers = max(1, min(ProcessInfo.processInfo.activeProcessorCount, 4))

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
        let progress = Mutex(Progress<Total, Found>(total: total))
        DispatchQueue.concurrentPerform(iterations: min(workers, max(1, pieces.count))) { _ in
            do {
                while let look = try look(at: pieces, progress) {
                    for (place, logs) in look.logs.enumerated() {
                        let timelines = logs.map { LogQuery.timeline($0, index: count.index) }
                        let found = finding(pieces[look.first + place], timelines)
                        try progress.withLock { try $0.add(found, at: look.first + place, add) }
                    }
                }
            } catch {
                progress.withLock { $0.failure = $0.failure ?? error }
            }
        }
        return try progress.withLock { progress in
            if let failure = progress.failure { throw failure }
            return progress.total
        }
    }

    private struct Progress<Total: Sendable, Found: Sendable>: Sendable {
        var total: Total
        /// The first piece that nobody has read yet, and the first one that is not added yet.
        var unread = 0
        var unadded = 0
        /// Found before those in front of them, by piece.
        var early: [Int: Found] = [:]
        var failure: (any Error)?

        mutating func take(_ count: Int) -> Int? {
            guard failure == nil, unread < count else { return nil }
            unread += 1
            return unread - 1
        }

        mutating func add(
            _ found: Found, at piece: Int, _ add: (inout Total, Found) throws -> Void
        ) throws {
            guard piece == unadded else {
                early[piece] = found
                return
            }
            try add(&total, found)
            unadded += 1
            while let next = early.removeValue(forKey: unadded) {
                try add(&total, next)
                unadded += 1
            }
        }
    }

    private struct Look {
        /// Its first piece; the others follow it.
        var first: Int
        var logs: [[PumpLog]] = []
    }

    /// Reads the next pieces; nil where none is left. Pieces are taken while the ledger is held, so they are neighbours.
    private func look<Total: Sendable, Found: Sendable>(
        at pieces: [CountingPiece], _ progress: borrowing Mutex<Progress<Total, Found>>
    ) throws -> Look? {
        var look: Look?
        var records = 0
        try ledger.readLogs { reader in
            while records < recordsALook, let piece = progress.withLock({ $0.take(pieces.count) }) {
                let logs = try pieces[piece].logs.compactMap { try reader.log(of: $0) }
                records += logs.reduce(0) { $0 + $1.records.count } + 1
                look = look ?? Look(first: piece)
                look?.logs.append(logs)
            }
        }
        return look
    }

    @Sendable func findings(of piece: CountingPiece, _ timelines: [PumpTimeline]) -> MonthFindings {
        if let group = piece.group { return count.findings(of: group, timelines: timelines) }
        return timelines.first.map(count.unassigned) ?? MonthFindings(period: count.period)
    }
}
