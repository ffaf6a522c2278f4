package import PumpCore

/// Codes, and which goes with which pump and container (rule R4): `codes.json`.
package struct CodeTable: Hashable, Codable, Sendable {
    package struct Code: RuleEntry, Hashable, Codable {
        package enum Counts: String, Hashable, Codable, Sendable {
            case container
            case syringe
            case week
            case pump
            /// Nothing that this program counts.
            case none
        }

        package var code: String
        package var counts: Counts
        package var descriptor: String
        package var citation: String
        package var mark: RuleMark
        package var from: CivilDate?
        package var to: CivilDate?
    }

    /// The code of a container on a pump.
    package struct Supply: RuleEntry, Hashable, Codable {
        package var pumps: [String]
        package var containers: [String]
        package var code: String
        package var citation: String
        package var mark: RuleMark
        package var from: CivilDate?
        package var to: CivilDate?
    }

    /// The code of a week of catheter maintenance with a pump.
    package struct Weekly: RuleEntry, Hashable, Codable {
        package var pumps: [String]
        package var code: String
        package var citation: String
        package var mark: RuleMark
        package var from: CivilDate?
        package var to: CivilDate?
    }

    /// Containers for which nothing is paid.
    package struct Unpaid: RuleEntry, Hashable, Codable {
        package var containers: [String]
        package var why: String
        package var citation: String
        package var mark: RuleMark
        package var from: CivilDate?
        package var to: CivilDate?
    }

    /// Supply codes that may be billed beside a pump.
    package struct Pairing: RuleEntry, Hashable, Codable {
        package var pumps: [String]
        package var codes: [String]
        package var citation: String
        package var mark: RuleMark
        package var from: CivilDate?
        package var to: CivilDate?
    }

    /// Codes of what another code includes already.
    package struct Included: RuleEntry, Hashable, Codable {
        package var codes: [String]
        package var what: String
        package var `in`: String
        package var citation: String
        package var mark: RuleMark
        package var from: CivilDate?
        package var to: CivilDate?
    }

    package var codes: [Code]
    package var supplies: [Supply]
    package var weekly: [Weekly]
    package var unpaid: [Unpaid]
    package var pairings: [Pairing]
    package var included: [Included]

    package func code(_ code: String) -> Code? { codes.first { $0.code == code } }

    /// The supply code of a container on a pump, by its date of service.
    package func supply(pump: String, container: String, on date: CivilDate) -> Supply? {
        supplies.first { $0.pumps.contains(pump) && $0.containers.contains(container) && $0.isInForce(on: date) }
    }

    package func weekly(pump: String, on date: CivilDate) -> Weekly? {
        weekly.first { $0.pumps.contains(pump) && $0.isInForce(on: date) }
    }

    package func unpaid(container: String, on date: CivilDate) -> Unpaid? {
        unpaid.first { $0.containers.contains(container) && $0.isInForce(on: date) }
    }

    package func pairing(pump: String, on date: CivilDate) -> Pairing? {
        pairings.first { $0.pumps.contains(pump) && $0.isInForce(on: date) }
    }

    package func included(_ code: String, on date: CivilDate) -> Included? {
        included.first { $0.codes.contains(code) && $0.isInForce(on: date) }
    }
}
