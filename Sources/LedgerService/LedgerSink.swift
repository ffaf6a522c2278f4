import Dispatch
package import Ledger
package import PumpCore
package import PumpDrivers
package import Station
import Synchronization

/// The station's writer: sessions, batches and gaps go into the ledger, and what the ledger knows goes back to the
/// driver. Records and cursor are one thing here: what a driver is told as known is computed from the stored records.
///
/// The ledger's calls block until the disk has it, so they run on a queue of their own and no port waits for another
/// port's answer to be decoded. They are not cancelled: what was begun is stored.
package final class LedgerSink: RecordSink {
    /// What is known of a session besides what is stored of it.
    private struct Course {
        /// When its first batch was read: it holds the pump's newest records, so the log is known up to then.
        var newestReadAt: Instant?
        var isNewestStored = false
        /// Something that the pump still has could not be read.
        var leavesHole = false
    }

    /// Enough of the newest records for any driver to see whether the log went on or began anew.
    static let newestTold = 64

    private let ledger: Ledger
    private let queue = DispatchQueue(label: "pumpledger.ledger")
    private let courses = Mutex<[SessionID: Course]>([:])

    package init(_ ledger: Ledger) { self.ledger = ledger }

    package func begin(_ opening: SessionOpening) async throws -> BegunSession {
        let begun = try await onQueue { (ledger) throws(LedgerError) in
            let known = try ledger.known(of: opening.pump, newest: Self.newestTold)
            let id = try ledger.begin(
                session: SessionStart(
                    pump: opening.pump, link: opening.port, origin: .live,
                    positions: DriverCatalog.driver(named: opening.pump.driver)?.positions ?? .none,
                    decoderVersion: opening.decoderVersion, startedAt: opening.begunAt))
            return BegunSession(id: id, known: KnownLog(confirmed: known.confirmed, newest: known.newest))
        }
        courses.withLock { $0[begun.id] = Course() }
        return begun
    }

    package func append(_ batch: LogBatch, to session: SessionID) async throws -> BatchReceipt {
        let receipt = try await onQueue { (ledger) throws(LedgerError) in try ledger.append(batch, in: session) }
        change(session) { $0.newestReadAt = $0.newestReadAt ?? batch.readAt }
        return receipt
    }

    package func note(_ reading: ClockReading) async throws {
        try await onQueue { (ledger) throws(LedgerError) in try ledger.note(clock: reading) }
    }

    package func note(_ gap: LogGap, in session: SessionID) async throws {
        try await onQueue { (ledger) throws(LedgerError) in try ledger.note(gap: gap, in: session) }
        // What the pump wrote over is gone, and nothing is left to come back for. What it still has is tried again.
        if gap.reason == .unread || gap.reason == .failedCheck { change(session) { $0.leavesHole = true } }
    }

    /// The ledger keeps what was read. Faults that cost records come as gaps too; the others are shown while they last.
    package func note(_ fault: SessionFault, in session: SessionID) async throws {}

    package func noteNewestStored(in session: SessionID) async throws {
        change(session) { $0.isNewestStored = true }
    }

    package func end(_ session: SessionID, _ outcome: SessionOutcome, at moment: Instant) async throws {
        let course = courses.withLock { $0.removeValue(forKey: session) } ?? Course()
        let readAt = course.newestReadAt ?? moment
        let end: SessionEnd =
            switch outcome {
            case .complete:
                SessionEnd(
                    course.leavesHole ? .partial : .complete, readToNewest: true, endedAt: moment, readAt: readAt,
                    detail: course.leavesHole ? SessionEnd.unreadablePart : nil)
            case .interrupted:
                SessionEnd(.partial, readToNewest: course.isNewestStored, endedAt: moment, readAt: readAt)
            case .failed(let fault):
                SessionEnd(
                    .failed, readToNewest: course.isNewestStored, endedAt: moment, readAt: readAt,
                    detail: fault.message)
            }
        try await onQueue { (ledger) throws(LedgerError) in try ledger.end(session, end) }
    }

    private func change(_ session: SessionID, _ change: (inout Course) -> Void) {
        courses.withLock { courses in
            guard var course = courses[session] else { return }
            change(&course)
            courses[session] = course
        }
    }

    private func onQueue<Value: Sendable>(
        _ step: @escaping @Sendable (Ledger) throws(LedgerError) -> Value
    ) async throws(LedgerError) -> Value {
        let ledger = ledger
        let result: Result<Value, LedgerError> = await withCheckedContinuation { continuation in
            queue.async { @Sendable in
                let result: Result<Value, LedgerError>
                do throws(LedgerError) { result = .success(try step(ledger)) } catch { result = .failure(error) }
                continuation.resume(returning: result)
            }
        }
        return try result.get()
    }
}

extension LedgerError: StoreFault {
    package var remedy: String? {
        switch self {
        case .diskFull: "Free some space on the disk of the ledger: reading goes on by itself then."
        case .stopped: "Check the disk of the ledger, then restart pumpledgerd."
        default: nil
        }
    }
}
