import Foundation
import Logging
import PumpLinks
import ServiceSocket
import Testing

@testable import SystemService

@Suite("The daemon's settings")
struct DaemonSettingsTests {
    let folder = FileManager.default.temporaryDirectory.path + "/pl-settings-" + UUID().uuidString
    private var path: String { folder + "/d.json" }

    private func read(
        _ json: String? = nil, options: [SettingKey: [String]] = [:], variables: [String: String] = [:],
        isRoot: Bool = true
    ) async throws -> DaemonSettings {
        if let json {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            try Data(json.utf8).write(to: URL(filePath: path))
        }
        defer { try? FileManager.default.removeItem(atPath: folder) }
        return try await DaemonSettingsReader(
            file: json == nil ? nil : path, commandLine: options, environment: variables, isRoot: isRoot,
            usualFile: folder + "/none.json"
        ).read()
    }

    /// The message, with the file's folder left out.
    private func message(
        _ json: String? = nil, options: [SettingKey: [String]] = [:], variables: [String: String] = [:]
    ) async -> String {
        do { return "accepted: \(try await read(json, options: options, variables: variables))" } catch {
            return "\(error)".split(separator: folder + "/", omittingEmptySubsequences: false).joined()
        }
    }

    @Test("without any word the service's places, fifteen minutes, no links")
    func defaults() async throws {
        let service = try await read()
        #expect(
            service
                == DaemonSettings(
                    ledger: "/var/lib/pumpledger/ledger.db", socket: "/run/pumpledger/pumpledger.sock",
                    socketGroup: nil,
                    links: [], readEvery: .seconds(900), recordSessionsTo: nil, logLevel: .info))
        #expect(
            try await read(variables: ["HOME": "/home/n"], isRoot: false).ledger
                == "/home/n/.local/state/pumpledger/ledger.db")
        #expect(
            try await read(variables: ["STATE_DIRECTORY": "/var/lib/p:/x"], isRoot: false).ledger
                == "/var/lib/p/ledger.db")
        let error = await #expect(throws: DaemonSettingsError.self) { try await read(isRoot: false) }
        #expect(
            error?.description
                == "no ledger is named, and neither XDG_STATE_HOME nor HOME is set. Give --ledger PATH")
    }

    @Test("everything can stand in the file")
    func whole() async throws {
        let settings = try await read(
            """
            {
              "ledger": "/srv/l.db", "socket": "/srv/s", "socketGroup": "nurses",
              "links": ["serial:/dev/ttyUSB0?driver=miva", "usb:driver=phd"],
              "readEvery": "1h30m", "recordSessionsTo": "/srv/sessions", "logLevel": "debug"
            }
            """)
        #expect(
            settings
                == DaemonSettings(
                    ledger: "/srv/l.db", socket: "/srv/s", socketGroup: "nurses",
                    links: [
                        LinkSpec(.serial(path: "/dev/ttyUSB0"), driver: "miva"),
                        LinkSpec(.usb, driver: "phd"),
                    ], readEvery: .seconds(5400), recordSessionsTo: "/srv/sessions", logLevel: .debug))
        #expect(try await read("{\"readEvery\": 20}").readEvery == .seconds(1200))
        #expect(try await read("{\"socketGroup\": null, \"links\": []}").socketGroup == nil)
        #expect(try await read("{}").links == [])
        #expect(try await read("{}").takesHotplugged)
        #expect(try await !read("{\"hotplug\": \"off\"}").takesHotplugged)
    }

    @Test("the environment wins over the file, the command line over both", arguments: SettingKey.allCases)
    func precedence(key: SettingKey) async throws {
        func value(_ number: Int) -> String {
            switch key {
            case .links: "serial:/dev/tty\(number)?driver=miva"
            case .hotplug: number == 2 ? "on" : "off"
            case .readEvery: "\(number)m"
            case .logLevel: ["trace", "debug", "warning", "error"][number]
            case .roles: "nurse=@ward-\(number)"
            default: "/\(number)"
            }
        }
        func shown(_ settings: DaemonSettings) -> String {
            switch key {
            case .ledger: settings.ledger
            case .socket: settings.socket
            case .socketGroup: settings.socketGroup ?? "none"
            case .links: settings.links.map(\.description).joined(separator: " ")
            case .hotplug: settings.takesHotplugged ? "on" : "off"
            case .readEvery: "\(settings.readEvery.components.seconds / 60)m"
            case .recordSessionsTo: settings.recordSessionsTo ?? "none"
            case .logLevel: settings.logLevel.rawValue
            case .roles:
                settings.roles.map { rule in
                    guard case .group(let name) = rule.holder else { return rule.role }
                    return "\(rule.role)=@\(name)"
                }.joined(separator: " ")
            }
        }
        let isList = [.links, .roles].contains(key)
        let json = "{\"\(key.rawValue)\": " + (isList ? "[\"\(value(1))\"]}" : "\"\(value(1))\"}")
        let variables = [key.variable: value(2)]
        #expect(shown(try await read(json)) == value(1))
        #expect(shown(try await read(json, variables: variables)) == value(2))
        #expect(shown(try await read(json, options: [key: [value(3)]], variables: variables)) == value(3))
        #expect(shown(try await read(json, options: [key: []], variables: variables)) == value(2))
    }

    @Test("names of settings, on the command line and in the environment")
    func names() {
        #expect(
            SettingKey.allCases.map(\.option) == [
                "--ledger", "--socket", "--socket-group", "--link", "--hotplug", "--read-every", "--record-sessions-to",
                "--log-level", "--role",
            ])
        #expect(
            SettingKey.allCases.map(\.variable) == [
                "PUMPLEDGER_LEDGER", "PUMPLEDGER_SOCKET", "PUMPLEDGER_SOCKET_GROUP", "PUMPLEDGER_LINKS",
                "PUMPLEDGER_HOTPLUG",
                "PUMPLEDGER_READ_EVERY", "PUMPLEDGER_RECORD_SESSIONS_TO", "PUMPLEDGER_LOG_LEVEL",
                "PUMPLEDGER_ROLES",
            ])
    }

    @Test("several links in the environment stand behind commas; on the command line they are given one by one")
    func severalLinks() async throws {
        let two = ["serial:/dev/ttyS0?driver=miva", "usb:driver=phd"]
        #expect(
            try await read(variables: ["PUMPLEDGER_LINKS": two.joined(separator: ", ")]).links.map(\.description) == two
        )
        #expect(try await read(options: [.links: two]).links.map(\.description) == two)
        #expect(try await read(options: [.ledger: ["first.db", "mine.db"]]).ledger == "mine.db")
    }

    private static let keys =
        "ledger, socket, socketGroup, links, hotplug, readEvery, recordSessionsTo, logLevel, roles"

    @Test("mistakes in the file: file, line, excerpt, key, remedy")
    func fileMistakes() async {
        let table: [(String, String)] = [
            (
                "{\n  \"ledger\": \"/l.db\",\n  \"socketgroup\": \"x\"\n}",
                "d.json:3: unknown key \"socketgroup\". Did you mean \"socketGroup\"? Known are \(Self.keys)\n"
                    + "    \"socketgroup\": \"x\""
            ),
            (
                "{\"read_every\": 5}",
                "d.json:1: unknown key \"read_every\". Did you mean \"readEvery\"? Known are \(Self.keys)\n"
                    + "    {\"read_every\": 5}"
            ),
            (
                "{\"lnks\": []}",
                "d.json:1: unknown key \"lnks\". Did you mean \"links\"? Known are \(Self.keys)\n    {\"lnks\": []}"
            ),
            (
                "{\"colour\": \"red\"}",
                "d.json:1: unknown key \"colour\". Known are \(Self.keys)\n    {\"colour\": \"red\"}"
            ),
            (
                "{\"links\": \"usb:driver=phd\"}",
                "d.json:1: links must be a list of texts: [\"serial:/dev/ttyUSB0?driver=miva\"]\n"
                    + "    {\"links\": \"usb:driver=phd\"}"
            ),
            (
                "{\"links\": [1]}",
                "d.json:1: links must be a list of texts: [\"serial:/dev/ttyUSB0?driver=miva\"]\n    {\"links\": [1]}"
            ),
            (
                "{\"ledger\": 5}",
                "d.json:1: ledger must be a text\n    {\"ledger\": 5}"
            ),
            (
                "{\"socket\": {\"group\": \"x\"}}",
                "d.json:1: socket must be a text\n    {\"socket\": {\"group\": \"x\"}}"
            ),
            (
                "{\"readEvery\": true}",
                "d.json:1: readEvery must be a number of minutes, or a text such as \"15m\"\n    {\"readEvery\": true}"
            ),
            (
                "{\n\"readEvery\": \"15 minutes\"}",
                "d.json:2: readEvery: \"15 minutes\" is not a span of time. "
                    + "Write minutes (15), or a number with its unit (90s, 15m, 2h)\n    \"readEvery\": \"15 minutes\"}"
            ),
            (
                "{\"readEvery\": \"1s\"}",
                "d.json:1: readEvery: \"1s\" is out of range. Take 10s to 7d\n    {\"readEvery\": \"1s\"}"
            ),
            (
                "{\"readEvery\": 1.5}",
                "d.json:1: readEvery must be a number of minutes, or a text such as \"15m\"\n    {\"readEvery\": 1.5}"
            ),
            (
                "{\"logLevel\": \"warn\"}",
                "d.json:1: logLevel: \"warn\" is not a level. "
                    + "Take one of trace, debug, info, notice, warning, error, critical\n    {\"logLevel\": \"warn\"}"
            ),
            (
                "{\"ledger\": \"l.db\"}",
                "d.json:1: ledger: \"l.db\" does not begin with /. Write the whole path\n    {\"ledger\": \"l.db\"}"
            ),
            (
                "{\"socketGroup\": \"\"}",
                "d.json:1: socketGroup is empty. Give it a value, or leave it out\n    {\"socketGroup\": \"\"}"
            ),
            (
                "{\"links\": [\n\"serial:ttyUSB0?driver=miva\"]}",
                "d.json:1: link \"serial:ttyUSB0?driver=miva\": the device's path must begin with /. "
                    + "Write serial:/dev/ttyUSB0?…\n    {\"links\": ["
            ),
            (
                "{\"links\": [\"serial:/dev/a?driver=miva\", \"serial:/dev/a?driver=phd\"]}",
                "d.json:1: two links name /dev/a. Leave one\n"
                    + "    {\"links\": [\"serial:/dev/a?driver=miva\", \"serial:/dev/a?driver=phd\"]}"
            ),
            ("[]", "d.json:1: the settings must stand in braces: { \"links\": […] }"),
        ]
        for (json, expected) in table { #expect(await message(json) == expected) }
    }

    @Test("a file that is not JSON: the line where it stops being that")
    func notJSON() async {
        let broken = await message("{\n  \"ledger\": \"/l.db\"\n  \"socket\": \"/s\"\n}")
        let remedy = "Look for a comma, a quotation mark or a bracket"
        #expect(
            broken
                == "d.json:3: is not JSON: something is missing or too much here. \(remedy)\n    \"socket\": \"/s\"")
        #expect(
            await message("{\n\"ledger\": \"/l.db\"\n")
                == "d.json:3: is not JSON: it ends too early. \(remedy)")
        #expect(await message("") == "d.json:1: is not JSON: it ends too early. \(remedy)")
        #expect(await message("\u{FF}\u{0}").hasPrefix("d.json"))
        #expect(
            await message("{\"ledger\": \"" + String(repeating: "x", count: 1 << 20) + "\"}")
                == "d.json: is larger than 1 MiB, which no settings are. Check the path")
    }

    @Test("mistakes in the environment and on the command line name the variable or the option")
    func otherMistakes() async {
        #expect(
            await message(variables: ["PUMPLEDGER_SOCKETGROUP": "x"])
                == "environment variable PUMPLEDGER_SOCKETGROUP: no such setting. "
                + "Did you mean PUMPLEDGER_SOCKET_GROUP? Known are PUMPLEDGER_LEDGER, PUMPLEDGER_SOCKET, "
                + "PUMPLEDGER_SOCKET_GROUP, PUMPLEDGER_LINKS, PUMPLEDGER_HOTPLUG, PUMPLEDGER_READ_EVERY, "
                + "PUMPLEDGER_RECORD_SESSIONS_TO, PUMPLEDGER_LOG_LEVEL, PUMPLEDGER_ROLES")
        #expect(
            await message(variables: ["PUMPLEDGER_READ_EVERY": "soon"])
                == "environment variable PUMPLEDGER_READ_EVERY: readEvery: \"soon\" is not a span of time. "
                + "Write minutes (15), or a number with its unit (90s, 15m, 2h)")
        #expect(
            await message(options: [.links: ["usb:driver=phd", "com:1"]])
                == "--link: link \"com:1\": \"com\" is no kind of link. Begin with serial:, usb:, tcp: or tcp-listen:")
        #expect(
            await message(variables: ["PUMPLEDGER_LEDGER": "l.db"])
                == "environment variable PUMPLEDGER_LEDGER: ledger: \"l.db\" does not begin with /. Write the whole path"
        )
        #expect(await message(variables: ["PUMPLEDGER_LINKS": ""]).hasPrefix("environment variable PUMPLEDGER_LINKS: "))
    }

    @Test("a file that was asked for must be there; the usual one need not")
    func absentFile() async {
        let error = await #expect(throws: DaemonSettingsError.self) {
            try await DaemonSettingsReader(file: "/nowhere/d.json", environment: [:], isRoot: true).read()
        }
        #expect(
            error?.description
                == "/nowhere/d.json: cannot be read: there is no such file. "
                + "Check the path and its permissions, or leave out --config")
    }

    @Test("a running daemon takes up what it can, and says what needs a restart")
    func reload() {
        let old = DaemonSettings(ledger: "/l", socket: "/s")
        var new = old
        new.links = [LinkSpec(.usb, driver: "phd")]
        new.readEvery = .seconds(60)
        new.logLevel = .debug
        new.recordSessionsTo = "/r"
        #expect(new.needingRestart(since: old) == [])
        new.socketGroup = "g"
        new.ledger = "/m"
        new.socket = "/t"
        #expect(new.needingRestart(since: old) == [.ledger, .socket, .socketGroup])
    }
}
