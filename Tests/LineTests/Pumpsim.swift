import Foundation
import Glibc
import PumpCore
import TestSupport

/// The built `pumpsim` on a pseudo-terminal of its own; it goes with its owner.
///
/// Only the owner's task touches the process, one call after another; Foundation's `Process` cannot say so.
final class Pumpsim: @unchecked Sendable {
    struct Failed: Error { let said: String }

    private let process = Process()
    private let input = Pipe()
    let folder: URL
    let link: String
    private(set) var ready = Ready(serial: "", at: "")

    struct Ready: Decodable {
        var serial: String
        var at: String
        var events: Int?
        var pages: Int?
    }

    /// Returns when it has said that it is ready.
    init(_ arguments: [String], scenario: String? = nil) async throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "pumpsim-line-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        link = folder.appending(path: "ttyUSB0").path
        var arguments = arguments + ["--pty", link, "--acts", folder.appending(path: "acts.jsonl").path]
        if let scenario {
            let file = folder.appending(path: "scenario.json")
            try Data(scenario.utf8).write(to: file)
            arguments += ["--scenario", file.path]
        }
        process.executableURL = Self.program
        process.arguments = arguments
        process.standardInput = input
        // Files, not pipes: nobody has to drain them.
        process.standardOutput = try file("deeds.jsonl")
        process.standardError = try file("errors.txt")
        try process.run()
        for _ in 0..<2_000 {
            if let line = said.first(where: { $0.hasPrefix("{\"ready\"") }) {
                ready = try JSONDecoder().decode(Ready.self, from: Data(line.utf8))
                return
            }
            guard process.isRunning else { break }
            try await Task.sleep(for: .milliseconds(10))
        }
        throw Failed(said: errors)
    }

    deinit {
        if process.isRunning { process.terminate() }
        try? FileManager.default.removeItem(at: folder)
    }

    private static let program =
        URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        .appending(path: "pumpsim").reachable
        ?? Vectors.checkout.appending(path: ".build/debug/pumpsim")

    private func file(_ name: String) throws -> FileHandle {
        let url = folder.appending(path: name)
        try Data().write(to: url)
        return try FileHandle(forWritingTo: url)
    }

    private func text(_ name: String) -> String {
        (try? String(contentsOf: folder.appending(path: name), encoding: .utf8)) ?? ""
    }

    /// Every whole line of its output so far.
    var said: [Substring] {
        let text = text("deeds.jsonl")
        return text.split(separator: "\n").dropLast(text.hasSuffix("\n") ? 0 : 1)
    }
    var errors: String { text("errors.txt") }
    var isRunning: Bool { process.isRunning }
    var exitCode: Int32? { process.isRunning ? nil : process.terminationStatus }

    func type(_ line: String) { input.fileHandleForWriting.write(Data((line + "\n").utf8)) }

    /// What was done to the pump before it was ready, as it says itself.
    func acts() throws -> [PlayedAct] {
        try text("acts.jsonl").split(separator: "\n").map {
            try JSONDecoder().decode(PlayedAct.self, from: Data($0.utf8))
        }
    }
}

extension URL {
    fileprivate var reachable: URL? { FileManager.default.isExecutableFile(atPath: path) ? self : nil }
}

/// A line of `--acts`: what happened, and the records that the pump wrote of it.
struct PlayedAct: Decodable {
    var at: String
    var civil: String
    var act: String
    var raw: [String]
    var infused: Double?
    var amount: Double?
    var programmed: Double?
    var delivered: Double?
    var left: Double?
    var primeType: String?
    var beganAt: String?

    var instant: Instant? { Instant(at) }
    var records: [[UInt8]] { raw.compactMap { bytes(fromHex: $0) } }
}
