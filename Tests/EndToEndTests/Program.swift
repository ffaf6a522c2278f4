import Foundation
import TestSupport

/// Runs the programs that this build made, as a person would.
struct Program: Sendable {
    struct Outcome: Sendable {
        var exitCode: Int32
        var out: String
        var err: String

        /// The output as one JSON value.
        func json() throws -> [String: Any] {
            try JSONSerialization.jsonObject(with: Data(out.utf8)) as? [String: Any] ?? [:]
        }

        /// The output as one JSON value a line.
        func jsonLines() throws -> [[String: Any]] {
            try out.split(separator: "\n").map {
                try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any] ?? [:]
            }
        }
    }

    var name = "pumpledger"

    /// The folder of the test bundle: the programs lie beside it.
    static let folder: URL = {
        let own = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        let beside = own.appending(path: "pumpledger")
        if FileManager.default.isExecutableFile(atPath: beside.path) { return own }
        return Vectors.checkout.appending(path: ".build/debug")
    }()

    @discardableResult
    func run(_ arguments: [String], input: String = "", environment: [String: String] = [:]) throws -> Outcome {
        let process = Process()
        process.executableURL = Self.folder.appending(path: name)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        // Files, not pipes: nobody has to drain them while the program runs, and no test thread waits for another.
        let folder = FileManager.default.temporaryDirectory.appending(path: "pumpledger-run-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        func file(_ name: String, _ contents: String = "") throws -> URL {
            let url = folder.appending(path: name)
            try Data(contents.utf8).write(to: url)
            return url
        }
        let out = try file("out")
        let err = try file("err")
        process.standardInput = try FileHandle(forReadingFrom: try file("in", input))
        process.standardOutput = try FileHandle(forWritingTo: out)
        process.standardError = try FileHandle(forWritingTo: err)
        try process.run()
        process.waitUntilExit()
        return Outcome(
            exitCode: process.terminationStatus, out: String(decoding: try Data(contentsOf: out), as: UTF8.self),
            err: String(decoding: try Data(contentsOf: err), as: UTF8.self))
    }

    /// Starts it and kills it after `delay`; returns true where it was still running.
    func runAndKill(_ arguments: [String], after delay: Duration) throws -> Bool {
        let process = Process()
        process.executableURL = Self.folder.appending(path: name)
        process.arguments = arguments
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        usleep(UInt32(delay.components.attoseconds / 1_000_000_000_000 + delay.components.seconds * 1_000_000))
        let isRunning = process.isRunning
        if isRunning { kill(process.processIdentifier, SIGKILL) }
        process.waitUntilExit()
        return isRunning
    }
}

/// A folder of this test's own, removed when the test lets go of it.
final class Workplace: Sendable {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appending(path: "pumpledger-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    var ledger: String { url.appending(path: "state/ledger.db").path }

    func path(_ name: String) -> String { url.appending(path: name).path }

    @discardableResult
    func write(_ text: String, to name: String) throws -> String {
        let file = url.appending(path: name)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
        return file.path
    }

    /// `pumpledger --ledger LEDGER …`
    @discardableResult
    func pumpledger(_ arguments: String...) throws -> Program.Outcome {
        try Program().run(["--ledger", ledger] + arguments)
    }
}
