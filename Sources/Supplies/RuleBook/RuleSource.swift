package import PumpCore

/// Who says a rule.
package enum RuleMark: String, Hashable, Codable, Sendable {
    /// The payer's own text.
    case payer = "Q"
    /// Derived by engineering, because no payer states it: configurable, and marked wherever it shows.
    case derived = "D"
}

/// An entry of a rules file: where it stands, who says it, and when it holds.
package protocol RuleEntry: Sendable {
    var citation: String { get }
    var mark: RuleMark { get }
    /// First date of service on which it holds; nil for always before `to`.
    var from: CivilDate? { get }
    /// Last date of service on which it holds; nil for still.
    var to: CivilDate? { get }
}

extension RuleEntry {
    package func isInForce(on date: CivilDate) -> Bool {
        (from.map { $0 <= date } ?? true) && (to.map { date <= $0 } ?? true)
    }
}

/// The text of a rule, by its id: `R2`.
package struct RuleText: RuleEntry, Hashable, Codable {
    package var id: String
    package var mark: RuleMark
    package var text: String
    package var citation: String
    package var from: CivilDate?
    package var to: CivilDate?
}

/// A rule as a line, a container or a hold rests on it: where an explanation ends.
package struct RuleReference: Hashable, Codable, Sendable {
    /// `R2`.
    package var id: String
    /// The rule set in force: `medicare-dme@2026-01-25`.
    package var set: String
    package var mark: RuleMark
    package var text: String
    package var citation: String

    package init(id: String, set: String, mark: RuleMark, text: String, citation: String) {
        self.id = id
        self.set = set
        self.mark = mark
        self.text = text
        self.citation = citation
    }
}
