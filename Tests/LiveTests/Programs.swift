import Foundation
import TestSupport
import Testing

/// A program of this build that runs beside the test, and ends with its owner.
final class Running: @unchecked Sendable {
    private let process = Process()
    private let folder: URL
    let commandLine: [String]

    /// Standard input stays open: a simulator ends with it.
    private let input = Pipe()

    init(_ program: String, _ arguments: [String], environment: [String: String] = [:]) throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "pumpledger-run-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        commandLine = [program] + arguments
        process.executableURL = Programs.folder.appending(path: program)
        process.arguments = arguments
        // What sets the size of a campaign is no setting of the daemon, which refuses names that it does not know.
        process.environment = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("PUMPLEDGER_") }
            .merging(environment) { $1 }
        for name in ["out", "err"] { try Data().write(to: folder.appending(path: name)) }
        process.standardInput = input
        process.standardOutput = try FileHandle(forWritingTo: folder.appending(path: "out"))
        process.standardError = try FileHandle(forWritingTo: folder.appending(path: "err"))
        try process.run()
    }

    deinit {
        if process.isRunning { Glibc.kill(process.processIdentifier, SIGKILL) }
        try? FileManager.default.removeItem(at: folder)
    }

    var pid: Int32 { process.processIdentifier }
    var isRunning: Bool { process.isRunning }
    var outputFile: URL { folder.appending(path: "out") }
    var output: String { text("out") }
    var errors: String { text("err") }

    private func text(_ name: String) -> String {
        (try? String(contentsOf: folder.appending(path: name), encoding: .utf8)) ?? ""
    }

    func send(_ signal: Int32) { if process.isRunning { Glibc.kill(pid, signal) } }
    func type(_ line: String) { input.fileHandleForWriting.write(Data((line + "\n").utf8)) }

    /// Its exit code; nil where it does not end.
    func end(within seconds: Double = 20) async -> Int32? {
        _ = await eventually(within: seconds) { !self.process.isRunning }
        return process.isRunning ? nil : process.terminationStatus
    }
}

/// True as soon as `condition` holds; false where it does not within the time. The machine may be busy, so the time is
/// ample and nobody waits for all of it where things go well.
func eventually(
    within seconds: Double = 30, every pause: Duration = .milliseconds(15), _ condition: () throws -> Bool
) async rethrows -> Bool {
    let end = ContinuousClock.now + .seconds(seconds)
    while ContinuousClock.now < end {
        if try condition() { return true }
        try? await Task.sleep(for: pause)
    }
    return try condition()
}

enum Programs {
    /// The folder of the test bundle: the programs lie beside it.
    static let folder: URL = {
        let own = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        let beside = own.appending(path: "pumpledgerd")
        if FileManager.default.isExecutableFile(atPath: beside.path) { return own }
        return Vectors.checkout.appending(path: ".build/debug")
    }()

    struct Outcome: Sendable {
        var exitCode: Int32
        var out: String
        var err: String

        func json() throws -> [String: Any] {
            try JSONSerialization.jsonObject(with: Data(out.utf8)) as? [String: Any] ?? [:]
        }
    }

    static func pumpledger(_ arguments: [String]) async throws -> Outcome {
        let program = try Running("pumpledger", arguments)
        let code = try #require(await program.end(within: 60), "it does not end: \(arguments)")
        return Outcome(exitCode: code, out: program.output, err: program.errors)
    }
}

/// A folder with a ledger, a socket, and pumps plugged in.
final class Ward: Sendable {
    let url: URL

    init() throws {
        // Short: a socket's path has 107 bytes.
        url = URL(filePath: "/tmp/ward-\(UInt32.random(in: 0...UInt32.max))")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    func path(_ name: String) -> String { url.appending(path: name).path }
    var ledger: String { path("ledger.db") }
    var socket: String { path("d.sock") }

    func daemon(_ links: [String] = [], _ more: [String] = [], ledger: String? = nil) throws -> Running {
        try Running(
            "pumpledgerd",
            ["--ledger", ledger ?? self.ledger, "--socket", socket] + links.flatMap { ["--link", $0] } + more)
    }

    /// A simulated pump that is ready, at a port of this name.
    func pump(_ family: String, at port: String, _ more: [String] = []) async throws -> Running {
        let pump = try Running(
            "pumpsim", [family, "--pty", path(port), "--ends-at", "2026-11-01T12:00"] + more)
        let isReady = await eventually { pump.output.contains("\"ready\"") }
        try #require(isReady, "\(pump.errors)")
        return pump
    }

    func miva(_ port: String, _ options: String = "") -> String { "serial:\(path(port))?driver=miva" + options }
    func paradigm(_ port: String) -> String { "serial:\(path(port))?driver=paradigm&serial=SIM000001" }

    /// Through the daemon's socket.
    func ask(_ arguments: String...) async throws -> Programs.Outcome {
        try await Programs.pumpledger(["--socket", socket] + arguments)
    }

    /// `port name: value` of the status, or nothing where nobody answers.
    func ports() async throws -> [String: [String: Any]] {
        let outcome = try await ask("status", "--json")
        guard outcome.exitCode == 0 else { return [:] }
        let ports = try outcome.json()["ports"] as? [[String: Any]] ?? []
        return Dictionary(
            ports.map { (($0["port"] as? String ?? "").split(separator: "/").last.map(String.init) ?? "", $0) }
        ) { $1 }
    }

    /// Waits until each of these ports has read everything.
    func untilRead(_ names: String..., within seconds: Double = 40) async throws {
        try await untilRead(names, within: seconds)
    }

    func untilRead(_ names: [String], within seconds: Double = 40) async throws {
        let end = ContinuousClock.now + .seconds(seconds)
        var ports: [String: [String: Any]] = [:]
        while ContinuousClock.now < end {
            ports = try await self.ports()
            if names.allSatisfy({ ports[$0]?["state"] as? String == "caught up" }) { return }
            try await Task.sleep(for: .milliseconds(30))
        }
        Issue.record("not read: \(ports)")
    }

    /// The records of a ledger that no daemon has: key and raw bytes, in log order.
    func records(of ledger: String? = nil) async throws -> [String] {
        try await Self.records(["--ledger", ledger ?? self.ledger])
    }

    static func records(_ options: [String]) async throws -> [String] {
        let outcome = try await Programs.pumpledger(options + ["events", "--json"])
        try #require(outcome.exitCode == 0, "\(outcome.err)")
        if outcome.out == "[]\n" { return [] }
        return try outcome.out.split(separator: "\n").map { line in
            let record = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any] ?? [:]
            return "\(record["pump"] ?? "") \(record["key"] ?? "") \(record["raw"] ?? "")"
        }
    }
}
