import Foundation
import Ledger
import Synchronization

/// Goes through a ledger piece by piece. One connection reads; while it reads the next pieces, what it read before is
/// worked on by the other cores. In memory is, for each core, what one look at the file took.
struct ReadAhead {
    let ledger: Ledger
    /// A look at the file ends behind so many records: others want to read and write too.
    var recordsALook = 4096
    var workers = max(1, min(ProcessInfo.processInfo.activeProcessorCount, 4))

    func reduce<Piece: Sendable, Reading: Sendable, Found: Sendable, Total: Sendable>(
        _ pieces: [Piece], into total: Total, read: @Sendable (LogReader, Piece) throws -> (Reading, records: Int),
        work: @Sendable (Piece, Reading) throws -> Found, add: @Sendable (inout Total, Found) throws -> Void
    ) throws -> Total {
        try reduce(
            pieces.count, into: total, read: { try read($0, pieces[$1]) }, work: { try work(pieces[$0], $1) }, add: add)
    }

    /// Adds up, in the order of the pieces from 0 to `count`, what `work` makes of what `read` read. `read` says how many records that were.
    func reduce<Reading: Sendable, Found: Sendable, Total: Sendable>(
        _ pieces: Int, into total: Total, read: @Sendable (LogReader, Int) throws -> (Reading, records: Int),
        work: @Sendable (Int, Reading) throws -> Found, add: @Sendable (inout Total, Found) throws -> Void
    ) throws -> Total {
        let progress = Mutex(Progress<Found, Total>(total: total))
        DispatchQueue.concurrentPerform(iterations: min(workers, max(1, pieces))) { _ in
            do {
                var isDone = false
                while !isDone {
                    var readings: [(piece: Int, reading: Reading)] = []
                    // The last looks are small, so that no core ends long before the others.
                    let most = progress.withLock { max(1, $0.left(pieces) / (2 * workers)) }
                    try ledger.readLogs { reader in
                        var records = 0
                        while records < recordsALook, readings.count < most {
                            guard let piece = progress.withLock({ $0.take(pieces) }) else {
                                isDone = true
                                return
                            }
                            let (reading, count) = try read(reader, piece)
                            records += count + 1
                            readings.append((piece, reading))
                        }
                    }
                    for (piece, reading) in readings {
                        let found = try work(piece, reading)
                        try progress.withLock { try $0.add(found, at: piece, add) }
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

    private struct Progress<Found: Sendable, Total: Sendable>: Sendable {
        var total: Total
        /// The first piece that nobody has read yet, and the first one that is not added yet.
        var unread = 0
        var unadded = 0
        /// Found before those in front of them, by piece.
        var early: [Int: Found] = [:]
        var failure: (any Error)?

        init(total: Total) { self.total = total }

        func left(_ count: Int) -> Int { max(0, count - unread) }

        mutating func take(_ count: Int) -> Int? {
            guard failure == nil, unread < count else { return nil }
            unread += 1
            return unread - 1
        }

        mutating func add(_ found: Found, at piece: Int, _ add: (inout Total, Found) throws -> Void) throws {
            early[piece] = found
            while let next = early.removeValue(forKey: unadded) {
                try add(&total, next)
                unadded += 1
            }
        }
    }
}
