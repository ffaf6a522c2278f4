/// A mistake in a file of rules: it names the file, the entry, and what would be right.
package struct RuleBookError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Problem: Hashable, Sendable {
        case notJSON(String)
        case missing
        case wrongForm(String)
        case unknownKind(String)
        case nameDiffers(String)
        case emptyCitation
        case unknownCode(String)
        case unknownRule(String)
        case rangeReversed
        case overlap(String)
        case unknownProfile(String)
        case fileAbsent
        case duplicate(String)
    }

    package var file: String
    /// Where in the file: `gates[2].from`; empty for the file as a whole.
    package var entry: String
    package var problem: Problem

    package init(file: String, entry: String, _ problem: Problem) {
        self.file = file
        self.entry = entry
        self.problem = problem
    }

    package var description: String {
        let place = entry.isEmpty ? "rules file \(file)" : "rules file \(file), \(entry)"
        return "\(place): \(what)"
    }

    private var what: String {
        switch problem {
        case .notJSON(let why): "not JSON (\(why)); compare it with the file of the same name that ships"
        case .missing: "is missing; add it"
        case .wrongForm(let why): why
        case .unknownKind(let kind): "kind \"\(kind)\" is none of codes, drugs, profile"
        case .nameDiffers(let name): "says profile \"\(name)\"; file and profile must have one name"
        case .emptyCitation: "has no citation; say where the rule stands"
        case .unknownCode(let code): "code \(code) is not in codes.json; add it there or correct it"
        case .unknownRule(let rule): "rule \(rule) has no text among the rules of this profile"
        case .rangeReversed: "ends before it begins; correct from or to"
        case .overlap(let other): "overlaps in time with \(other); let one end the day before the other begins"
        case .unknownProfile(let name): "is like \"\(name)\", and there is no such profile"
        case .fileAbsent: "is missing; a set of rules needs codes.json, drugs.json and at least one profile"
        case .duplicate(let name): "stands twice (\(name)); remove one"
        }
    }
}
