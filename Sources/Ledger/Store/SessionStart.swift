package import PumpCore

/// What is known of a download, replay or import when it begins.
package struct SessionStart: Hashable, Sendable {
    package enum Origin: String, Codable, Sendable {
        /// A pump on a link.
        case live
        /// A recorded session.
        case replay
        /// Files: log pages, attested events.
        case imported = "import"
    }

    package var pump: PumpIdentity
    /// Where the bytes came from, for a person: `serial:/dev/ttyUSB0`, a file's name.
    package var link: String
    package var origin: Origin
    /// What the positions of its records mean. A property of the driver; the newest session's word holds for the pump.
    package var positions: LogPositions
    package var decoderVersion: Int
    /// By the host's clock.
    package var startedAt: Instant
    /// When the bytes were read from the pump, where batches do not say themselves. Nil for a recording or a file of
    /// which nobody said.
    package var readAt: Instant?

    package init(
        pump: PumpIdentity, link: String, origin: Origin, positions: LogPositions = .none, decoderVersion: Int,
        startedAt: Instant, readAt: Instant? = nil
    ) {
        self.pump = pump
        self.link = link
        self.origin = origin
        self.positions = positions
        self.decoderVersion = decoderVersion
        self.startedAt = startedAt
        self.readAt = readAt
    }
}

/// How a session ended.
package struct SessionEnd: Hashable, Codable, Sendable {
    package enum Outcome: String, Codable, Sendable {
        /// Without a hole from the pump's newest record down to what an earlier complete session stored, or down to the
        /// oldest that the pump has. From now on, touching these records means that everything older is known.
        case complete
        /// Something was read and something is left for the next time.
        case partial
        case failed
    }

    /// The detail of a partial session that went to its end over a part that the pump could not give.
    package static let unreadablePart = "read to its end; a part of it could not be read"

    package var outcome: Outcome
    /// True where the pump's newest record was read: the log is known through `readAt`, whatever is left below.
    package var readToNewest: Bool
    package var endedAt: Instant
    /// Nil: the last batch's time, else the session's.
    package var readAt: Instant?
    /// A plain sentence for what went wrong.
    package var detail: String?

    /// `readToNewest` follows from `.complete` unless it is given.
    package init(
        _ outcome: Outcome, readToNewest: Bool? = nil, endedAt: Instant, readAt: Instant? = nil, detail: String? = nil
    ) {
        self.outcome = outcome
        self.readToNewest = readToNewest ?? (outcome == .complete)
        self.endedAt = endedAt
        self.readAt = readAt
        self.detail = detail
    }
}
