import Foundation

/// What a simulated pump says of itself, read while it serves: what it was asked, which parts of its log went over the
/// line, what it logged meanwhile. It is the pump's word, not the reader's.
final class PumpTraffic {
    private let file: FileHandle
    private var unfinishedLine = ""
    private var isSendingPage = false
    /// Answers that carry a part of the log, since `beginAnew`.
    private(set) var logParts = 0
    /// When the first request, the first part of the log and the newest request were seen, since `beginAnew`.
    private(set) var begunAt: ContinuousClock.Instant?
    private(set) var logBegunAt: ContinuousClock.Instant?
    private(set) var lastAt: ContinuousClock.Instant?
    /// Records that it logged since it was ready.
    private(set) var logged = 0

    init(of pump: Running) throws {
        file = try FileHandle(forReadingFrom: pump.outputFile)
    }

    deinit { try? file.close() }

    /// Forgets what was asked so far.
    func beginAnew() {
        look()
        (logParts, begunAt, logBegunAt, lastAt, isSendingPage) = (0, nil, nil, nil, false)
    }

    /// Takes in what was printed since the last look.
    func look() {
        guard let bytes = try? file.readToEnd(), !bytes.isEmpty else { return }
        var lines = (unfinishedLine + String(decoding: bytes, as: UTF8.self)).components(separatedBy: "\n")
        unfinishedLine = lines.removeLast()
        let now = ContinuousClock.now
        for line in lines { take(line, at: now) }
    }

    private func take(_ line: String, at now: ContinuousClock.Instant) {
        if line.contains("\"did\":\"logged\"") {
            let deed = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
            logged += (deed?["raw"] as? [Any])?.count ?? 0
        }
        guard line.contains("\"did\":\"served\"") else { return }
        begunAt = begunAt ?? now
        lastAt = now
        // A MIVA sends its log an event at a time; a CareLink stick a page, in pieces that are asked for one by one.
        if line.contains("\"number\":") { isSendingPage = line.contains("\"page\":") }
        if line.contains("\"command\":\"RE\"") || isSendingPage && line.contains("\"read radio buffer\"") {
            logParts += 1
            logBegunAt = logBegunAt ?? now
        }
    }
}
