package import Logging
package import PumpLinks

/// What pumpledgerd is told: on its command line, in the environment, in its file. The first of these that says
/// something about a setting decides it.
package struct DaemonSettings: Hashable, Sendable {
    package var ledger: String
    package var socket: String
    /// Whose members may use the socket; nil: the daemon's user alone.
    package var socketGroup: String?
    package var links: [LinkSpec]
    /// Whether a device that a driver claims is read without a link that names it.
    package var takesHotplugged: Bool
    /// How often a pump that stays plugged in is read.
    package var readEvery: Duration
    /// The folder in which sessions are recorded; nil: they are not.
    package var recordSessionsTo: String?
    package var logLevel: Logger.Level
    /// Who may ask for what. The daemon's own user and root have every role.
    package var roles: [RoleRule]

    package static let readEveryByDefault = Duration.seconds(15 * 60)
    /// More often wears the pump's battery and gains nothing; rarer than weekly is not "plugged in".
    package static let readEveryRange = Duration.seconds(10)...Duration.seconds(7 * 86_400)

    package init(
        ledger: String, socket: String, socketGroup: String? = nil, links: [LinkSpec] = [],
        takesHotplugged: Bool = true,
        readEvery: Duration = DaemonSettings.readEveryByDefault, recordSessionsTo: String? = nil,
        logLevel: Logger.Level = .info, roles: [RoleRule] = RoleRule.byDefault
    ) {
        self.ledger = ledger
        self.socket = socket
        self.socketGroup = socketGroup
        self.links = links
        self.takesHotplugged = takesHotplugged
        self.readEvery = readEvery
        self.recordSessionsTo = recordSessionsTo
        self.logLevel = logLevel
        self.roles = roles
    }

    /// The settings that differ from `old` and that a running daemon cannot take up.
    package func needingRestart(since old: DaemonSettings) -> [SettingKey] {
        var keys: [SettingKey] = []
        if ledger != old.ledger { keys.append(.ledger) }
        if socket != old.socket { keys.append(.socket) }
        if socketGroup != old.socketGroup { keys.append(.socketGroup) }
        if roles != old.roles { keys.append(.roles) }
        return keys
    }
}

/// The settings by name, as they stand in the file.
package enum SettingKey: String, CaseIterable, Hashable, Sendable {
    case ledger
    case socket
    case socketGroup
    case links
    case hotplug
    case readEvery
    case recordSessionsTo
    case logLevel
    case roles

    package static let variablePrefix = "PUMPLEDGER_"

    /// `PUMPLEDGER_READ_EVERY`.
    package var variable: String { Self.variablePrefix + words(joined: "_").uppercased() }

    /// `--read-every`; links and roles are given one by one.
    package var option: String {
        switch self {
        case .links: "--link"
        case .roles: "--role"
        default: "--" + words(joined: "-")
        }
    }

    private func words(joined separator: String) -> String {
        rawValue.reduce(into: "") { $0 += ($1.isUppercase ? separator : "") + $1.lowercased() }
    }
}
