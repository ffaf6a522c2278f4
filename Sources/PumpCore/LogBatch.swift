/// Records that were neighbours in the pump's log, oldest first: a page, or a batch of ring slots. It is stored whole,
/// with the cursor, or not at all.
package struct LogBatch: Hashable, Codable, Sendable {
    /// How this batch lies to the one that the same session delivered before it.
    package enum Adjacency: String, Codable, Sendable {
        /// Nothing is known: overlap with stored records decides, else there is a gap.
        case unknown
        /// Its newest record comes directly before the previous batch's oldest one.
        case precedesPrevious = "precedes-previous"
        /// Its oldest record comes directly after the previous batch's newest one.
        case followsPrevious = "follows-previous"
    }

    package var records: [RawRecord]
    package var adjacency: Adjacency
    /// When the host had read its last byte.
    package var readAt: Instant?
    /// Where the decoder had to stop: the bytes that it kept but could not split into records.
    package var undecoded: Undecoded?

    package struct Undecoded: Hashable, Codable, Sendable {
        package var offset: Int
        package var bytes: [UInt8]
        package init(offset: Int, bytes: [UInt8]) {
            self.offset = offset
            self.bytes = bytes
        }
    }

    package init(
        records: [RawRecord], adjacency: Adjacency = .unknown, readAt: Instant? = nil, undecoded: Undecoded? = nil
    ) {
        self.records = records
        self.adjacency = adjacency
        self.readAt = readAt
        self.undecoded = undecoded
    }
}

/// What storing a batch did. A session goes on only after it has this, so records are durable before the cursor moves.
package struct BatchReceipt: Hashable, Codable, Sendable {
    /// Records that the ledger did not have.
    package var added: Int
    /// Records that it had already.
    package var known: Int
    /// True once the batch touches records stored earlier: everything older may be known already.
    package var reachedKnown: Bool
    /// Records that the pump had updated in place.
    package var superseded: Int

    package init(added: Int, known: Int, reachedKnown: Bool, superseded: Int = 0) {
        self.added = added
        self.known = known
        self.reachedKnown = reachedKnown
        self.superseded = superseded
    }
}
