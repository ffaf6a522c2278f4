package import PumpCore

/// What a session wants done, or found out. The caller does the I/O; the session only says what.
package enum SessionOutput: Hashable, Codable, Sendable {
    case send([UInt8])
    /// Wake me after this long unless I set another deadline. A session has one deadline at a time.
    case deadline(milliseconds: Int)
    case noDeadline
    case identity(PumpIdentity)
    /// The pump's clock, as it was when the last byte arrived.
    case clock(DeviceTime)
    /// Figures for a person who waits: `done` of `total` parts, in the family's own unit.
    case progress(done: Int, total: Int)
    /// Everything newer than what the ledger had is stored. What is still read is older and can wait for the next visit:
    /// the nurse may unplug.
    case mayUnplug
    /// Store this, then call `stored`. The session sends nothing more until then.
    case batch(LogBatch)
    case gap(LogGap)
    /// Something went wrong that a person may want to know; the session goes on or ends by itself.
    case fault(SessionFault)
    case finished
}

package struct SessionFault: Hashable, Codable, Sendable, Error {
    package enum Kind: String, Codable, Sendable {
        /// No answer in time.
        case silent
        /// A check sum, length or echo was wrong.
        case garbled
        /// The answer belongs to another pump, or to no pump that this driver knows.
        case wrongDevice = "wrong-device"
        /// The pump refused.
        case refused
        /// A page or batch could not be decoded to its end.
        case undecoded
        /// The link went away.
        case linkEnded = "link-ended"
        /// What the device sent brought down the process that read it. Said by the daemon, never by a session.
        case readerFailed = "reader-failed"
        /// There is no process to read it with. Said by the daemon, never by a session.
        case noReader = "no-reader"
    }

    package var kind: Kind
    /// A plain sentence.
    package var message: String
    /// True when the session cannot go on.
    package var isFatal: Bool

    package init(_ kind: Kind, _ message: String, isFatal: Bool) {
        self.kind = kind
        self.message = message
        self.isFatal = isFatal
    }
}

/// What the ledger already has of this pump, told to a session before it starts to read the log.
package struct KnownLog: Hashable, Codable, Sendable {
    /// Stored ranges in the pump's own positions, for families that have them: one for each unbroken run of records, in
    /// the log's own order, oldest first, so that the last one ends at the newest stored record. A run that goes over
    /// the end of a ring is two ranges. Runs may overlap: where a ring went round, the later one counts.
    package var confirmed: [ClosedRange<Int>]
    /// The newest stored records, oldest first: enough to see whether the log went on or began anew.
    package var newest: [RawRecord]

    package init(confirmed: [ClosedRange<Int>] = [], newest: [RawRecord] = []) {
        self.confirmed = confirmed
        self.newest = newest
    }
}

/// The conversation that fetches a log: a sans-I/O state machine. It cannot block, sleep, open or print.
///
/// Call `start`, then feed it bytes and passed deadlines; carry out what it returns, in order. After `.identity` call
/// `known` once (the session waits for it before it reads the log); after each `.batch` call `stored`.
package protocol DownloadSession: Sendable {
    mutating func start() -> [SessionOutput]
    mutating func receive(_ bytes: [UInt8]) -> [SessionOutput]
    mutating func deadlinePassed() -> [SessionOutput]
    mutating func known(_ log: KnownLog) -> [SessionOutput]
    mutating func stored(_ receipt: BatchReceipt) -> [SessionOutput]
    mutating func linkEnded() -> [SessionOutput]
}

/// A listener to both directions of somebody else's conversation: a recording, or a tap. It never sends.
package protocol PassiveSession: Sendable {
    mutating func observe(_ direction: Direction, _ bytes: [UInt8]) -> [SessionOutput]
    /// The recording is over: what was begun and not finished is reported, not believed.
    mutating func end() -> [SessionOutput]
}
