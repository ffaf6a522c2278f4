import PumpCore
package import Supplies

/// One line a container.
package struct UsageAnswer: Codable, Sendable {
    package var heading: ReportHeading
    package var lines: [ContainerUse]
}

/// One line an order and code.
package struct BillableAnswer: Codable, Sendable {
    package var heading: ReportHeading
    package var lines: BillableLines
}

/// The name of a billable line: the resolved period, the order, the code.
package struct LineID: Hashable, Sendable {
    package var period: Period
    package var order: String
    package var hcpcs: String

    package init(period: Period, order: String, hcpcs: String) {
        self.period = period
        self.order = order
        self.hcpcs = hcpcs
    }

    /// Reads `l:2026-10-01..2026-10-31:O1:A4222`. An order's id may hold colons itself.
    package init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count >= 4, parts[0] == "l", let hcpcs = parts.last,
            let dots = parts[1].firstRange(of: ".."), let from = CivilDate(parts[1][..<dots.lowerBound]),
            let to = CivilDate(parts[1][dots.upperBound...]), from <= to
        else { return nil }
        self.init(
            period: Period(from: from, to: to), order: parts[2..<(parts.count - 1)].joined(separator: ":"),
            hcpcs: String(hcpcs))
    }
}

extension LineID: CustomStringConvertible {
    package var description: String { "l:\(period.from)..\(period.to):\(order):\(hcpcs)" }
}
