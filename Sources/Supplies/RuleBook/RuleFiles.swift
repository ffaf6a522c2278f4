import Foundation
import PumpCore

/// Reads the files of a rule book and says what is wrong with them.
struct RuleFiles {
    private let checksNames: Bool
    private var codes: CodeTable?
    private var drugs: DrugTable?
    private var drafts: [String: ProfileDraft] = [:]

    /// `files`: name, with or without `.json`, to bytes.
    static func read(
        _ files: [String: [UInt8]], checksNames: Bool = true
    ) throws(RuleBookError) -> (codes: CodeTable, drugs: DrugTable, profiles: [String: PayerProfile]) {
        var reader = RuleFiles(checksNames: checksNames)
        for name in files.keys.sorted() { try reader.add(name, files[name] ?? []) }
        guard let codes = reader.codes else { throw RuleBookError(file: "codes.json", entry: "", .fileAbsent) }
        guard let drugs = reader.drugs else { throw RuleBookError(file: "drugs.json", entry: "", .fileAbsent) }
        guard !reader.drafts.isEmpty else { throw RuleBookError(file: "medicare-dme.json", entry: "", .fileAbsent) }
        var check = RuleCheck(codes: codes)
        try check.codes("codes.json", codes)
        try check.drugs("drugs.json", drugs)
        var profiles: [String: PayerProfile] = [:]
        // Those that others are like first: a mistake is said of the file that holds it.
        let names = reader.drafts.keys.sorted {
            (reader.drafts[$0]?.like == nil ? 0 : 1, $0) < (reader.drafts[$1]?.like == nil ? 0 : 1, $1)
        }
        for name in names {
            guard let draft = reader.drafts[name] else { continue }
            let profile = try reader.complete(draft, file: name + ".json")
            try check.profile(name + ".json", profile)
            profiles[name] = profile
        }
        return (codes, drugs, profiles)
    }

    private init(checksNames: Bool) { self.checksNames = checksNames }

    private struct Kind: Decodable { var kind: String }

    /// A profile as its file has it: what it leaves out comes from the profile that it is like.
    private struct ProfileDraft: Decodable {
        var profile: String
        var title: String
        var like: String?
        var changes: [PayerProfile.Change]?
        var bases: [PayerProfile.BasisEntry]?
        var gates: [PayerProfile.Gate]?
        var limits: [PayerProfile.Limit]?
        var refills: [PayerProfile.Refill]?
        var perDiem: PayerProfile.PerDiem?
        /// Of this payer alone: another one is not held against these tables because its rules are alike.
        var cmsTables: Bool?
        var rules: [RuleText]?
    }

    private mutating func add(_ name: String, _ bytes: [UInt8]) throws(RuleBookError) {
        let stem = RuleBook.stem(name)
        let file = stem + ".json"
        let kind: Kind = try Self.decode(bytes, file: file)
        if checksNames { try RuleKeys.check(kind.kind, bytes, file: file) }
        switch kind.kind {
        case "codes": codes = try Self.decode(bytes, file: file)
        case "drugs": drugs = try Self.decode(bytes, file: file)
        case "profile":
            let draft: ProfileDraft = try Self.decode(bytes, file: file)
            guard draft.profile == stem else {
                throw RuleBookError(file: file, entry: "profile", .nameDiffers(draft.profile))
            }
            drafts[stem] = draft
        default: throw RuleBookError(file: file, entry: "kind", .unknownKind(kind.kind))
        }
    }

    private func complete(_ draft: ProfileDraft, file: String) throws(RuleBookError) -> PayerProfile {
        var base: ProfileDraft?
        if let like = draft.like {
            guard let found = drafts[like], found.like == nil else {
                throw RuleBookError(file: file, entry: "like", .unknownProfile(like))
            }
            base = found
        }
        let own = draft.rules ?? []
        let ownIDs = Set(own.map(\.id))
        return PayerProfile(
            profile: draft.profile, title: draft.title, changes: draft.changes ?? base?.changes ?? [],
            bases: draft.bases ?? base?.bases ?? [], gates: draft.gates ?? base?.gates ?? [],
            limits: draft.limits ?? base?.limits ?? [], refills: draft.refills ?? base?.refills ?? [],
            perDiem: draft.perDiem ?? base?.perDiem, cmsTables: draft.cmsTables,
            rules: own + (base?.rules ?? []).filter { !ownIDs.contains($0.id) })
    }

    private static func decode<T: Decodable>(_ bytes: [UInt8], file: String) throws(RuleBookError) -> T {
        do {
            return try JSONDecoder().decode(T.self, from: Data(bytes))
        } catch let error as DecodingError {
            throw error.explained(in: file)
        } catch {
            throw RuleBookError(file: file, entry: "", .notJSON("\(error)"))
        }
    }
}

extension DecodingError {
    fileprivate func explained(in file: String) -> RuleBookError {
        switch self {
        case .keyNotFound(let key, let context):
            RuleBookError(file: file, entry: Self.place(context.codingPath + [key]), .missing)
        case .valueNotFound(_, let context): RuleBookError(file: file, entry: Self.place(context.codingPath), .missing)
        case .typeMismatch(_, let context):
            RuleBookError(file: file, entry: Self.place(context.codingPath), .wrongForm(context.debugDescription))
        case .dataCorrupted(let context) where context.codingPath.isEmpty:
            RuleBookError(file: file, entry: "", .notJSON(context.debugDescription))
        case .dataCorrupted(let context):
            RuleBookError(file: file, entry: Self.place(context.codingPath), .wrongForm(context.debugDescription))
        @unknown default: RuleBookError(file: file, entry: "", .notJSON("\(self)"))
        }
    }

    private static func place(_ path: [any CodingKey]) -> String {
        path.reduce("") { text, key in
            if let index = key.intValue { return text + "[\(index)]" }
            return text.isEmpty ? key.stringValue : text + "." + key.stringValue
        }
    }
}
