package import PumpLinks

/// What a handler answers: one frame, or as many as it has over time.
package enum SocketReply: Sendable {
    case one([UInt8])
    /// The next part is asked for when the one before it has gone out. The task that iterates is cancelled when the
    /// client goes away or the server closes.
    case many(any AsyncSequence<[UInt8], Never> & Sendable)
}

/// Something about a client that whoever looks after the daemon may want to know.
package enum SocketTrouble: Hashable, Sendable {
    case refused(PeerIdentity, Refusal)
    /// It did not read its answer in time.
    case notReading(PeerIdentity)
    /// The process or the system has no descriptor left; clients wait until there is one.
    case outOfDescriptors(SystemCallFailure)
    case failed(PeerIdentity, SystemCallFailure)
}
