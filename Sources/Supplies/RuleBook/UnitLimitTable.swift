package import PumpCore

/// The most units that CMS takes on a line or a day (medically unlikely edits for DME suppliers), as CMS publishes it.
/// Nothing of it ships: the user drops the file into the folder of rules.
package struct UnitLimitTable: Hashable, Sendable {
    package struct Limit: Hashable, Sendable {
        package enum Adjudication: Int, Hashable, Sendable {
            /// Each line of a claim by itself.
            case line = 1
            /// All lines of a date of service; by policy.
            case dayByPolicy = 2
            /// All lines of a date of service; by clinical benchmarks.
            case dayByBenchmark = 3
        }

        /// 0 is a limit like any other.
        package var units: Int
        package var adjudication: Adjudication
        package var rationale: String
        /// Line of the file.
        package var line: Int
    }

    package var file: String
    /// First date of service for which it holds: until a newer table does.
    package var from: CivilDate
    package var limits: [String: Limit]
}

/// Fees for DMEPOS, as CMS publishes them. Nothing of it ships, and no sum is computed: what is paid depends on the
/// state and the rurality of the patient's home, which the register does not hold.
package struct FeeTable: Hashable, Sendable {
    package struct Fee: Hashable, Sendable {
        /// `SU`: payment category, as the file writes it.
        package var category: String
        /// `D`: jurisdiction, as the file writes it.
        package var jurisdiction: String
        /// US dollars as the file writes them; nil where it has none.
        package var ceiling: String?
        package var floor: String?
        /// Line of the file.
        package var line: Int
    }

    package var file: String
    /// First date of service for which it holds: until a newer table does.
    package var from: CivilDate
    /// Of codes without modifier.
    package var fees: [String: Fee]
}

/// The national ceiling and floor of a line's code, and where they stand.
package struct FeeReference: Hashable, Codable, Sendable {
    /// US dollars a unit.
    package var ceiling: String?
    package var floor: String?
    package var category: String
    package var jurisdiction: String
    /// `DMEPOS26_OCT.csv, line 812, in force from 2026-10-01`.
    package var source: String
}
