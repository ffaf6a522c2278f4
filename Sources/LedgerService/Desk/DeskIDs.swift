package import PumpCore

/// The name of a line of `reconcile`: the resolved period, the order, the code.
package struct StockLineID: Hashable, Sendable, CustomStringConvertible {
    package var period: Period
    package var order: String
    package var hcpcs: String

    package init(period: Period, order: String, hcpcs: String) {
        self.period = period
        self.order = order
        self.hcpcs = hcpcs
    }

    /// Reads `s:2026-10-01..2026-10-31:O1:A4222`. An order's id may hold colons itself.
    package init?(_ text: String) {
        guard text.hasPrefix("s:"), let line = LineID("l:" + text.dropFirst(2)) else { return nil }
        self.init(period: line.period, order: line.order, hcpcs: line.hcpcs)
    }

    package var description: String { "s:\(period.from)..\(period.to):\(order):\(hcpcs)" }
}

/// The name of a line of `refill-due`: the day asked about, and the order.
package struct RefillID: Hashable, Sendable, CustomStringConvertible {
    package var day: CivilDate
    package var order: String

    package init(day: CivilDate, order: String) {
        self.day = day
        self.order = order
    }

    /// Reads `d:2026-11-01:O1`.
    package init?(_ text: String) {
        let parts = text.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == "d", let day = CivilDate(parts[1]), !parts[2].isEmpty else { return nil }
        self.init(day: day, order: String(parts[2]))
    }

    package var description: String { "d:\(day):\(order)" }
}

/// The name of a finding of `scrub`: the resolved period, and a mark made of what it says about which row.
package struct FindingID: Hashable, Codable, Sendable, CustomStringConvertible {
    package var period: Period
    /// Eight hexadecimal digits; of equal findings the later ones have `-2`, `-3`.
    package var mark: String

    package init(period: Period, mark: String) {
        self.period = period
        self.mark = mark
    }

    /// Reads `f:2026-10-01..2026-10-31:3fa9c1d2`.
    package init?(_ text: String) {
        guard text.hasPrefix("f:"), let line = LineID("l:" + text.dropFirst(2) + ":"), !line.order.isEmpty else {
            return nil
        }
        self.init(period: line.period, mark: line.order)
    }

    package var description: String { "f:\(period.from)..\(period.to):\(mark)" }
}
