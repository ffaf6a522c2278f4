package import PumpCore
package import Supplies

// Rows of the register as the packet shows them: every column, and where the row stands.

package struct PacketPump: Codable, Hashable, Sendable {
    package var serial: String
    package var isSimulated: Bool
    package var model: String?
    package var firmware: String?
    /// `none` where there is no durable pump; nil where the register does not know the serial.
    package var hcpcs: String?
    package var descriptor: String?
    package var ownership: String?
    package var since: CivilDate?
    package var source: String?
    /// The driver by which its log was read, and what that log is worth; nil where no log is on record.
    package var driver: String?
    package var evidence: String?
    package var integrity: String?
    package var tells: [String]
    package var cannotTell: [String]
    package var completeThrough: Instant?
    /// The pump's clock less the patient's wall clock, in seconds, at the newest reading.
    package var clockAheadSeconds: Int?
    package var records: Int
}

package struct PacketAssignment: Codable, Hashable, Sendable {
    package var pump: String
    package var channel: Int
    package var from: String
    package var to: String?
    package var source: String
}

/// Whether a supply code goes with the pump's code (rule R4).
package struct PacketPairing: Codable, Hashable, Sendable {
    package var hcpcs: String
    package var descriptor: String?
    package var pump: String?
    package var pumpHcpcs: String?
    package var isAllowed: Bool
    /// Codes that go with this pump.
    package var allowed: [String]
    package var citation: String?
    package var saidByPayer: Bool
}

package struct PacketDelivery: Codable, Hashable, Sendable {
    package var id: String
    /// Another order of the same patient may have the week codes' deliveries.
    package var order: String
    package var hcpcs: String
    package var date: CivilDate
    package var quantity: Int
    package var isInPeriod: Bool
    package var lot: String?
    package var tracking: String?
    package var receivedBy: String?
    package var contactedOn: CivilDate?
    package var affirmedBy: String?
    package var quantityRemaining: Int?
    /// Against the supply before it; nil for codes that are not containers and for days outside the period.
    package var refill: RefillRecord?
    package var source: String
}

package struct PacketDisposition: Codable, Hashable, Sendable {
    package var date: CivilDate
    package var quantity: Int
    package var reason: String
    package var note: String?
    package var by: String
    package var isInPeriod: Bool
    package var source: String
}

package struct PacketStay: Codable, Hashable, Sendable {
    package var admitted: String
    package var discharged: String?
    package var kind: String
    package var facility: String?
    package var source: String
}

package struct PacketShelfCount: Codable, Hashable, Sendable {
    package var countedOn: CivilDate
    package var quantity: Int
    package var by: String
    package var source: String
}

package struct PacketBilled: Codable, Hashable, Sendable {
    package var hcpcs: String
    package var from: CivilDate
    package var to: CivilDate
    package var units: Int
    package var modifiers: [String]
    package var claim: String?
    package var line: String?
    package var source: String
}
