import Foundation
import TestSupport
import Testing

/// A record of `events --json` as far as it must not depend on who read it, when, or in which order.
struct Identity: Hashable {
    var key: String
    var raw: String

    static func list(_ workplace: Workplace) throws -> [Identity] {
        let outcome = try workplace.pumpledger("events", "--json")
        try #require(outcome.exitCode == 0, "\(outcome.err)")
        if outcome.out == "[]\n" { return [] }
        return try outcome.jsonLines().map {
            Identity(key: $0["key"] as? String ?? "", raw: $0["raw"] as? String ?? "")
        }
    }
}

@Suite("Recordings of a real pump", .enabled(if: Vectors.arePresent, Comment(rawValue: Vectors.absence)))
struct ReplayTests {
    private let first = Vectors.url("minimed_carelink/usb_sessions/first_run.csv").path
    private let third = Vectors.url("minimed_carelink/usb_sessions/third_run.csv").path

    private func replay(_ file: String, in workplace: Workplace) throws -> [String: Any] {
        let outcome = try workplace.pumpledger("replay", "--driver", "paradigm", "--json", file)
        #expect(outcome.exitCode == 0, "\(outcome.err)")
        return try outcome.json()
    }

    @Test("third_run gives 47 records, again adds none, first_run adds 32, and one gap lies between them")
    func bothRuns() throws {
        let workplace = try Workplace()
        #expect(try replay(third, in: workplace)["added"] as? Int == 47)
        let again = try replay(third, in: workplace)
        #expect(again["added"] as? Int == 0)
        #expect(again["known"] as? Int == 47)
        let other = try replay(first, in: workplace)
        #expect(other["added"] as? Int == 32)
        #expect(other["known"] as? Int == 0)
        #expect(other["records"] as? Int == 79)
        let gaps = try #require(other["gaps"] as? [[String: Any]])
        #expect(gaps.count == 1)
        #expect((gaps.first?["from"] as? String)?.hasSuffix("03:40:23") == true, "\(gaps)")
        #expect((gaps.first?["to"] as? String)?.hasSuffix("03:50:10") == true, "\(gaps)")

        let usage = try workplace.pumpledger("usage", "--json", "--period", "2000-01-01..2000-01-31").json()
        let lines = try #require(usage["lines"] as? [[String: Any]])
        #expect(lines.count == 2, "two reservoir changes: \(lines)")
    }

    @Test("in the other order the ledger holds the same records with the same keys in the same order")
    func otherOrder() throws {
        let one = try Workplace()
        _ = try replay(third, in: one)
        _ = try replay(first, in: one)
        let other = try Workplace()
        _ = try replay(first, in: other)
        _ = try replay(third, in: other)
        let expected = try Identity.list(one)
        #expect(expected.count == 79)
        #expect(try Identity.list(other) == expected)
    }

    @Test("without --read-at corrected times are null, with it they are not")
    func readAt() throws {
        let without = try Workplace()
        _ = try replay(third, in: without)
        for line in try without.pumpledger("events", "--json").jsonLines() { #expect(line["correctedAt"] is NSNull) }

        let with = try Workplace()
        let outcome = try with.pumpledger(
            "replay", "--driver", "paradigm", "--read-at", "2012-10-21T20:00:00Z", third)
        #expect(outcome.exitCode == 0, "\(outcome.err)")
        let lines = try with.pumpledger("events", "--json").jsonLines()
        #expect(lines.contains { $0["correctedAt"] is String })
    }

    /// Steps 00 to 04 of the bench series; step 00 with all its eight pages.
    private var steps: [[String]] {
        let names = [
            "00_ground-start-0_start", "01_ground-start-0_after-single-bolus", "02_ground-start-0_no-change",
            "03_ground-start-0_another-single-bolus-16-14", "04_ground-start-0_priming-event",
        ]
        return names.map { name in
            Vectors.files(below: "minimed_carelink/bench_series/\(name)", suffix: ".bin").map(\.path)
        }
    }

    private func importSteps(_ order: [Int], in workplace: Workplace) throws {
        for step in order {
            let outcome = try Program().run(
                [
                    "--ledger", workplace.ledger, "import", "log", "--driver", "paradigm", "--serial", "208850",
                    "--model", "515",
                ] + steps[step])
            #expect(outcome.exitCode == 0, "\(outcome.err)")
        }
    }

    @Test(
        "the bench series in any order, with overlaps, is one log with exactly the actions performed",
        arguments: [[0, 1, 2, 3, 4], [4, 3, 2, 1, 0], [2, 0, 4, 4, 1, 3, 0], [3, 0, 1, 4]])
    func benchSeries(order: [Int]) throws {
        let workplace = try Workplace()
        try importSteps(order, in: workplace)
        let reference = try Workplace()
        try importSteps([0, 1, 2, 3, 4], in: reference)
        let all = try Identity.list(reference)
        #expect(try Identity.list(workplace) == all)

        let start = try Workplace()
        try importSteps([0], in: start)
        let before = Set(try Identity.list(start))
        let added = try reference.pumpledger("events", "--json").jsonLines().filter { line in
            !before.contains(
                Identity(key: line["key"] as? String ?? "", raw: line["raw"] as? String ?? ""))
        }
        func said(_ kind: String) -> [String] {
            added.filter { $0["kind"] as? String == kind }.map {
                let amount = ($0["delivered"] ?? $0["amount"]) as? Double
                let time = ($0["deviceTime"] as? String)?.suffix(8).prefix(5) ?? "?"
                return "\(time) \(amount.map { String($0) } ?? "")"
            }
        }
        // Step 01: one bolus of 0.6 U at 15:05; 03: another at 16:14; 04: rewind at 16:47:57, then primes of 1.9 and 0.3.
        #expect(said("bolus") == ["15:05 0.6", "16:14 0.6"])
        #expect(said("rewind") == ["16:47 "])
        #expect(said("primed").map { $0.suffix(3) } == ["1.9", "0.3"])
        let gaps = try reference.pumpledger("pumps", "--json").json()["pumps"] as? [[String: Any]]
        #expect((gaps?.first?["gaps"] as? [Any])?.isEmpty == true)
    }
}
