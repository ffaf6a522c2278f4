import Foundation

/// A name that no rule has is a misspelling: `untill` would make a rule that never ends. It is refused.
enum RuleKeys {
    private static let dated: Set<String> = ["citation", "mark", "from", "to"]

    /// By kind of file, list and entry. `""` are the names of the file itself.
    private static let known: [String: [String: Set<String>]] = [
        "codes": [
            "": ["kind", "codes", "supplies", "weekly", "unpaid", "pairings", "included"],
            "codes": dated.union(["code", "counts", "descriptor"]),
            "supplies": dated.union(["pumps", "containers", "code"]), "weekly": dated.union(["pumps", "code"]),
            "unpaid": dated.union(["containers", "why"]), "pairings": dated.union(["pumps", "codes"]),
            "included": dated.union(["codes", "what", "in"]),
        ],
        "drugs": [
            "": ["kind", "list", "criteria", "drugs"], "criteria": dated.union(["id", "what", "words"]),
            "drugs": dated.union(["code", "names", "criteria", "pumps", "class", "named"]),
        ],
        "profile": [
            "": [
                "kind", "profile", "title", "like", "cmsTables", "changes", "bases", "gates", "limits", "refills",
                "perDiem", "rules",
            ],
            "changes": ["on", "what", "citation", "mark"], "bases": dated.union(["codes", "basis"]),
            "gates": dated.union(["rule", "gate", "accepts"]),
            "limits": dated.union(["rule", "limit", "codes", "days", "units"]),
            "refills": dated.union([
                "contactDays", "contactBefore", "deliveryDays", "mostDays", "narrativeDays", "needsAnswer",
            ]),
            "perDiem": dated.union(["days", "code", "covers"]), "rules": dated.union(["id", "text"]),
        ],
    ]

    static func check(_ kind: String, _ bytes: [UInt8], file: String) throws(RuleBookError) {
        guard let names = known[kind],
            let top = (try? JSONSerialization.jsonObject(with: Data(bytes))) as? [String: Any]
        else { return }
        try refuse(top, beside: names[""] ?? [], file, "")
        for list in top.keys.sorted() {
            guard let allowed = names[list] else { continue }
            if let entry = top[list] as? [String: Any] { try refuse(entry, beside: allowed, file, list + ".") }
            for (place, entry) in (top[list] as? [Any] ?? []).enumerated() {
                guard let entry = entry as? [String: Any] else { continue }
                try refuse(entry, beside: allowed, file, "\(list)[\(place)].")
            }
        }
    }

    private static func refuse(
        _ entry: [String: Any], beside allowed: Set<String>, _ file: String, _ place: String
    ) throws(RuleBookError) {
        for name in entry.keys.sorted() where !allowed.contains(name) {
            throw RuleBookError(
                file: file, entry: place + name,
                .wrongForm("is a name that no rule has; write one of \(allowed.sorted().joined(separator: ", "))"))
        }
    }
}
