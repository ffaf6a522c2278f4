/// One order and period to be put together for an auditor. The files are written by the one who asks.
package struct PacketToMake: Codable, Hashable, Sendable {
    package var order: String
    /// As a person writes it: `2026-10`.
    package var period: String

    package init(order: String, period: String) {
        self.order = order
        self.period = period
    }
}
