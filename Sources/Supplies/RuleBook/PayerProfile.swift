package import PumpCore

/// What one payer's rules are: one file a payer.
package struct PayerProfile: Hashable, Codable, Sendable {
    package struct Change: Hashable, Codable, Sendable {
        package var on: CivilDate
        package var what: String
        package var citation: String
        package var mark: RuleMark
    }

    /// Which quantity the payer pays by.
    package enum Basis: String, Hashable, Codable, Sendable {
        case prepared
        case used
        case lesser
    }

    package struct BasisEntry: RuleEntry, Hashable, Codable {
        package var codes: [String]
        package var basis: Basis
        package var citation: String
        package var mark: RuleMark
        package var from: CivilDate?
        package var to: CivilDate?
    }

    /// What must hold for anything to be payable.
    package struct Gate: RuleEntry, Hashable, Codable {
        package enum Kind: String, Hashable, Codable, Sendable {
            case pairing
            case drugList = "drug-list"
            case modifier
        }

        package var rule: String
        package var gate: Kind
        /// For modifiers: those that make a line payable.
        package var accepts: [String]?
        package var citation: String
        package var mark: RuleMark
        package var from: CivilDate?
        package var to: CivilDate?
    }

    package struct Limit: RuleEntry, Hashable, Codable {
        package enum Kind: String, Hashable, Codable, Sendable {
            /// One unit for each `days` covered days, the last ones rounded up.
            case oneEachDays = "one-each-days"
            /// `units` in a calendar year.
            case calendarYear = "calendar-year"
            /// A delivery holds at most `days` of need.
            case daysADelivery = "days-a-delivery"
            case neverBilled = "never-billed"
        }

        package var rule: String
        package var limit: Kind
        package var codes: [String]
        package var days: Int?
        package var units: Int?
        package var citation: String
        package var mark: RuleMark
        package var from: CivilDate?
        package var to: CivilDate?
    }

    package struct Refill: RuleEntry, Hashable, Codable {
        package enum ContactAnchor: String, Hashable, Codable, Sendable {
            case expectedEnd = "expected-end"
            case delivery
        }

        package var contactDays: Int
        /// What the days of contact are counted back from.
        package var contactBefore: ContactAnchor
        /// Days before the expected end of the supply.
        package var deliveryDays: Int
        /// The most days of need that may be delivered at a time.
        package var mostDays: Int
        /// More days of need than these want a narrative on the claim; nil where none is wanted.
        package var narrativeDays: Int?
        /// Whether answer and quantity remaining must be on record.
        package var needsAnswer: Bool
        package var citation: String
        package var mark: RuleMark
        package var from: CivilDate?
        package var to: CivilDate?
    }

    package struct PerDiem: RuleEntry, Hashable, Codable {
        package enum Days: String, Hashable, Codable, Sendable {
            /// From the day on which the therapy begins to the day on which it ends.
            case access
            /// Days on which something was infused.
            case infusion
        }

        package var days: Days
        package var code: String
        /// Supply codes that the per diem includes.
        package var covers: [String]
        package var citation: String
        package var mark: RuleMark
        package var from: CivilDate?
        package var to: CivilDate?
    }

    /// `medicare-dme`: also the name of its file.
    package var profile: String
    package var title: String
    package var changes: [Change]
    package var bases: [BasisEntry]
    package var gates: [Gate]
    package var limits: [Limit]
    package var refills: [Refill]
    package var perDiem: PerDiem?
    /// Whether this payer's claims are held against the tables of CMS, where the user has put some beside the rules.
    package var cmsTables: Bool?
    package var rules: [RuleText]

    /// `medicare-dme@2026-01-25`: the profile at its latest change in force on `date`.
    package func set(on date: CivilDate) -> String {
        if let latest = changes.map(\.on).filter({ $0 <= date }).max() { return "\(profile)@\(latest)" }
        if let first = changes.map(\.on).min() { return "\(profile)@before-\(first)" }
        return "\(profile)@undated"
    }

    package func basis(of code: String, on date: CivilDate) -> Basis {
        bases.first { $0.codes.contains(code) && $0.isInForce(on: date) }?.basis ?? .prepared
    }

    package func gate(_ kind: Gate.Kind, on date: CivilDate) -> Gate? {
        gates.first { $0.gate == kind && $0.isInForce(on: date) }
    }

    package func limit(_ kind: Limit.Kind, of code: String, on date: CivilDate) -> Limit? {
        limits.first { $0.limit == kind && $0.codes.contains(code) && $0.isInForce(on: date) }
    }

    package func refill(on date: CivilDate) -> Refill? { refills.first { $0.isInForce(on: date) } }

    /// The text of a rule as it was in force on `date`, ready to be shown.
    package func rule(_ id: String, on date: CivilDate) -> RuleReference {
        let texts = rules.filter { $0.id == id }
        let text = texts.first { $0.isInForce(on: date) } ?? texts.first
        return RuleReference(
            id: id, set: set(on: date), mark: text?.mark ?? .derived, text: text?.text ?? "",
            citation: text?.citation ?? "")
    }
}
