package import PumpCore

/// Why a number is null or nothing is payable, and what would change it.
package struct Hold: Hashable, Codable, Sendable {
    /// `R6`.
    package var rule: String
    /// A plain sentence.
    package var reason: String
    /// The register's column that is missing or decides, where there is one.
    package var column: String?

    package init(rule: String, reason: String, column: String? = nil) {
        self.rule = rule
        self.reason = reason
        self.column = column
    }
}

/// How far the truth may lie above `supported`.
package struct CountRange: Hashable, Codable, Sendable {
    package var low: Int
    package var high: Int

    package init(low: Int = 0, high: Int = 0) {
        self.low = low
        self.high = high
    }

    package var isZero: Bool { low == 0 && high == 0 }
}

/// What a report says of each pump's log.
package struct PumpCoverageReport: Hashable, Sendable {
    package var pump: String
    /// Nil where the pump was never read, or where nothing corrects its clock.
    package var completeThrough: Instant?
    package var completeThroughCivil: CivilDateTime?
    /// Those that touch the period.
    package var gaps: [TimedGapReport]
    package var isUncorrected: Bool
    /// True where no record of the pump was ever read.
    package var isUnread: Bool
}

/// A gap as reports print it.
package struct TimedGapReport: Hashable, Sendable {
    package var from: Instant?
    package var to: Instant?
    package var fromCivil: CivilDateTime?
    package var toCivil: CivilDateTime?
    package var reason: String
    package var missing: Int?
}

extension PumpCoverageReport: Codable {
    private enum CodingKeys: String, CodingKey {
        case pump, completeThrough, completeThroughCivil, gaps
        case isUncorrected = "uncorrected"
        case isUnread = "neverRead"
    }

    package func encode(to encoder: any Encoder) throws {
        var c = encoder.container(keyedBy: CodingKeys.self)
        try c.encode(pump, forKey: .pump)
        try c.encode(completeThrough, forKey: .completeThrough)
        try c.encode(completeThroughCivil, forKey: .completeThroughCivil)
        try c.encode(gaps, forKey: .gaps)
        try c.encode(isUncorrected, forKey: .isUncorrected)
        try c.encode(isUnread, forKey: .isUnread)
    }
}

extension TimedGapReport: Codable {
    private enum CodingKeys: String, CodingKey {
        case from, to, fromCivil, toCivil, reason, missing
    }

    package func encode(to encoder: any Encoder) throws {
        var c = encoder.container(keyedBy: CodingKeys.self)
        try c.encode(from, forKey: .from)
        try c.encode(to, forKey: .to)
        try c.encode(fromCivil, forKey: .fromCivil)
        try c.encode(toCivil, forKey: .toCivil)
        try c.encode(reason, forKey: .reason)
        try c.encode(missing, forKey: .missing)
    }
}
