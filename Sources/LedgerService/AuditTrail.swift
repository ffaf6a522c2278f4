import Foundation
import Ledger
import PumpCore

/// Puts each request on record beside what it asked of the ledger: who, when, what, with which period, order or id, and how
/// it ended. Nothing that a patient could be known by beyond the ids of the register goes in, and no content of files.
///
/// What stores something is put down before it begins, so that a deed that was cut short is on record too; what reads, once
/// it is answered and before the answer leaves. Where the trail cannot be written there is no answer: nobody reads or
/// changes anything off the record.
struct AuditTrail {
    let ledger: Ledger
    let caller: Caller

    func answer(_ request: Request, _ carryOut: () throws -> Answer) throws -> Answer {
        var begun: Int64?
        if request.stores { begun = try put(request, outcome: nil) }
        let result = Result(catching: carryOut)
        let outcome =
            switch result {
            case .success(let answer): answer.outcome
            case .failure(let error): Self.outcome(error)
            }
        do {
            if let begun { try ledger.audit(begun, outcome: outcome) } else { try put(request, outcome: outcome) }
        } catch {
            throw Self.unrecorded(error, after: result, stores: request.stores)
        }
        return try result.get()
    }

    @discardableResult
    private func put(_ request: Request, outcome: String?) throws -> Int64 {
        let (action, arguments) = RequestInWords(request).words
        return try ledger.audit(
            at: Instant(secondsSince1970: Int(Date().timeIntervalSince1970)),
            by: LedgerPerson(user: caller.user, uid: caller.uid), action: action, arguments: arguments,
            outcome: outcome)
    }

    /// Messages may quote a row, so only the kind of a failure is kept.
    private static func outcome(_ error: any Error) -> String {
        let kind = ((error as? ServiceError) ?? (error as? LedgerError).map { ServiceError($0) })?.kind ?? .badInput
        return switch kind {
        case .usage: "refused: wrong usage"
        case .badInput: "failed: bad input"
        case .unreachable: "failed: not reachable"
        case .periodClosed: "refused: period closed"
        case .integrity: "failed: integrity broken"
        }
    }

    private static func unrecorded(
        _ error: any Error, after result: Result<Answer, any Error>, stores: Bool
    ) -> ServiceError {
        // A failure of the request itself, most often for the same reason, is what its caller needs to see first.
        var message = ""
        if case .failure(let first) = result { message = "\(first)\nand " }
        return ServiceError(
            .unreachable, message + "the request could not be put on record: \(error)",
            remedy: stores
                ? "What it stored may be stored: look before you repeat it." : "Nothing is shown off the record.")
    }
}

extension Answer {
    /// How it ended, in a few words.
    fileprivate var outcome: String {
        switch self {
        case .closed(let answer) where answer.closing == nil: "not closed: \(answer.open.count) open"
        case .verified(let answer) where !answer.problems.isEmpty: "\(answer.problems.count) problems found"
        default: "done"
        }
    }
}

/// A request as a command with its options. Whatever requests there will be: the case's own name is the command's, and of
/// its values those go in that name what was looked at.
struct RequestInWords {
    let words: (action: String, arguments: [String: String])

    /// Names of values that say what a request was about. Files, and texts of other names, stay out.
    private static let telling: Set<String> = [
        "period", "order", "id", "pump", "serial", "from", "to", "on", "driver", "model", "channel", "session", "hcpcs",
        "date", "quantity", "dryRun", "accept", "reason", "format", "list", "wantsNote", "delivery",
        "day", "undo",
    ]

    init(_ request: Request) {
        let mirror = Mirror(reflecting: request)
        var arguments: [String: String] = [:]
        if let child = mirror.children.first {
            Self.collect(child.value, named: nil, into: &arguments, depth: 3)
            words = (Self.entry(request) ?? Self.command(child.label ?? "request"), arguments)
        } else {
            words = (Self.command("\(request)"), [:])
        }
    }

    /// An entry from the desk is one of three commands.
    private static func entry(_ request: Request) -> String? {
        guard case .enter(let entry) = request else { return nil }
        return switch entry.act {
        case .assign: "assign"
        case .count: "count"
        case .dispose: "dispose"
        }
    }

    private static func collect(_ value: Any, named name: String?, into found: inout [String: String], depth: Int) {
        if let name, telling.contains(name), let text = text(value) {
            found[name] = text
            return
        }
        let mirror = Mirror(reflecting: value)
        switch mirror.displayStyle {
        case .struct, .tuple, .enum:
            guard depth > 0 else { return }
            for child in mirror.children { collect(child.value, named: child.label, into: &found, depth: depth - 1) }
        case .optional:
            if let child = mirror.children.first { collect(child.value, named: name, into: &found, depth: depth) }
        default: break
        }
    }

    /// Longer texts are no ids.
    private static let longest = 200

    private static func text(_ value: Any) -> String? {
        switch value {
        case let text as String: String(text.prefix(longest))
        case let number as Int: String(number)
        case let flag as Bool: flag ? "yes" : "no"
        case let date as CivilDate: date.description
        case let instant as Instant: instant.description
        case let session as SessionID: session.text
        default: nil
        }
    }

    /// `importRegister` is `import register`, `refillDue` is `refill-due`.
    private static func command(_ name: String) -> String {
        let words = name.reduce(into: "") { text, letter in
            if letter.isUppercase { text.append(" ") }
            text.append(contentsOf: letter.lowercased())
        }
        let hasSubcommand = ["import ", "export "].contains { words.hasPrefix($0) }
        return hasSubcommand ? words : words.split(separator: " ").joined(separator: "-")
    }
}
