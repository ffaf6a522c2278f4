package import PumpCore

/// The drugs that a policy lists, with their criteria and pumps (rule R6): `drugs.json`.
package struct DrugTable: Hashable, Codable, Sendable {
    package struct Criterion: RuleEntry, Hashable, Codable {
        /// As the policy numbers it: `V(C)`.
        package var id: String
        package var what: String
        /// Words, in lower case, by which an indication in plain language is recognised.
        package var words: [String]
        package var citation: String
        package var mark: RuleMark
        package var from: CivilDate?
        package var to: CivilDate?
    }

    package struct Drug: RuleEntry, Hashable, Codable {
        package var code: String
        /// In lower case.
        package var names: [String]
        package var criteria: [String]
        package var pumps: [String]
        /// `pain` or `chemotherapy`, where a payer distinguishes.
        package var `class`: String?
        /// True for codes that stand for any drug: only with one of the names are they this drug.
        package var named: Bool?
        package var citation: String
        package var mark: RuleMark
        package var from: CivilDate?
        package var to: CivilDate?
    }

    /// The policy: `L33794`.
    package var list: String
    package var criteria: [Criterion]
    package var drugs: [Drug]

    /// The entries for a code, whether in force or not; `name` as the order writes it.
    package func entries(code: String, name: String) -> [Drug] {
        drugs.filter { $0.code == code && ($0.named != true || Self.mentions(name, $0)) }
    }

    /// The entries that a name fits, for orders without a code.
    package func entries(name: String) -> [Drug] { drugs.filter { Self.mentions(name, $0) } }

    private static func mentions(_ text: String, _ drug: Drug) -> Bool {
        let text = text.lowercased()
        return drug.names.contains { text.contains($0) }
    }

    /// How an order's indication reads.
    package enum Indication: Hashable, Sendable {
        /// One of the policy's own numbers.
        case criterion(String)
        /// Plain words that fit these criteria.
        case words([String])
        case unknown
    }

    package func indication(_ text: String) -> Indication {
        let label = text.uppercased().filter { !$0.isWhitespace && $0 != "." }
        if let criterion = criteria.first(where: { $0.id == label || "L33794" + $0.id == label }) {
            return .criterion(criterion.id)
        }
        let lowered = text.lowercased()
        let tokens = Set(lowered.split { !$0.isLetter && !$0.isNumber }.map(String.init))
        let fitting = criteria.filter { criterion in
            // Short words are abbreviations and must stand alone.
            criterion.words.contains { $0.count <= 4 ? tokens.contains($0) : lowered.contains($0) }
        }
        return fitting.isEmpty ? .unknown : .words(fitting.map(\.id))
    }
}
