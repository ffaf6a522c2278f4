/// An amount of drug or fluid, exact to a thousandth, with its unit.
package struct Quantity: Hashable, Sendable {
    package enum Unit: String, Codable, Sendable {
        case milliliters = "mL"
        /// Insulin units, U-100.
        case units = "U"
    }

    /// Microliters, or thousandths of an insulin unit. Device bytes never make it overflow: drivers check the range.
    package let thousandths: Int
    package let unit: Unit

    package init(thousandths: Int, _ unit: Unit) {
        self.thousandths = thousandths
        self.unit = unit
    }

    package static func milliliters(thousandths: Int) -> Quantity { Quantity(thousandths: thousandths, .milliliters) }
    package static func units(thousandths: Int) -> Quantity { Quantity(thousandths: thousandths, .units) }

    /// Nil for infinities, NaN and amounts of a million and more: no pump holds them.
    package init?(_ value: Double, _ unit: Unit) {
        guard value.isFinite, abs(value) < 1_000_000 else { return nil }
        self.init(thousandths: Int((value * 1000).rounded()), unit)
    }

    /// For printing and JSON; arithmetic stays in thousandths.
    package var value: Double { Double(thousandths) / 1000 }

    /// The number alone, without superfluous zeros: `2.1`, `0.025`, `100`.
    package var number: String {
        let whole = abs(thousandths) / 1000
        var fraction = padded(abs(thousandths) % 1000, 3)
        while fraction.hasSuffix("0") { fraction.removeLast() }
        return (thousandths < 0 ? "-" : "") + String(whole) + (fraction.isEmpty ? "" : "." + fraction)
    }
}

extension Quantity: CustomStringConvertible {
    /// `2.1 U`, `100 mL`.
    package var description: String { number + " " + unit.rawValue }
}

extension Quantity: Codable {
    private enum CodingKeys: String, CodingKey {
        case thousandths
        case unit
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        thousandths = try container.decode(Int.self, forKey: .thousandths)
        unit = try container.decode(Unit.self, forKey: .unit)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(thousandths, forKey: .thousandths)
        try container.encode(unit, forKey: .unit)
    }
}
