import Foundation
import TestSupport
import Testing

/// A month closed, corrected, reopened, and looked at by a nurse, through the program.
@Suite("Closing a month")
struct ClosingTests {
    private static let closing = ["--now", "2026-10-03T12:00:00Z", "--period", "2026-09"]

    private func month(_ workplace: Workplace, missing: Set<Int> = []) throws {
        var month = TherapyMonth()
        month.order = [
            "mode": "intermittent", "starts_at": "2026-09-01T00:00", "ends_at": "2026-09-30",
            "dose_times": "06:00;18:00", "container": "bag",
        ]
        month.deliveries = [("A4222", "2026-09-01", 60)]
        month.event("2026-09-01T00:00", "power-on")
        for number in 1...30 {
            for hour in ["06", "18"] {
                month.doseWithOwnContainer(
                    at: "\(day(number))T\(hour):00", end: "\(day(number))T\(hour):59",
                    container: "B\(number)-\(hour)")
            }
        }
        month.event("2026-10-01T05:00", "note")
        try month.write(to: workplace)
        if !missing.isEmpty {
            let rows = try String(contentsOfFile: workplace.path("events.csv"), encoding: .utf8)
                .split(separator: "\n").enumerated().filter { !missing.contains($0.offset) }.map(\.element)
            try workplace.write(rows.joined(separator: "\n") + "\n", to: "events.csv")
        }
        let register = try workplace.pumpledger("import", "register", workplace.path("register"))
        try #require(register.exitCode == 0, "\(register.err)")
        try events(workplace)
    }

    private func events(_ workplace: Workplace, at now: String = "2026-10-02T12:00:00Z") throws {
        let outcome = try workplace.pumpledger("import", "events", "--now", now, workplace.path("events.csv"))
        try #require(outcome.exitCode == 0, "\(outcome.err)")
    }

    private func run(_ workplace: Workplace, _ command: [String]) throws -> Program.Outcome {
        try Program().run(["--ledger", workplace.ledger] + command)
    }

    @Test(
        "the exit codes of closing: 1 while something is open, 0 accepted, 5 closed, 2 without reason or before its end"
    )
    func exitCodes() throws {
        let workplace = try Workplace()
        try month(workplace, missing: [10])
        let open = try run(workplace, ["close"] + Self.closing)
        #expect(open.exitCode == 1)
        #expect(open.out.contains("NOT closed"))
        #expect(open.out.contains("missing-sequence"))
        let json = try run(workplace, ["close", "--json"] + Self.closing)
        #expect(json.exitCode == 1)
        #expect(try json.json()["isClosed"] as? Bool == false)
        #expect(try (json.json()["open"] as? [[String: Any]])?.isEmpty == false)
        #expect(try run(workplace, ["close", "--accept", "one row lost"] + Self.closing).exitCode == 0)
        let again = try run(workplace, ["close"] + Self.closing)
        #expect(again.exitCode == 5)
        #expect(again.err.contains("pumpledger reopen --period 2026-09-01..2026-09-30 --reason TEXT"))
        #expect(try run(workplace, ["close", "--period", "2026-10", "--now", "2026-10-03T12:00:00Z"]).exitCode == 2)
        #expect(try run(workplace, ["reopen", "--period", "2026-09"]).exitCode == 2)
        #expect(try run(workplace, ["reopen", "--period", "2026-08", "--reason", "x"]).exitCode == 3)
        #expect(try run(workplace, ["reopen", "--period", "2026-09", "--reason", "x"]).exitCode == 0)
    }

    @Test("a closed month prints the same lines after a late record, with a signed adjustment, and anew when reopened")
    func adjustment() throws {
        let workplace = try Workplace()
        // A whole dose is not there yet.
        try month(workplace, missing: [10, 11, 12, 13])
        #expect(try run(workplace, ["close", "--accept", "pump not read on the 2nd"] + Self.closing).exitCode == 0)
        func billable() throws -> [String: Any] {
            try run(workplace, ["billable", "--json", "--period", "2026-09"]).json()
        }
        let before = try billable()
        try month(workplace)
        let after = try billable()
        #expect(NSArray(array: after["lines"] as? [Any] ?? []).isEqual(before["lines"]))
        let adjustments = try #require(after["adjustments"] as? [[String: Any]])
        #expect(adjustments.count == 1)
        #expect(adjustments.first?["order"] as? String == "O1")
        #expect(adjustments.first?["hcpcs"] as? String == "A4222")
        #expect(adjustments.first?["on"] as? String == "2026-10-02")
        #expect(adjustments.first?["used"] as? Int == 1)
        #expect(adjustments.first?["supported"] as? Int == 1)
        #expect(adjustments.first?["payable"] as? Int == 1)
        #expect((adjustments.first?["records"] as? [String])?.count == 4)
        let text = try run(workplace, ["billable", "--period", "2026-09"]).out
        #expect(text.contains("CLOSED by "))
        #expect(text.contains("ADJUSTMENT 2026-10-02, order O1, A4222: used +1, supported +1, payable +1."))
        let usage = try run(workplace, ["usage", "--json", "--period", "2026-09"]).json()
        #expect((usage["lines"] as? [Any])?.count == 59)
        #expect((usage["adjustments"] as? [Any])?.count == 1)
        #expect(try run(workplace, ["reopen", "--period", "2026-09", "--reason", "corrected"]).exitCode == 0)
        let anew = try billable()
        #expect(anew["adjustments"] == nil)
        #expect((anew["lines"] as? [[String: Any]])?.first?["supported"] as? Int == 60)
        let audit = try run(workplace, ["audit", "--json"]).json()["entries"] as? [[String: Any]] ?? []
        let actions = audit.compactMap { $0["action"] as? String }
        #expect(
            Set(actions).isSuperset(of: ["import register", "import events", "close", "billable", "usage", "reopen"]))
        #expect(try run(workplace, ["verify"]).exitCode == 0)
    }

    @Test("close, killed at any moment, has closed the month or has not")
    func kills() throws {
        let workplace = try Workplace()
        try month(workplace)
        let open = try run(workplace, ["billable", "--json", "--period", "2026-09"]).json()["lines"]
        var random = SeededGenerator(seed: 0xC105E)
        var killed = 0
        for round in 0..<24 {
            let delay = Duration.microseconds(Int.random(in: 2_000...120_000, using: &random))
            let command = ["--ledger", workplace.ledger, "close"] + Self.closing
            if try Program().runAndKill(command, after: delay) { killed += 1 }
            let report = try run(workplace, ["billable", "--json", "--period", "2026-09"])
            #expect(report.exitCode == 0, "\(report.err)")
            #expect(NSArray(array: try report.json()["lines"] as? [Any] ?? []).isEqual(open), "round \(round)")
            if try report.json()["closed"] != nil {
                #expect(try run(workplace, ["reopen", "--period", "2026-09", "--reason", "again"]).exitCode == 0)
            }
        }
        #expect(killed > 6, "only \(killed) of 24 kills met a running process")
        #expect(try run(workplace, ["close"] + Self.closing).exitCode == 0)
        #expect(try run(workplace, ["verify"]).exitCode == 0)
    }

    @Test("a visit fits on 80 by 24, whatever happened, and its note fits the chart's columns")
    func screen() throws {
        let workplace = try Workplace()
        try month(workplace, missing: [10, 11, 12, 13, 30, 31, 60, 90])
        for (now, flags) in [
            ("2026-10-01T12:00:00Z", ["--dry-run"]), ("2026-10-20T12:00:00Z", []), ("2026-10-20T12:05:00Z", []),
            ("2020-01-01T00:00:00Z", ["--dry-run"]),
        ] {
            let screen = try run(workplace, ["visit", "--now", now] + flags)
            #expect(screen.exitCode == 0, "\(screen.err)")
            let lines = screen.out.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
            #expect(lines.count <= 23, "\(screen.out)")
            #expect(lines.allSatisfy { $0.count <= 80 }, "\(screen.out)")
            let whose = now < "2026" ? "no order." : "order O1, patient P1, foscarnet."
            #expect(screen.out.hasPrefix("Pump E2E0001 (E0781): \(whose)"), "\(screen.out)")
        }
        let note = try run(workplace, ["visit", "--note", "--dry-run", "--now", "2026-10-20T12:06:00Z"]).out
        #expect(note.split(separator: "\n").allSatisfy { $0.count <= 80 })
        #expect(note.contains("Since the last visit, Oct 20 08:05"))
        #expect(try run(workplace, ["visit", "--note", "--json"]).exitCode == 2)
        #expect(try run(workplace, ["visit", "NOBODY"]).exitCode == 3)
        let json = try run(workplace, ["visit", "--json", "--dry-run", "--now", "2026-10-20T12:06:00Z"]).json()
        #expect(json["schema"] as? String == "pumpledger.visit/1")
        #expect(json["newRecords"] as? Int == 0)
    }
}
