import PumpCore

/// A setting that cannot be used: where it stands, what is wrong with it, what to do.
package struct DaemonSettingsError: Error, Hashable, Sendable {
    package enum Place: Hashable, Sendable {
        /// `line` counts from 1; the excerpt is that line.
        case file(String, line: Int?, excerpt: String?)
        case variable(String)
        case option(String)
        /// Nowhere: it is missing.
        case nowhere
    }

    package enum Problem: Hashable, Sendable {
        case unreadable(String)
        case tooLarge
        case notJSON(String)
        case notAnObject
        case unknownKey(String, meant: SettingKey?)
        case unknownVariable(meant: SettingKey?)
        case wrongType(SettingKey, expected: String)
        case relativePath(SettingKey, String)
        case empty(SettingKey)
        case badLink(String)
        case sameLinkTwice(String)
        case badSpan(SettingKey, String)
        case spanOutOfRange(SettingKey, String)
        case badLevel(String)
        case badRole(String)
        case notOnOrOff(SettingKey, String)
        case noHome
    }

    package var place: Place
    package var problem: Problem

    package init(_ place: Place, _ problem: Problem) {
        self.place = place
        self.problem = problem
    }
}

extension DaemonSettingsError: CustomStringConvertible {
    package var description: String {
        switch place {
        case .file(let path, let line, let excerpt):
            "\(printable(path))\(line.map { ":\($0)" } ?? ""): \(problem)"
                + (excerpt.map { "\n    " + printable(withoutSerials($0), atMost: 120) } ?? "")
        case .variable(let name): "environment variable \(printable(name)): \(problem)"
        case .option(let name): "\(name): \(problem)"
        case .nowhere: "\(problem)"
        }
    }
}

extension DaemonSettingsError.Problem: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unreadable(let why): "cannot be read: \(why). Check the path and its permissions, or leave out --config"
        case .tooLarge: "is larger than 1 MiB, which no settings are. Check the path"
        case .notJSON(let why): "is not JSON: \(printable(why)). Look for a comma, a quotation mark or a bracket"
        case .notAnObject: "the settings must stand in braces: { \"links\": […] }"
        case .unknownKey(let key, let meant):
            "unknown key \"\(printable(key))\". \(Self.advice(meant.map { "\"\($0.rawValue)\"" }, SettingKey.allCases.map(\.rawValue)))"
        case .unknownVariable(let meant):
            "no such setting. \(Self.advice(meant?.variable, SettingKey.allCases.map(\.variable)))"
        case .wrongType(let key, let expected): "\(key.rawValue) must be \(expected)"
        case .relativePath(let key, let path):
            "\(key.rawValue): \"\(printable(path))\" does not begin with /. Write the whole path"
        case .empty(let key): "\(key.rawValue) is empty. Give it a value, or leave it out"
        case .badLink(let why): why
        case .badRole(let text):
            "\"\(printable(text))\" says of nobody which role he has. Write nurse, biller, auditor or admin, = and a user, "
                + "or @ and a group: nurse=@ward-3"
        case .sameLinkTwice(let place): "two links name \(printable(place)). Leave one"
        case .badSpan(let key, let text):
            "\(key.rawValue): \"\(printable(text))\" is not a span of time. "
                + "Write minutes (15), or a number with its unit (90s, 15m, 2h)"
        case .spanOutOfRange(let key, let text):
            "\(key.rawValue): \"\(printable(text))\" is out of range. Take 10s to 7d"
        case .badLevel(let text):
            "logLevel: \"\(printable(text))\" is not a level. "
                + "Take one of trace, debug, info, notice, warning, error, critical"
        case .notOnOrOff(let key, let text):
            "\(key.rawValue): \"\(printable(text))\" is not understood. Write \"on\" or \"off\""
        case .noHome: "no ledger is named, and neither XDG_STATE_HOME nor HOME is set. Give --ledger PATH"
        }
    }

    private static func advice(_ meant: String?, _ known: [String]) -> String {
        (meant.map { "Did you mean \($0)? " } ?? "") + "Known are " + known.joined(separator: ", ")
    }
}
