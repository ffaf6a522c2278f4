package import PumpCore

/// What the counting core finds for a period.
package struct MonthFindings: Sendable {
    package var period: ClosedRange<CivilDate>
    /// The rule sets in force on the last day, one a payer, in order.
    package var ruleSets: [String]
    package var coverage: [PumpCoverageReport]
    package var lines: [BillableLine]
    /// Containers of the period, those of no order included, by pump and time.
    package var containers: [ContainerUse]
    /// What explains each order's numbers; empty unless asked for.
    package var accounts: [OrderAccount]

    package init(
        period: ClosedRange<CivilDate>, ruleSets: [String] = [], coverage: [PumpCoverageReport] = [],
        lines: [BillableLine] = [], containers: [ContainerUse] = [], accounts: [OrderAccount] = []
    ) {
        self.period = period
        self.ruleSets = ruleSets
        self.coverage = coverage
        self.lines = lines
        self.containers = containers
        self.accounts = accounts
    }

    /// `medicare-dme@2026-01-25`; of several payers all, with a comma between.
    package var rules: String { ruleSets.joined(separator: ", ") }

    /// Adds what was found for other patients.
    package mutating func add(_ other: MonthFindings) {
        ruleSets = Array(Set(ruleSets).union(other.ruleSets)).sorted()
        coverage += other.coverage
        lines += other.lines
        containers += other.containers
        accounts += other.accounts
    }
}

/// What stands behind an order's numbers: each ordered slot or hang time of the period, and what became of it.
package struct OrderAccount: Hashable, Codable, Sendable {
    package enum Fate: String, Hashable, Codable, Sendable {
        case given
        case missed
        /// In unread time.
        case unknown
        case inpatient
        /// Not given, and a container that was for it is excused.
        case excused
    }

    package struct Slot: Hashable, Codable, Sendable {
        package var at: CivilDateTime
        package var fate: Fate
        /// Ids of containers that served it.
        package var containers: [String]
        /// The container that it upholds.
        package var upholds: String?
    }

    package var order: String
    package var slots: [Slot]
    /// When containers had to be hung at the least.
    package var hangTimes: [CivilDateTime]
    /// Hours that one container may hang; nil where an input is missing.
    package var containerLifeHours: Double?
    package var missingInputs: [String]
    /// Hang times in unread time.
    package var unknownHangTimes: [CivilDateTime]
}
