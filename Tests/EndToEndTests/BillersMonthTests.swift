import Foundation
import Testing

/// A biller closes October: three simulated patients, their pumps' own logs, and what people wrote down beside them.
@Suite("A biller's month")
struct BillersMonthTests {
    private let patients = [
        DeskMonth.Patient(scenario: "antibiotic-q12h"), DeskMonth.Patient(scenario: "inotrope-48h"),
        DeskMonth.Patient(scenario: "insulin", family: "paradigm"),
    ]

    private func lines(_ outcome: Program.Outcome, _ name: String = "lines") throws -> [[String: Any]] {
        try #require(try outcome.json()[name] as? [[String: Any]], "\(outcome.err)")
    }

    private func line(_ lines: [[String: Any]], _ order: String, _ hcpcs: String) throws -> [String: Any] {
        try #require(lines.first { $0["order"] as? String == order && $0["hcpcs"] as? String == hcpcs })
    }

    @Test("a clean month: the shelf fits, nothing is to mend, and the warehouse sees who runs out first")
    func clean() throws {
        let workplace = try Workplace()
        try DeskMonth.play(patients, in: workplace)
        try DeskMonth.load(patients, in: workplace)

        let reconcile = try workplace.desk("reconcile", "--period", "2026-10", "--check", "--json")
        #expect(reconcile.exitCode == 0, "\(reconcile.out)")
        let report = try reconcile.json()
        #expect(report["schema"] as? String == "pumpledger.reconcile/1")
        #expect(report["period"] as? [String: String] == ["from": "2026-10-01", "to": "2026-10-31"])
        #expect((report["rules"] as? String)?.hasPrefix("medicare-dme@") == true)
        #expect((report["coverage"] as? [Any])?.count == 3)
        let found = try lines(reconcile)
        #expect(found.count == 6)
        for line in found {
            func number(_ name: String) -> Int { line[name] as? Int ?? Int.min / 16 }
            #expect(
                number("expected")
                    == number("opening") + number("delivered") - number("used") - number("attested")
                    - number("wasted") - number("returned") - number("lost"), "\(line)")
        }
        let bags = try line(found, "O-0001", "A4222")
        #expect(bags["status"] as? String == "OK")
        #expect(bags["variance"] as? Int == 0)
        #expect(bags["countedOn"] as? String == "2026-10-31")
        let weeks = try line(found, "O-0001", "A4221")
        #expect(weeks["counted"] is NSNull, "a blank count is null, never 0")
        #expect(weeks["status"] as? String == "NOT COUNTED")

        // What is shown as a sum is the sum of what is shown.
        for total in try lines(reconcile, "totals") {
            let own = found.filter { $0["hcpcs"] as? String == total["hcpcs"] as? String }
            #expect(total["lines"] as? Int == own.count)
            for name in ["opening", "delivered", "used", "expected", "billed"] {
                #expect(total[name] as? Int == own.reduce(0) { $0 + ($1[name] as? Int ?? 0) }, "\(name)")
            }
        }

        let scrub = try workplace.desk("scrub", "--period", "2026-10", "--check")
        #expect(scrub.exitCode == 0, "\(scrub.out)")
        #expect(scrub.out.contains("looked at: nothing to mend."))
        #expect(try lines(try workplace.desk("scrub", "--period", "2026-10", "--json"), "findings").isEmpty)
        #expect(
            try workplace.desk("scrub", "--period", "2026-07").out.contains(
                "Nothing was billed or delivered in this period"))

        let refills = try lines(try workplace.desk("refill-due", "--json"))
        let days = refills.compactMap { $0["daysLeft"] as? Int }
        #expect(days.count == 3)
        #expect(days == days.sorted())
        #expect(refills.first?["order"] as? String == "O-0001")
        #expect(refills.first?["action"] as? String == "deliver")
    }

    @Test("a month with everything wrong: each thing shows once, with its fix, and --check says so")
    func faults() throws {
        let workplace = try Workplace()
        var patients = patients
        patients[1].readUntil = "2026-10-20T08:00"
        try DeskMonth.play(patients, in: workplace)
        try workplace.edit(
            "billed", "O-0001,A4222,2026-10-07,2026-10-13,14,KX", "O-0001,A4222,2026-10-07,2026-10-13,40,")
        try workplace.append("billed", "O-0003,E0784,2026-10-01,2026-10-31,1,RR KX,R1,1\n")
        try workplace.edit("counts", "O-0001,2026-10-31,8", "O-0001,2026-10-31,6")
        try workplace.edit("counts", "O-0002,2026-10-31,5,RN-1\n", "")
        try workplace.append(
            "dispositions",
            "order_id,date,quantity,reason,note,by\nO-0001,2026-10-02,1,other,\"=cmd|' /C calc'!A0\",RN-1\n")
        try workplace.append(
            "stays", "patient_id,admitted_at,discharged_at,kind\nP-0003,2026-10-09T09:00,2026-10-12T18:00,planned\n")
        try DeskMonth.load(patients, in: workplace)

        let reconcile = try workplace.desk("reconcile", "--period", "2026-10", "--check")
        #expect(reconcile.exitCode == 1)
        let shown = reconcile.out.split(separator: "\n").map(String.init)
        #expect(shown.first == "Supply reconciliation, 2026-10-01 to 2026-10-31, both days included")
        #expect(shown.contains { $0.hasPrefix("O-0001") && $0.hasSuffix("REVIEW") })
        #expect(shown.contains { $0.hasPrefix("O-0002") && $0.hasSuffix("NOT COUNTED") })
        #expect(!reconcile.out.contains("E0784"), "a rental is no supply")
        #expect(reconcile.out.contains("Count the shelf: pumpledger count O-0002 QUANTITY --on 2026-10-31"))
        #expect(reconcile.out.contains("complete through 2026-10-20 08:00 -05:00, NOT to the end of the period"))
        #expect(shown.allSatisfy { $0.count <= 200 }, "it fits a wide terminal")

        let refill = try workplace.desk("refill-due", "--on", "2026-11-01")
        #expect(refill.out.contains("order O-0002, A4222: up to "))
        #expect(!refill.out.contains("end of the period"))

        let scrub = try workplace.desk("scrub", "--period", "2026-10", "--check")
        #expect(scrub.exitCode == 1)
        #expect(scrub.out.contains("ERROR R7, claim CLM1-0002 line 1"))
        #expect(scrub.out.contains("  Fix: add the modifier that the supplier stands for."))
        #expect(scrub.out.contains("ERROR R2, "))
        #expect(scrub.out.contains("WARNING R10, order O-0003"))
        let findings = try lines(try workplace.desk("scrub", "--period", "2026-10", "--json"), "findings")
        let severities = findings.compactMap { $0["severity"] as? String }
        #expect(severities == severities.sorted(), "errors before warnings before notes")
        for finding in findings {
            for name in ["severity", "rule", "line", "message", "fix", "source", "citation", "id"] {
                #expect((finding[name] as? String)?.isEmpty == false, "\(name) of \(finding)")
            }
        }
        let ids = findings.compactMap { $0["id"] as? String }
        #expect(Set(ids).count == ids.count)

        // Every id that a report prints can be explained, down to where people wrote it.
        let stock = try lines(try workplace.desk("reconcile", "--period", "2026-10", "--json"))
        let refills = try lines(try workplace.desk("refill-due", "--json"))
        for id in ids + (stock + refills).compactMap({ $0["id"] as? String }) {
            let why = try workplace.desk("explain", id, "--json")
            #expect(why.exitCode == 0, "\(id): \(why.err)")
            let answer = try why.json()
            #expect((answer["because"] as? [String])?.isEmpty == false, "\(id)")
            #expect((answer["register"] as? [String])?.contains { $0.hasPrefix("orders.csv:") } == true, "\(id)")
            #expect((answer["rules"] as? [[String: Any]])?.first?["citation"] is String, "\(id)")
        }
        // The number of bags used, down to the raw bytes.
        let why = try workplace.desk("explain", "s:2026-10-01..2026-10-31:O-0001:A4222", "--json").json()
        let parts = (why["parts"] as? [[String: Any]] ?? []).compactMap { $0["id"] as? String }
        let used = try line(stock, "O-0001", "A4222")["used"] as? Int
        #expect(parts.filter { $0.hasPrefix("c:") }.count == used)
        #expect(parts.contains("l:2026-10-01..2026-10-31:O-0001:A4222"))
        let records = why["records"] as? [[String: Any]] ?? []
        #expect(records.count > 60)
        #expect(records.allSatisfy { ($0["raw"] as? String)?.count == 32 })
        let said = (why["because"] as? [String] ?? []).joined(separator: "\n")
        #expect(said.contains("Counted 6 on 2026-10-31, when 7 were expected: variance -1."), "\(said)")
        #expect((why["register"] as? [String])?.contains { $0.hasPrefix("counts.csv:2: 6 on the shelf") } == true)
    }

    @Test("CSV holds the same numbers, no totals, and nothing that a spreadsheet would run")
    func csv() throws {
        let workplace = try Workplace()
        let one = [patients[0]]
        try DeskMonth.play(one, in: workplace)
        try workplace.edit("billed", "14,KX,CLM1-0002", "14,,=1+1")
        try DeskMonth.load(one, in: workplace)
        let csv = try workplace.desk("reconcile", "--period", "2026-10", "--csv")
        let rows = csv.out.replacing("\r\n", with: "\n").split(separator: "\n").map(String.init)
        #expect(rows.count == 3)
        #expect(rows[0].hasPrefix("order,patient,code,opening,delivered,used,attested,wasted,returned,lost,expected,"))
        #expect(rows[1].hasPrefix("O-0001,P-0001,A4222,14,56,62,0,0,0,0,8,8,2026-10-31,0,56,"))
        #expect(rows[2].contains(",0,,,,4,"), "not counted is empty: \(rows[2])")
        #expect(csv.err.contains("Supply reconciliation"))
        let scrub = try workplace.desk("scrub", "--period", "2026-10", "--csv")
        #expect(scrub.out.contains(",'=1+1,"))
        #expect(!scrub.out.contains(",=1+1"))
        #expect(try workplace.desk("refill-due", "--csv").out.contains("O-0001,P-0001,A4222,8,2 a day,4,2026-11-04,"))
    }

    @Test("a day to come and ids that are none are said in words, with the way on")
    func words() throws {
        let workplace = try Workplace()
        let one = [patients[0]]
        try DeskMonth.play(one, in: workplace)
        try DeskMonth.load(one, in: workplace)
        for (arguments, code, words) in [
            (["explain", "s:2026-10-01..2026-10-31:O-9:A4222"], Int32(3), "pumpledger reconcile --period 2026-10-01"),
            (["explain", "d:2026-10-05:O-9"], 3, "pumpledger refill-due --on 2026-10-05"),
            (["explain", "f:2026-10-01..2026-10-31:00000000"], 3, "pumpledger scrub --period 2026-10-01..2026-10-31"),
            (["explain", "q:1"], 2, "s: (reconcile), d: (refill-due), f: (scrub)"),
            (["reconcile", "--period", "2026-10-31..2026-10-01"], 2, "--period 2026-10-01..2026-10-31"),
            (["scrub", "--period", "october"], 2, "Write a month"),
            (["refill-due", "--on", "tomorrow"], 2, "Write it like 2026-10-31."),
        ] {
            let outcome = try Program().run(["--ledger", workplace.ledger] + arguments)
            #expect(outcome.exitCode == code, "\(arguments)")
            #expect(outcome.err.contains(words), "\(arguments): \(outcome.err)")
            #expect(outcome.out.isEmpty)
        }
    }

    @Test("on an empty ledger lists are empty and nothing is claimed")
    func empty() throws {
        let workplace = try Workplace()
        #expect(try lines(try workplace.desk("reconcile", "--period", "2026-10", "--json")).isEmpty)
        #expect(try lines(try workplace.desk("refill-due", "--json")).isEmpty)
        let scrub = try workplace.desk("scrub", "--period", "2026-10", "--check")
        #expect(scrub.exitCode == 0)
        #expect(scrub.out.contains("Nothing was billed or delivered"))
        #expect(try workplace.desk("reconcile", "--period", "2026-10").out.contains("Is the register imported?"))
    }
}
