package import PumpCore

/// One request, and how it ended.
package struct AuditEntry: Hashable, Sendable {
    package var number: Int64
    /// By the machine's clock.
    package var at: Instant
    package var by: LedgerPerson
    /// The command's name.
    package var action: String
    /// Its period, order, pump or other ids, by the names of its options.
    package var arguments: [String: String]
    /// Nil for a request that was to store something and was cut short.
    package var outcome: String?
}
