package import PumpCore

/// What `close` says: that the period is frozen, or what is still open.
package struct ClosingAnswer: Codable, Sendable {
    package var heading: ReportHeading
    /// Nil where nothing was closed, because something is open and nobody accepted it.
    package var closing: ClosingNote?
    package var open: [OpenPoint]
    package var billableLines: Int
    package var containers: Int
    package var reconcileLines: Int
}

/// Something that a person should settle before a period is closed.
package struct OpenPoint: Codable, Hashable, Sendable {
    package enum Kind: String, Codable, Sendable {
        /// The pump's log is not read to the end of the period.
        case unread
        /// The log has a hole in the period.
        case gap
        /// A count needs a person.
        case review
    }

    package var kind: Kind
    package var order: String?
    package var pump: String?
    package var hcpcs: String?
    /// A sentence without a final stop.
    package var what: String
    /// What to do about it.
    package var remedy: String
}

/// What a report of a closed period says about its closing.
package struct ClosingNote: Codable, Hashable, Sendable {
    package var closedAt: Instant
    package var closedBy: String
    package var uid: UInt32
    /// Why it was closed over open points.
    package var accepted: String?
    /// The program's version that counted.
    package var program: String
    /// `sha256:…` of what was frozen.
    package var digest: String
    /// What arrived later, oldest first.
    package var adjustments: [Adjustment]
}

/// A correction of a closed period, as an entry of its own day. Its counts are signed differences; nil where one side cannot
/// be assessed.
package struct Adjustment: Codable, Hashable, Sendable {
    package var order: String
    package var hcpcs: String
    /// The day on which the newest of its causes arrived, in the patient's home zone.
    package var on: CivilDate
    package var used: Int?
    package var supported: Int?
    package var payable: Int?
    package var prepared: Int?
    package var review: Int?
    package var over: Int?
    /// A plain sentence: what arrived, and what it changed.
    package var reason: String
    /// Records of the containers that came, went or changed.
    package var records: [RecordKey]
    /// Rows of the register that arrived.
    package var rows: [String]
}

/// What `reopen` says.
package struct ReopeningAnswer: Codable, Sendable {
    package var period: Period
    package var zone: String
    package var reason: String
    package var reopenedAt: Instant
    package var reopenedBy: String
    /// The closing that no longer holds.
    package var closing: ClosingNote
}
