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

    static func run(in folder: URL, sizes: [PatientMonths] = sizes) throws -> [Figure] {
        var figures: [Figure] = []
        var peaks: [Int: Int] = [:]
        for size in sizes {
            let path = folder.appending(path: "month-\(size.patients)-\(size.recordsADay).db").path
            let building = try seconds { try size.write(to: path) }
            print(
                "\(size.patients) patients, \(size.recordsADay) records a day: \(size.recordCount) records, written in "
                    + String(format: "%.1f s", building))
            let rounds = size.recordCount < 1_000_000 ? 5 : 3
            var ours: [Double] = []
            var theirs: [Double] = []
            var filtered: [Double] = []
            for _ in 0..<rounds {
                theirs.append(try Child.run("query", path).seconds)
                filtered.append(try Child.run("filtered-query", path).seconds)
                let month = try Child.run("month", path)
                ours.append(month.seconds)
                if size.recordsADay == 10 { peaks[size.patients] = max(peaks[size.patients] ?? 0, month.peak) }
            }
            figures.append(
                Figure(
                    what: "month of \(size.patients) patients, \(size.recordsADay) records a day",
                    ours: String(format: "%.3f s", median(ours)),
                    peer: String(format: "SQLite's window query %.3f s", median(theirs)),
                    ratio: median(ours) / median(theirs), goal: .atMost(1)))
            print(
                String(
                    format: "the query over detaches and runs alone takes %.3f s: %.2f ×", median(filtered),
                    median(ours) / median(filtered)))
            let openMonth = try Child.run("open-month", path).seconds
            let openQuery = try Child.run("open-query", path).seconds
            print(
                String(
                    format: "of an open ledger, asked again: month %.3f s, query %.3f s: %.2f ×", openMonth, openQuery,
                    openMonth / openQuery))
            figures += try closed(path, open: (median(ours), openMonth), size)
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
        _ path: String, open: (cold: Double, again: Double), _ size: PatientMonths
    ) throws -> [Figure] {
        let closing = try Child.run("close", path)
        print(String(format: "closing it takes %.1f s", closing.seconds))
        return try [("month", "opened for it", open.cold), ("open-month", "of an open ledger", open.again)].map {
            what, how, open in
            let times = try (0..<5).map { _ in try Child.run(what, path).seconds }
            return Figure(
                what: "closed month of \(size.patients) patients, \(size.recordsADay) records a day, \(how)",
                ours: String(format: "%.4f s", median(times)), peer: String(format: "the open one %.3f s", open),
                ratio: median(times) / open, goal: .atMost(0.01))
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
        report((median(Array(times.dropFirst())), payable))
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
