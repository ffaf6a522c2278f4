import PumpCore
import Register
import Supplies
import Testing

/// The steps inside R2 and R3 that a month as people give it rarely needs, each by itself.
@Suite("Steps of the limits")
struct LimitTests {
    @Test("a container gives way to another where it served a second dose that can uphold it")
    func augmentingPath() throws {
        var clinic = Clinic()
        try clinic.order(to: "2026-10-02")
        try clinic.deliver(4)
        let slots = try slots(4)
        // a begins the first dose, b goes on with it, and a gives the next one; c shares that one, d has nothing left.
        for (number, (id, slot)) in [("a", 0), ("b", 0), ("a", 1), ("c", 1), ("c", 2), ("d", 2), ("d", 3)].enumerated()
        {
            let at = slots[slot].adding(seconds: number * 300)
            clinic.event(.doseStarted, at, id: id, slot: slots[slot])
            clinic.event(.doseCompleted, at.adding(seconds: 120), id: id, slot: slots[slot])
        }
        clinic.event(.note, try civil("2026-10-02T23:59"))
        let findings = try clinic.findings()
        // b can have the first dose only: a moves to the second, c to the third, d to the fourth.
        #expect(try findings.line().supported == 4)
        #expect(try findings.line().over == 0)
        #expect(findings.containers.allSatisfy { $0.counted == .yes })
    }

    @Test(
        "container life is rounded down to a multiple of the change interval, where it is at least one",
        arguments: [
            (60.0, nil, 48.0), (60, 12, 60), (71.9, 24, 48), (72, 24, 72), (47.9, 24, 24), (20, 24, 20), (100, 48, 96),
        ])
    func containerLife(hang: Double, interval: Double?, life: Double) throws {
        var clinic = Clinic()
        try clinic.order(from: "2026-10-01T00:00", to: "2026-10-31T00:00") {
            $0.continuous(hang: hang)
            $0.changeIntervalHours = interval
        }
        try clinic.deliver(1)
        clinic.hang(try civil("2026-10-01T00:00"), id: "a")
        let index = RegisterIndex(clinic.register)
        var count = MonthCount(
            index, rules: try RuleBook.shipped, period: try day("2026-10-01")...(try day("2026-10-31")))
        count.wantsAccounts = true
        let findings = count.findings(clinic.timelines(index))
        #expect(findings.accounts.first?.containerLifeHours == life)
        #expect(try findings.line().fewest == Int((720 / life).rounded(.up)))
    }

    @Test("volume and concentration in decimals make the life that they make on paper")
    func decimalLife() throws {
        var clinic = Clinic()
        try clinic.order(from: "2026-10-01T00:00", to: "2026-10-31T00:00") {
            $0.continuous(hang: 100)
            // 12 mL × 0.3 mg/mL ÷ 1.8 mg a day: two days, and in binary a hair less.
            ($0.usableMilliliters, $0.maxConcentrationMgPerMl, $0.drugMgPerDay) = (12, 0.3, 1.8)
        }
        try clinic.deliver(1)
        clinic.hang(try civil("2026-10-01T00:00"), id: "a")
        #expect(try clinic.line().fewest == 15)
    }

    @Test("a change of container that may lie in a hole of the log leaves the range open by one")
    func hiddenChange() throws {
        var clinic = Clinic()
        try clinic.order()
        try clinic.deliver(60)
        for (number, slot) in try slots(60).enumerated() { clinic.dose(slot, id: "b\(number)") }
        // Lost: the tenth container is taken off, the eleventh put in place. Both doses are on record.
        clinic.events["M1"]?.removeSubrange(39..<41)
        let line = try clinic.line()
        #expect(line.doses == 60)
        #expect(line.used == 59)
        #expect(line.supported == 59)
        #expect(line.unknown == CountRange(low: 0, high: 1))
        #expect(line.over == 0)
    }

    @Test("used and excused together beyond what was prepared: a delivery is missing on record")
    func excusedBeyondPrepared() throws {
        var clinic = Clinic()
        try clinic.order(to: "2026-10-02")
        try clinic.deliver(3)
        for (number, slot) in try slots(3).enumerated() { clinic.dose(slot, id: "b\(number)") }
        clinic.event(.note, try civil("2026-10-02T23:59"))
        #expect(try clinic.line().holds.isEmpty)
        try clinic.dispose(1, .drugToxicity, on: "2026-10-02")
        let line = try clinic.line()
        #expect(line.prepared == 3)
        #expect(line.excused == 1)
        #expect(line.supported == 3)
        #expect(line.heldBy == ["R9"])
        #expect(line.holds.first?.reason == "3 used, 1 excused and only 3 prepared: a delivery is missing on record")
    }

    @Test("carried forward is at most one container for each ordered slot still to come, and nothing after the end")
    func carried() throws {
        var clinic = Clinic()
        try clinic.order(to: "2026-11-02")
        try clinic.deliver(80)
        for (number, slot) in try slots(62).enumerated() { clinic.dose(slot, id: "b\(number)") }
        clinic.event(.note, try civil("2026-11-03T00:00"))
        let october = try clinic.line()
        // 18 on hand, and four doses to come.
        #expect(october.carried == 4)
        #expect(october.prepared == 76)
        #expect(october.over == 14)
        let november = try clinic.findings("2026-11-01", "2026-11-30").line()
        #expect(november.opening == 4)
        #expect(november.carried == 0)
        #expect(november.prepared == 4)
        #expect(november.over == 4)
    }

    @Test("a dose that may have come just after the last record is unknown, not missed")
    func lateBehindTheLog() throws {
        for (minutes, unknown) in [(10, 1), (70, 0)] {
            var clinic = Clinic()
            try clinic.order(to: "2026-10-05")
            try clinic.deliver(10)
            for (number, slot) in try slots(9).enumerated() { clinic.dose(slot, id: "b\(number)") }
            clinic.event(.note, try civil("2026-10-05T18:00").adding(seconds: minutes * 60))
            let line = try clinic.line()
            #expect(line.supported == 9)
            #expect(line.unknown.high == unknown, "\(minutes) minutes")
            #expect(line.over == 1 - unknown)
        }
    }

    @Test("an order that changed from one code to another has no more on its rows than was delivered")
    func sharedStock() throws {
        var clinic = Clinic()
        clinic.pump("M2", "none")
        try clinic.order(to: "2026-10-10", pump: nil)
        clinic.assign("M1", to: "O1", from: try time("2026-10-01"), until: try time("2026-10-05"))
        clinic.assign("M2", to: "O1", from: try time("2026-10-06"), until: nil)
        try clinic.deliver(16)
        for (number, slot) in try slots(20).enumerated() {
            clinic.dose(slot, pump: number < 10 ? "M1" : "M2", id: "b\(number)")
        }
        let findings = try clinic.findings()
        let (first, second) = (try findings.line(), try findings.line("A4223"))
        #expect([first.prepared, second.prepared] == [10, 6])
        #expect([first.delivered, second.delivered] == [10, 6])
        #expect([first.supported, second.supported] == [10, 6])
        #expect(first.holds.isEmpty)
        #expect(second.heldBy == ["R9"])
        // Nothing delivered supports nothing, on either row.
        clinic.register.deliveries = []
        #expect(try clinic.findings().lines.filter { $0.used != nil }.allSatisfy { $0.supported == 0 })
    }

    @Test("Texas counts the covered days of the line's own code, and only those on which the limit holds")
    func texasDays() throws {
        var clinic = Clinic(payer: "texas-medicaid")
        clinic.pump("M2", "none")
        try clinic.order(to: "2026-10-16", pump: nil)
        clinic.assign("M1", to: "O1", from: try time("2026-10-01"), until: try time("2026-10-10"))
        clinic.assign("M2", to: "O1", from: try time("2026-10-11"), until: nil)
        try clinic.deliver(32)
        for (number, slot) in try slots(32).enumerated() {
            clinic.dose(slot, pump: number < 20 ? "M1" : "M2", id: "b\(number)")
        }
        let findings = try clinic.findings()
        #expect(try findings.line().payable == 4)
        #expect(try findings.line("A4223").payable == 2)

        // The limit began on 1 March 2022: of two days before it, all four are payable, of two days from then on, one.
        var early = Clinic(payer: "texas-medicaid")
        try early.order(from: "2022-02-27", to: "2022-03-02")
        try early.deliver(8, on: "2022-02-27")
        for (number, slot) in try slots(8, from: "2022-02-27").enumerated() { early.dose(slot, id: "b\(number)") }
        #expect(try early.findings("2022-02-27", "2022-03-02").line().payable == 5)
        // Days wholly in hospital are not covered.
        try clinic.stay("2026-10-02T00:00", "2026-10-08T00:00", .emergency)
        #expect(try clinic.findings().line().payable == 2)
    }
}
