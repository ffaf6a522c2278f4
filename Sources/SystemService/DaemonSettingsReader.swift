import Configuration
import Logging
import PumpLinks
import ServiceSocket
import SystemPackage

/// Puts the settings together from the command line, the environment and the file, in this order, and says exactly what
/// is wrong with the first that cannot be used.
package struct DaemonSettingsReader: Sendable {
    /// `--config`; without it the usual file is read if it is there.
    package var file: String?
    /// What stands on the command line: one value each, but for links.
    package var commandLine: [SettingKey: [String]]
    package var environment: [String: String]
    /// Whether the daemon runs as root without systemd: its ledger is the service's then.
    package var isRoot: Bool
    private let usualFile: String

    package init(
        file: String? = nil, commandLine: [SettingKey: [String]] = [:], environment: [String: String], isRoot: Bool,
        usualFile: String? = nil
    ) {
        self.file = file
        self.commandLine = commandLine
        self.environment = environment
        self.isRoot = isRoot
        self.usualFile = usualFile ?? DefaultPlace.daemonSettings
    }

    package func read() async throws(DaemonSettingsError) -> DaemonSettings {
        let path = file ?? usualFile
        let settingsFile = try SettingsFile(path: path)
        if settingsFile == nil, file != nil {
            throw DaemonSettingsError(.file(path, line: nil, excerpt: nil), .unreadable("there is no such file"))
        }
        try refuseUnknownVariables()
        let reader = ConfigReader(providers: try await providers(settingsFile))
        let values = SettingValues(
            reader: reader, file: settingsFile, commandLine: commandLine, environment: environment)
        // Not `??`: its right side would lose the type of its error.
        let ledger = if let given = try values.path(.ledger) { given } else { try ledgerByDefault() }
        return DaemonSettings(
            ledger: ledger,
            socket: try values.path(.socket) ?? DefaultPlace.socket,
            socketGroup: try values.text(.socketGroup),
            links: try values.links(),
            takesHotplugged: try values.isOn(.hotplug) ?? true,
            readEvery: try values.span(.readEvery, within: DaemonSettings.readEveryRange)
                ?? DaemonSettings.readEveryByDefault,
            recordSessionsTo: try values.path(.recordSessionsTo),
            logLevel: try values.level(.logLevel) ?? .info,
            roles: try values.roles() ?? RoleRule.byDefault)
    }

    private func providers(_ settingsFile: SettingsFile?) async throws(DaemonSettingsError) -> [any ConfigProvider] {
        var given: [AbsoluteConfigKey: ConfigValue] = [:]
        for (key, values) in commandLine where !values.isEmpty {
            let content: ConfigContent =
                key == .links || key == .roles ? .stringArray(values) : .string(values[values.count - 1])
            given[[key.rawValue]] = ConfigValue(content, isSecret: false)
        }
        let prefix = String(SettingKey.variablePrefix.dropLast()).lowercased()
        var providers: [any ConfigProvider] = [
            InMemoryProvider(name: "command line", values: given),
            EnvironmentVariablesProvider(environmentVariables: environment).prefixKeys(with: ConfigKey(prefix)),
        ]
        if let settingsFile {
            do {
                providers.append(try await FileProvider<JSONSnapshot>(filePath: FilePath(settingsFile.path)))
            } catch {
                let place = DaemonSettingsError.Place.file(settingsFile.path, line: nil, excerpt: nil)
                throw DaemonSettingsError(place, .unreadable("\(error)"))
            }
        }
        return providers
    }

    private func refuseUnknownVariables() throws(DaemonSettingsError) {
        let known = Set(SettingKey.allCases.map(\.variable))
        for name in environment.keys.sorted() where name.hasPrefix(SettingKey.variablePrefix) && !known.contains(name) {
            let meant = SettingKey.meant(by: String(name.dropFirst(SettingKey.variablePrefix.count)))
            throw DaemonSettingsError(.variable(name), .unknownVariable(meant: meant))
        }
    }

    /// The service's where systemd gives a state folder or root runs it; else the user's own.
    private func ledgerByDefault() throws(DaemonSettingsError) -> String {
        if let folder = environment["STATE_DIRECTORY"]?.split(separator: ":").first { return folder + "/ledger.db" }
        if isRoot { return DefaultPlace.serviceLedger }
        guard let own = DefaultPlace.userLedger(environment: environment) else {
            throw DaemonSettingsError(.nowhere, .noHome)
        }
        return own
    }
}

/// One setting at a time, with the place that it came from.
private struct SettingValues {
    let reader: ConfigReader
    let file: SettingsFile?
    let commandLine: [SettingKey: [String]]
    let environment: [String: String]

    func text(_ key: SettingKey) throws(DaemonSettingsError) -> String? {
        guard let place = place(key) else { return nil }
        let text: String
        do {
            text =
                isNumberInFile(key, place)
                ? String(try reader.requiredInt(forKey: ConfigKey(key.rawValue)))
                : try reader.requiredString(forKey: ConfigKey(key.rawValue))
        } catch { throw DaemonSettingsError(place, .wrongType(key, expected: SettingsFile.expectation(key))) }
        if text.isEmpty { throw DaemonSettingsError(place, .empty(key)) }
        return text
    }

    /// A shell's user means the folder that he is in; a service has none that anybody chose.
    func path(_ key: SettingKey) throws(DaemonSettingsError) -> String? {
        guard let place = place(key), let path = try text(key) else { return nil }
        if case .option = place { return path }
        guard path.hasPrefix("/") else { throw DaemonSettingsError(place, .relativePath(key, path)) }
        return path
    }

    func span(_ key: SettingKey, within range: ClosedRange<Duration>) throws(DaemonSettingsError) -> Duration? {
        guard let place = place(key), let text = try text(key) else { return nil }
        guard let span = TimeSpanText.read(text) else { throw DaemonSettingsError(place, .badSpan(key, text)) }
        guard range.contains(span) else { throw DaemonSettingsError(place, .spanOutOfRange(key, text)) }
        return span
    }

    func isOn(_ key: SettingKey) throws(DaemonSettingsError) -> Bool? {
        guard let place = place(key), let text = try text(key) else { return nil }
        switch text {
        case "on": return true
        case "off": return false
        default: throw DaemonSettingsError(place, .notOnOrOff(key, text))
        }
    }

    func level(_ key: SettingKey) throws(DaemonSettingsError) -> Logger.Level? {
        guard let place = place(key), let text = try text(key) else { return nil }
        guard let level = Logger.Level(rawValue: text) else { throw DaemonSettingsError(place, .badLevel(text)) }
        return level
    }

    func links() throws(DaemonSettingsError) -> [LinkSpec] {
        guard let place = place(.links) else { return [] }
        let texts: [String]
        do { texts = try reader.requiredStringArray(forKey: ConfigKey(SettingKey.links.rawValue)) } catch {
            throw DaemonSettingsError(place, .wrongType(.links, expected: SettingsFile.expectation(.links)))
        }
        var links: [LinkSpec] = []
        var taken: Set<String> = []
        for text in texts {
            let link: LinkSpec
            do { link = try LinkSpec(text) } catch { throw DaemonSettingsError(place, .badLink(error.description)) }
            if !taken.insert(link.occupied).inserted { throw DaemonSettingsError(place, .sameLinkTwice(link.occupied)) }
            links.append(link)
        }
        return links
    }

    func roles() throws(DaemonSettingsError) -> [RoleRule]? {
        guard let place = place(.roles) else { return nil }
        let texts: [String]
        do { texts = try reader.requiredStringArray(forKey: ConfigKey(SettingKey.roles.rawValue)) } catch {
            throw DaemonSettingsError(place, .wrongType(.roles, expected: SettingsFile.expectation(.roles)))
        }
        var rules: [RoleRule] = []
        for text in texts {
            guard let rule = RoleRule(text) else { throw DaemonSettingsError(place, .badRole(text)) }
            rules.append(rule)
        }
        return rules
    }

    private func isNumberInFile(_ key: SettingKey, _ place: DaemonSettingsError.Place) -> Bool {
        if case .file = place { return file?.isNumber(key) ?? false }
        return false
    }

    /// Where the deciding value stands; nil where the setting is not given.
    private func place(_ key: SettingKey) -> DaemonSettingsError.Place? {
        if commandLine[key]?.isEmpty == false { return .option(key.option) }
        if environment[key.variable] != nil { return .variable(key.variable) }
        guard let file, file.has(key) else { return nil }
        return file.place(of: key.rawValue)
    }
}

extension LinkSpec {
    /// What two links cannot share.
    fileprivate var occupied: String {
        switch place {
        case .serial(let path): path
        case .usb:
            "usb:driver=" + driver + (expectedSerial.map { "&serial=" + $0 } ?? "")
                + (adapter.map { "&adapter=" + $0 } ?? "") + (path.map { "&path=" + $0 } ?? "")
        case .tcp(let host, let port): "tcp:\(host):\(port)"
        // Two that listen at one port are in each other's way, whatever the address.
        case .tcpListen(_, let port): "tcp-listen port \(port)"
        }
    }
}
