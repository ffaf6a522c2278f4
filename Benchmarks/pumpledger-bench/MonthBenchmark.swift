import Foundation
import LedgerService
import PumpCore
import Supplies

/// The month of everybody, with all rules, against SQLite's window query over the same table; and the memory that it
/// takes. Each measurement is a process of its own: a peak is a process's, and no cache is warm but the kernel's.
enum MonthBenchmark {
    static let sizes = [
        PatientMonths(patients: 100, recordsADay: 10), PatientMonths(patients: 1000, recordsADay: 10),
        PatientMonths(patients: 10_000, recordsADay: 10), PatientMonths(patients: 500, recordsADay: 200),
    ]

    /// Both sides are asked in the same way, in either of two: of a file that is opened for it, in a process of its own, and
    /// of a connection that is open and was asked before, as a daemon's is.
    private static let ways = [
        (month: "month", query: "query", how: "opened for it"),
        (month: "open-month", query: "open-query", how: "of an open ledger"),
    ]

    static func run(in folder: URL, sizes: [PatientMonths] = sizes) throws -> [Figure] {
        var figures: [Figure] = []
        var peaks: [Int: Int] = [:]
        for size in sizes {
            let path = folder.appending(path: "month-\(size.patients)-\(size.recordsADay).db").path
            let building = try seconds { try size.write(to: path) }
            print(
                "\(size.patients) patients, \(size.recordsADay) records a day: \(size.recordCount) records, written in "
                    + String(format: "%.1f s", building))
            let rounds = size.recordCount < 1_000_000 ? 9 : 3
            // One after the other in each round, so that what else the machine does is in both; of all rounds the best.
            var best: [String: Double] = [:]
            for _ in 0..<rounds {
                for what in ["query", "month", "open-query", "open-month", "filtered-query"] {
                    let outcome = try Child.run(what, path)
                    best[what] = min(best[what] ?? .infinity, outcome.seconds)
                    if what == "month", size.recordsADay == 10 {
                        peaks[size.patients] = max(peaks[size.patients] ?? 0, outcome.peak)
                    }
                }
            }
            for way in Self.ways {
                let (ours, theirs) = (best[way.month] ?? 0, best[way.query] ?? 0)
                figures.append(
                    Figure(
                        what: "month of \(size.patients) patients, \(size.recordsADay) records a day, \(way.how)",
                        ours: String(format: "%.4f s", ours),
                        peer: String(format: "SQLite's window query %.4f s", theirs), ratio: ours / theirs,
                        goal: .atMost(1)))
            }
            let filtered = best["filtered-query"] ?? 0
            print(
                String(
                    format: "the query over detaches and runs alone takes %.3f s: %.2f ×", filtered,
                    (best["month"] ?? 0) / filtered))
            figures += try closed(path, open: best, size)
            try FileManager.default.removeItem(atPath: path)
        }
        if let small = peaks[1000], let large = peaks[10_000] {
            figures.append(
                Figure(
                    what: "peak memory of a month, 10,000 patients", ours: "\(large / 1024) MB",
                    peer: "1,000 patients \(small / 1024) MB", ratio: Double(large) / Double(small), goal: .atMost(1.2))
            )
        }
        return figures
    }

    /// The same question once the month is closed: what was frozen is read, and nothing is counted. Both from a file that is
    /// opened for it, and of a ledger that is open.
    private static func closed(
        _ path: String, open: [String: Double], _ size: PatientMonths
    ) throws -> [Figure] {
        let closing = try Child.run("close", path)
        print(String(format: "closing it takes %.1f s and %d MB", closing.seconds, closing.peak / 1024))
        return try Self.ways.map { way in
            let best = try (0..<9).map { _ in try Child.run(way.month, path).seconds }.min() ?? 0
            let open = open[way.month] ?? 0
            return Figure(
                what: "closed month of \(size.patients) patients, \(size.recordsADay) records a day, \(way.how)",
                ours: String(format: "%.4f s", best), peer: String(format: "the open one %.3f s", open),
                ratio: best / open, goal: .atMost(0.01))
        }
    }

    /// What a child does. Prints its seconds and its count.
    static func measure(_ what: String, _ path: String) throws {
        switch what {
        case "query": report(try WindowQuery.run(WindowQuery.sql, on: path))
        case "filtered-query": report(try WindowQuery.run(WindowQuery.filteredSQL, on: path))
        case "open-query": report(try WindowQuery.runAgain(WindowQuery.sql, on: path))
        case "month": try ask(.billable(period: PatientMonths.month), path)
        case "open-month": try askAgain(.billable(period: PatientMonths.month), path)
        case "close": try ask(.close(period: PatientMonths.month, accept: "benchmark"), path)
        case "pumps": try ask(.pumps, path)
        default: throw BenchmarkError.sqlite("nothing to measure called \(what)")
        }
    }

    /// Opens the ledger, asks, closes it: as a command does. Counts what is payable.
    private static func ask(_ request: Request, _ path: String) throws {
        var payable = 0
        let time = try seconds {
            let service = try LedgerService.open(path: path, for: request)
            defer { service.close() }
            if case .billable(let answer) = try service.answer(request, PatientMonths.context) {
                payable = answer.lines.reduce(0) { $0 + ($1.payable ?? 0) }
            }
        }
        report((time, payable))
    }

    /// Of a ledger that is open and was asked before, as a daemon is: the question, its entry in the audit trail, its lines.
    private static func askAgain(_ request: Request, _ path: String) throws {
        let service = try LedgerService.open(path: path, for: request)
        defer { service.close() }
        var payable = 0
        var times: [Double] = []
        for _ in 0..<4 {
            times.append(
                try seconds {
                    guard case .billable(let answer) = try service.answer(request, PatientMonths.context) else {
                        return
                    }
                    payable = answer.lines.reduce(0) { $0 + ($1.payable ?? 0) }
                })
        }
        report((times.dropFirst().min() ?? 0, payable))
    }

    private static func report(_ result: (seconds: Double, count: Int)) {
        print("\(result.seconds) \(result.count) \(Child.peakKilobytes())")
    }
}

/// This program again, for one measurement.
enum Child {
    struct Outcome {
        var seconds: Double
        var count: Int
        /// Kilobytes that were resident at the most.
        var peak: Int
    }

    static func run(_ what: String, _ path: String) throws -> Outcome {
        let process = Process()
        process.executableURL = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = ["measure", what, path]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        let numbers = text.split(whereSeparator: \.isWhitespace).compactMap { Double($0) }
        guard process.terminationStatus == 0, numbers.count == 3 else { throw BenchmarkError.peerUnreadable(text) }
        return Outcome(seconds: numbers[0], count: Int(numbers[1]), peak: Int(numbers[2]))
    }

    /// `VmHWM` of this process.
    static func peakKilobytes() -> Int {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") } ?? ""
        return line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) } ?? 0
    }
}
