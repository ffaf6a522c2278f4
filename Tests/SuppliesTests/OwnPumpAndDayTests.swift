import PumpCore
import Register
import Supplies
import Testing

@Suite("Each unit by its own pump and its own day")
struct OwnPumpAndDayTests {
    /// Ten bags on M1 (E0781) from 1 to 5 September, ten on M2 from 6 to 10.
    private func changed(to second: String) throws -> MonthFindings {
        var clinic = Clinic()
        clinic.pump("M2", second)
        try clinic.order(from: "2026-09-01", to: "2026-09-10", pump: nil)
        clinic.assign("M1", to: "O1", from: try time("2026-09-01"), until: try time("2026-09-05"))
        clinic.assign("M2", to: "O1", from: try time("2026-09-06"), until: try time("2026-09-10"))
        try clinic.deliver(20, on: "2026-09-01")
        for (number, slot) in try slots(20, from: "2026-09-01").enumerated() {
            clinic.dose(slot, pump: number < 10 ? "M1" : "M2", id: "b\(number)")
        }
        return try clinic.findings("2026-09-01", "2026-09-30")
    }

    @Test(
        "a pump change in mid-month leaves the first pump's line as it is",
        arguments: [("none", "A4223"), ("E0784", "A4225")])
    func pumpChange(second: String, code: String) throws {
        let findings = try changed(to: second)
        let first = try findings.line()
        #expect(first.pump == "M1")
        #expect(first.pumpHcpcs == "E0781")
        #expect(first.pumps == ["M1", "M2"])
        #expect(first.used == 10)
        #expect(first.supported == 10)
        #expect(first.payable == 10)
        #expect(first.holds == [])
        let next = try findings.line(code)
        #expect(next.pump == "M2")
        #expect(next.pumpHcpcs == second)
        #expect(next.pumps == ["M1", "M2"])
        #expect(next.used == 10)
        // Foscarnet is not for an insulin pump; what goes with no pump has its own code.
        #expect(next.payable == (second == "none" ? 10 : 0))
        #expect(next.heldBy == (second == "none" ? [] : ["R4"]))
        #expect(next.holds.allSatisfy { $0.reason.contains("M2") && $0.reason.contains("2026-09-06") }, "\(next.holds)")
        #expect([first.doses, next.doses] == [10, 10])
        #expect([first.ceiling, next.ceiling] == [10, 10])
    }

    @Test("on one line each unit is gated with the pump that it hung on")
    func oneLineTwoPumps() throws {
        var clinic = Clinic()
        clinic.pump("M2", "K0455")
        try clinic.order(from: "2026-09-01", to: "2026-09-10", pump: nil) {
            $0.drug = "epoprostenol"
            $0.drugHcpcs = ["J1325"]
        }
        clinic.assign("M1", to: "O1", from: try time("2026-09-01"), until: try time("2026-09-03"))
        clinic.assign("M2", to: "O1", from: try time("2026-09-04"), until: nil)
        try clinic.deliver(20, on: "2026-09-01")
        for (number, slot) in try slots(20, from: "2026-09-01").enumerated() {
            clinic.dose(slot, pump: number < 6 ? "M1" : "M2", id: "b\(number)")
        }
        let line = try clinic.findings("2026-09-01", "2026-09-30").line()
        #expect(line.pump == "M2")
        #expect(line.supported == 20)
        #expect(line.payable == 14)
        #expect(line.heldBy == ["R4"])
        #expect(line.holds.allSatisfy { $0.reason.contains("M1") && $0.reason.contains("2026-09-01") }, "\(line.holds)")
    }

    private func insulin() throws -> Clinic {
        var clinic = Clinic()
        clinic.pump("M1", "E0784")
        try clinic.order(from: "2016-12-30", to: "2017-01-02") {
            $0.drug = "insulin"
            $0.drugHcpcs = ["J1817"]
            $0.continuous(hang: 24)
            $0.container = .syringe
            $0.usableMilliliters = 3
            $0.maxConcentrationMgPerMl = 10
            $0.drugMgPerDay = 30
        }
        try clinic.deliver(6, "K0552", on: "2016-12-30")
        for number in 0..<4 {
            clinic.hang(CivilDateTime(try day("2016-12-30").adding(days: number), secondOfDay: 3600), id: "s\(number)")
        }
        clinic.event(.note, try civil("2017-01-02T23:59"))
        return clinic
    }

    @Test("a code that changes inside the period: lines add up, and none is held for days of the other")
    func codeChange() throws {
        let found = try insulin().findings([
            try day("2016-12-01")...(try day("2017-01-31")), try day("2016-12-01")...(try day("2016-12-31")),
            try day("2017-01-01")...(try day("2017-01-31")),
        ])
        for (lines, code) in [(found[0], "K0552"), (found[0], "A4225"), (found[1], "K0552"), (found[2], "A4225")] {
            let line = try lines.line(code)
            #expect(line.used == 2, "\(code)")
            #expect(line.fewest == 2, "\(code)")
            #expect(line.avoidable == 0, "\(code)")
            #expect(line.supported == 2, "\(code)")
            #expect(!line.holds.contains { $0.rule == "R4" }, "\(code) \(line.holds)")
        }
    }

    @Test("doses and ceiling too go by the day of the slot, excused ones with them")
    func codeChangeOfDoses() throws {
        var clinic = Clinic()
        clinic.pump("M1", "E0784")
        try clinic.order(from: "2016-12-30", to: "2017-01-02") { $0.container = .cassette }
        try clinic.deliver(8, on: "2016-12-30")
        for (number, slot) in try slots(6, from: "2016-12-30").enumerated() { clinic.dose(slot, id: "b\(number)") }
        clinic.event(.note, try civil("2017-01-02T23:59"))
        try clinic.dispose(2, .drugToxicity, on: "2017-01-02")
        let findings = try clinic.findings("2016-12-01", "2017-01-31")
        let old = try findings.line("K0552")
        let new = try findings.line("A4225")
        #expect([old.doses, new.doses] == [4, 2])
        #expect([old.ceiling, new.ceiling] == [4, 4])
        #expect([old.excused, new.excused] == [0, 2])
        #expect([old.prepared, new.prepared] == [4, 4])
    }

    /// A modifier that is asked for on one day only.
    private func oneDayRule() throws -> RuleBook {
        var files = RuleBook.shippedFiles
        let text = String(decoding: try #require(files["medicare-dme.json"]), as: UTF8.self)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let changed = lines.map { line in
            guard line.contains(#""gate":"modifier""#) else { return line }
            return line.replacing(#""from":"2023-01-01""#, with: #""from":"2026-10-02","to":"2026-10-02""#)
        }
        #expect(changed != lines)
        files["medicare-dme.json"] = Array(changed.joined(separator: "\n").utf8)
        return try RuleBook(files: files)
    }

    @Test("a rule that comes and goes inside the period holds what lies under it")
    func comesAndGoes() throws {
        var clinic = Clinic()
        try clinic.order(to: "2026-10-03") { $0.coverage = nil }
        try clinic.deliver(6)
        for (number, slot) in try slots(6).enumerated() { clinic.dose(slot, id: "b\(number)") }
        let index = RegisterIndex(clinic.register)
        let line = try MonthCount(
            index, rules: try oneDayRule(), period: try day("2026-10-01")...(try day("2026-10-31"))
        ).findings(clinic.timelines(index)).line()
        #expect(line.supported == 6)
        #expect(line.payable == 4)
        #expect(line.heldBy == ["R7"])
        #expect(line.holds.allSatisfy { $0.reason.contains("2026-10-02") && $0.reason.contains("M1") })
    }

    @Test("of two drugs in one container, one struck off the list: its containers from that day on are reviewed")
    func mixtureByDay() throws {
        var clinic = Clinic()
        try clinic.order(from: "2025-12-31", to: "2026-01-01") {
            $0.drug = "foscarnet and gallium nitrate"
            $0.drugHcpcs = ["J1455", "J1457"]
        }
        try clinic.deliver(4, on: "2025-12-31")
        for (number, slot) in try slots(4, from: "2025-12-31").enumerated() { clinic.dose(slot, id: "b\(number)") }
        let findings = try clinic.findings("2025-12-01", "2026-01-31")
        let line = try findings.line()
        #expect(line.review == 2)
        #expect(line.supported == 2)
        #expect(line.payable == 2)
        #expect(line.heldBy == ["R6"])
        #expect(line.holds.allSatisfy { $0.reason.contains("2026-01-01") })
        #expect(findings.containers.map(\.counted) == [.yes, .yes, .review, .review])
    }

    @Test("a week goes to the code of the pump that was assigned on its first day")
    func weeks() throws {
        var clinic = Clinic()
        clinic.pump("M2", "E0784")
        try clinic.order(from: "2026-09-01", to: "2026-09-28", pump: nil)
        clinic.assign("M1", to: "O1", from: try time("2026-09-01"), until: try time("2026-09-14"))
        clinic.assign("M2", to: "O1", from: try time("2026-09-15"), until: nil)
        try clinic.deliver(4, "A4221", on: "2026-09-01")
        try clinic.deliver(4, "A4224", on: "2026-09-15")
        for (number, slot) in try slots(56, from: "2026-09-01").enumerated() {
            clinic.dose(slot, pump: number < 28 ? "M1" : "M2", id: "b\(number)")
        }
        let findings = try clinic.findings("2026-09-01", "2026-09-28")
        let first = try findings.line("A4221")
        #expect(first.ceiling == 2)
        #expect(first.pump == "M1")
        #expect(first.pumpHcpcs == "E0781")
        #expect(first.payable == 2)
        #expect(!first.holds.contains { $0.rule == "R4" })
        let next = try findings.line("A4224")
        #expect(next.ceiling == 2)
        #expect(next.pump == "M2")
        #expect(next.supported == 2)
    }
}
