package import PumpCore
package import PumpDrivers

/// What a port has to say when a pump has named itself.
package struct SessionOpening: Hashable, Codable, Sendable {
    /// The port's id, for the record of where a download came from.
    package var port: String
    package var pump: PumpIdentity
    package var decoderVersion: Int
    package var begunAt: Instant

    package init(port: String, pump: PumpIdentity, decoderVersion: Int, begunAt: Instant) {
        self.port = port
        self.pump = pump
        self.decoderVersion = decoderVersion
        self.begunAt = begunAt
    }
}

/// A session that the writer has opened, and what it knew of the pump until then.
package struct BegunSession: Hashable, Codable, Sendable {
    package var id: SessionID
    package var known: KnownLog

    package init(id: SessionID, known: KnownLog) {
        self.id = id
        self.known = known
    }
}

package enum SessionOutcome: Hashable, Codable, Sendable {
    /// Everything there was is stored.
    case complete
    /// The link ended, or the daemon did; the next session goes on.
    case interrupted
    case failed(SessionFault)
}

/// The writer's side of the door: whoever keeps records. The station knows neither files nor tables.
///
/// Calls of one session come one after another. A receipt means that the batch is durable; what cannot be stored throws,
/// and the station ends the session and tries again later.
package protocol RecordSink: Sendable {
    func begin(_ opening: SessionOpening) async throws -> BegunSession
    func append(_ batch: LogBatch, to session: SessionID) async throws -> BatchReceipt
    func note(_ reading: ClockReading) async throws
    func note(_ gap: LogGap, in session: SessionID) async throws
    func note(_ fault: SessionFault, in session: SessionID) async throws
    /// The pump's newest record is stored, whatever is still read below it.
    func noteNewestStored(in session: SessionID) async throws
    func end(_ session: SessionID, _ outcome: SessionOutcome, at: Instant) async throws
}

/// What a writer throws that knows what a person can do about it.
package protocol StoreFault: Error {
    /// A plain sentence; nil where there is nothing better than to look into it.
    var remedy: String? { get }
}
