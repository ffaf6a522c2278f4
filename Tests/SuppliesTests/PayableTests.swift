import PumpCore
import Register
import Supplies
import Testing

@Suite("What is payable")
struct PayableTests {
    /// Three days of foscarnet, six bags.
    private func clinic(
        payer: String = "medicare-dme", from: String = "2026-10-01", pump: String = "E0781",
        _ change: (inout TherapyOrder) -> Void = { _ in }
    ) throws -> Clinic {
        var clinic = Clinic(payer: payer)
        clinic.pump("M1", pump)
        let last = try day(from).adding(days: 2)
        try clinic.order(from: from, to: last.description, change)
        try clinic.deliver(6, on: from)
        for (number, slot) in try slots(6, from: from).enumerated() { clinic.dose(slot, id: "b\(number)") }
        return clinic
    }

    private func line(_ clinic: Clinic, from: String = "2026-10-01", days: Int = 31) throws -> BillableLine {
        let first = try day(from)
        return try #require(
            try clinic.findings(first...first.adding(days: days - 1)).lines.first { $0.hcpcs != "A4221" })
    }

    @Test("KX is paid; GA, GZ and nothing are not, from 2023 on", arguments: [TherapyOrder.Coverage.kx, .ga, .gz, nil])
    func modifiers(coverage: TherapyOrder.Coverage?) throws {
        let now = try line(try clinic { $0.coverage = coverage })
        #expect(now.supported == 6)
        #expect(now.payable == (coverage == .kx ? 6 : 0))
        #expect(now.heldBy == (coverage == .kx ? [] : ["R7"]))
        #expect(now.holds.allSatisfy { $0.column == "coverage" })
        let before = try line(try clinic(from: "2022-10-01") { $0.coverage = coverage }, from: "2022-10-01")
        #expect(before.payable == 6)
        #expect(before.holds == [])
    }

    @Test("each unit is judged by its own date of service")
    func ownDate() throws {
        let clinic = try clinic(from: "2022-12-31") { $0.coverage = nil }
        let line = try line(clinic, from: "2022-12-01", days: 62)
        #expect(line.supported == 6)
        #expect(line.payable == 2)
        #expect(line.heldBy == ["R7"])
    }

    @Test(
        "drug and indication must be in the policy",
        arguments: [
            ("foscarnet", ["J1455"], nil, [String]()), ("foscarnet", ["J1455"], "V(C)", []),
            ("foscarnet", ["J1455"], "CMV retinitis", []), ("foscarnet", ["J1455"], "V(D)", ["R6"]),
            ("foscarnet", ["J1455"], "heart failure", ["R6"]), ("foscarnet", ["J1455"], "no idea", ["R6"]),
            ("vancomycin", ["J3370"], nil, ["R6"]), ("vancomycin", [], nil, ["R6"]), ("Foscarnet sodium", [], nil, []),
            ("meperidine", ["J2175"], "V(B)", ["R6"]), ("morphine", ["J2270"], "postoperative pain", ["R6"]),
            ("morphine", ["J2270"], "intractable cancer pain", []),
        ])
    func drugs(drug: String, codes: [String], indication: String?, holds: [String]) throws {
        let line = try line(
            try clinic {
                $0.drug = drug
                $0.drugHcpcs = codes
                $0.indication = indication
            })
        #expect(line.heldBy == Set(holds))
        #expect(line.payable == (holds.isEmpty ? 6 : 0))
        #expect(line.supported == 6)
        #expect(line.notes.contains { $0.hasPrefix("R6") } == (indication == nil && holds.isEmpty))
    }

    @Test("the drug list is dated: gallium nitrate changed its code in 2026")
    func datedDrugs() throws {
        for (code, from, isListed) in [
            ("J1457", "2025-12-01", true), ("J1457", "2026-01-02", false), ("J7799", "2026-01-02", true),
            ("J7799", "2025-12-01", false),
        ] {
            let clinic = try clinic(from: from) {
                $0.drug = "gallium nitrate"
                $0.drugHcpcs = [code]
            }
            let line = try line(clinic, from: from)
            #expect(line.payable == (isListed ? 6 : 0), "\(code) \(from)")
        }
        // The code for any drug is gallium only by name.
        let other = try clinic {
            $0.drug = "mystery"
            $0.drugHcpcs = ["J7799"]
        }
        #expect(try line(other).heldBy == ["R6"])
    }

    @Test("epoprostenol and treprostinil: K0455 only", arguments: ["E0781", "K0455"])
    func prostacyclins(pump: String) throws {
        let line = try line(
            try clinic(pump: pump) {
                $0.drug = "epoprostenol"
                $0.drugHcpcs = ["J1325"]
            })
        #expect(line.payable == (pump == "K0455" ? 6 : 0))
        #expect(line.heldBy == (pump == "K0455" ? [] : ["R4"]))
    }

    @Test("no durable pump: A4223; no pump assigned: nothing payable; a pump that the register does not know: neither")
    func noPump() throws {
        let none = try line(try clinic(payer: "texas-medicaid", pump: "none"))
        #expect(none.hcpcs == "A4223")
        #expect(none.supported == 6)

        var unassigned = try clinic()
        unassigned.register.assignments = []
        let findings = try unassigned.findings()
        let line = try findings.line()
        #expect(line.pump == nil)
        #expect(line.pumps == [])
        #expect(line.prepared == 6)
        #expect(line.used == 0)
        #expect(line.payable == 0)
        #expect(line.unknown.isZero)
        #expect(line.heldBy.contains("R4"))
        // The containers are listed all the same.
        #expect(findings.containers.count == 6)
        #expect(
            findings.containers.allSatisfy {
                $0.order == nil && $0.counted == .no && $0.reason.contains("not assigned")
            })

        var unknown = try clinic()
        unknown.register.pumps = []
        let held = try unknown.findings().line()
        #expect(held.pumpHcpcs == nil)
        #expect(held.payable == 0)
        #expect(held.heldBy.contains("R4"))
    }

    @Test("elastomeric: not covered, 0")
    func elastomeric() throws {
        let line = try line(try clinic { $0.container = .elastomeric })
        #expect(line.supported == 0)
        #expect(line.payable == 0)
        #expect(line.over == 0)
        #expect(line.heldBy == ["R4"])
    }

    @Test("nothing delivered on record: prepared 0, hold R9; more used than prepared: hold R9")
    func deliveries() throws {
        var clinic = try clinic()
        clinic.register.deliveries = []
        let nothing = try line(clinic)
        #expect(nothing.prepared == 0)
        #expect(nothing.supported == 0)
        #expect(nothing.used == 6)
        #expect(nothing.heldBy == ["R9"])
        try clinic.deliver(4)
        let few = try line(clinic)
        #expect(few.prepared == 4)
        #expect(few.supported == 4)
        #expect(few.over == 0)
        #expect(few.heldBy == ["R9"])
        try clinic.deliver(2, on: "2026-10-03")
        #expect(try line(clinic).holds == [])
    }

    @Test("continuous: an input missing makes null what rests on it, and a hold names the column", arguments: 0..<4)
    func missingInputs(which: Int) throws {
        var clinic = Clinic()
        let columns = ["hang_limit_hours", "usable_ml", "max_concentration_mg_per_ml", "drug_mg_per_day"]
        try clinic.order {
            $0.drug = "milrinone"
            $0.drugHcpcs = ["J2260"]
            $0.continuous(hang: 24)
            switch which {
            case 0: $0.hangLimitHours = nil
            case 1: $0.usableMilliliters = nil
            case 2: $0.maxConcentrationMgPerMl = nil
            default: $0.drugMgPerDay = 0
            }
        }
        try clinic.deliver(30)
        clinic.hang(try civil("2026-10-01T08:00"), id: "a")
        clinic.hang(try civil("2026-10-02T08:00"), id: "b")
        let line = try clinic.line()
        #expect(line.used == 2)
        #expect(line.prepared == 30)
        #expect(line.fewest == nil)
        #expect(line.avoidable == nil)
        #expect(line.supported == nil)
        #expect(line.over == nil)
        #expect(line.payable == nil)
        #expect(line.holds.map(\.column) == [columns[which]])
        #expect(line.heldBy == ["R3"])
    }

    @Test("intermittent without a schedule: cannot assess, hold R2")
    func noSchedule() throws {
        let line = try line(try clinic { $0.schedule = nil })
        #expect(line.doses == nil)
        #expect(line.supported == nil)
        #expect(line.payable == nil)
        #expect(line.heldBy == ["R2"])
    }

    @Test("prolonged doses have both limits: one a dose, and the fewest that their life allows")
    func prolonged() throws {
        for (hang, fewest) in [(24.0, 30), (48.0, 15)] {
            var clinic = Clinic()
            try clinic.order {
                $0.drug = "deferoxamine"
                $0.drugHcpcs = ["J0895"]
                $0.continuous(hang: hang)
                $0.mode = .prolongedDose
                $0.schedule = .timesOfDay([20 * 3600])
                $0.doseHours = 10
                $0.dosesPerContainer = 2
            }
            try clinic.deliver(32)
            for (number, slot) in try slots(30, hours: [20]).enumerated() {
                clinic.dose(slot, id: "b\(number)", hours: 10)
            }
            let line = try clinic.line()
            #expect(line.doses == 30)
            #expect(line.ceiling == 30)
            #expect(line.fewest == fewest)
            #expect(line.avoidable == 30 - fewest)
            #expect(line.supported == 30)
            #expect(line.over == 2)
        }
    }

    @Test("Texas: at most one for each three covered days")
    func texas() throws {
        let clinic = try clinic(payer: "texas-medicaid")
        let held = try line(clinic)
        #expect(held.supported == 6)
        #expect(held.payable == 1)
        #expect(held.heldBy == ["R13"])
        #expect(held.ruleSet == "texas-medicaid@2022-03-01")
    }

    @Test("Florida: at most 365 in a calendar year, earlier months counted")
    func florida() throws {
        var clinic = Clinic(payer: "florida-medicaid")
        try clinic.order(from: "2026-01-01", to: "2026-12-31")
        try clinic.deliver(730, on: "2026-01-01")
        for (number, slot) in try slots(420, from: "2026-01-01").enumerated() { clinic.dose(slot, id: "b\(number)") }
        // 182 days and a half: through the morning of 2 July, 365 have been given.
        let lines = try clinic.findings([
            try day("2026-06-01")...(try day("2026-06-30")), try day("2026-07-01")...(try day("2026-07-31")),
            try day("2026-01-01")...(try day("2026-12-31")),
        ]).map { try $0.line() }
        #expect(lines[0].payable == 60)
        #expect(lines[0].holds == [])
        #expect(lines[1].supported == 58)
        #expect(lines[1].payable == 3)
        #expect(lines[1].heldBy == ["R13"])
        #expect(lines[2].payable == 365)
        #expect(lines[2].supported == 420)
    }

    @Test("per diem: an extra line of days; A4222 is inside it", arguments: ["nhia-per-diem", "bcbsnd-per-diem"])
    func perDiem(payer: String) throws {
        var clinic = Clinic(payer: payer)
        try clinic.order(from: "2026-10-01", to: "2026-10-10")
        try clinic.deliver(20)
        // On the 4th and 5th nothing was given.
        for (number, slot) in try slots(20).enumerated() where !(6..<10).contains(number) {
            clinic.dose(slot, id: "b\(number)")
        }
        let findings = try clinic.findings()
        let supply = try findings.line()
        #expect(supply.supported == 16)
        #expect(supply.payable == 0)
        #expect(supply.heldBy == ["R13"])
        let extra = try findings.line("per-diem")
        #expect(extra.supported == (payer == "nhia-per-diem" ? 10 : 8))
        #expect(extra.payable == extra.supported)
    }

    @Test("a payer without rules: counts stay, nothing is payable, and the line says which payer")
    func unknownPayer() throws {
        let line = try line(try clinic(payer: "somebody-else"))
        #expect(line.supported == 6)
        #expect(line.payable == nil)
        #expect(line.heldBy == ["R11"])
        #expect(line.holds.first?.reason.contains("somebody-else") == true)
    }

    @Test("an order that changed its pump code in the period has a line for each code")
    func twoCodes() throws {
        var clinic = Clinic()
        clinic.pump("M1", "E0784")
        try clinic.order(from: "2016-12-30", to: "2017-01-02") {
            $0.drug = "insulin"
            $0.drugHcpcs = ["J1817"]
            $0.mode = .continuous
            $0.schedule = nil
            $0.container = .syringe
        }
        try clinic.deliver(4, "K0552", on: "2016-12-30")
        for number in 0..<4 {
            let at = CivilDateTime(try day("2016-12-30").adding(days: number), secondOfDay: 25_200)
            clinic.event(.rewind, at)
            clinic.event(.primed, at.adding(seconds: 60))
        }
        let lines = try clinic.findings("2016-12-01", "2017-01-31").lines.filter { $0.used != nil }
        #expect(lines.map(\.hcpcs) == ["A4225", "K0552"])
        #expect(lines.map(\.used) == [2, 2])
        #expect(lines.map(\.supported) == [2, 2])
        #expect(lines.map(\.containers.count) == [2, 2])
    }
}

@Suite("Weeks of catheter maintenance")
struct CatheterWeekTests {
    private func clinic(used: [Range<Int>], through last: String, to ends: String? = nil) throws -> Clinic {
        var clinic = Clinic()
        try clinic.order(from: "2026-10-01", to: ends)
        try clinic.deliver(200)
        for number in used.joined() {
            let slot = CivilDateTime(try day("2026-10-01").adding(days: number), secondOfDay: 6 * 3600)
            clinic.dose(slot, id: "b\(number)")
        }
        clinic.event(.note, try civil(last + "T23:59"))
        return clinic
    }

    private func ceilings(_ clinic: Clinic) throws -> [Int?] {
        try clinic.findings([
            try day("2026-10-01")...(try day("2026-10-31")), try day("2026-11-01")...(try day("2026-11-30")),
            try day("2026-12-01")...(try day("2026-12-31")),
        ]).map { findings in findings.lines.first { $0.hcpcs == "A4221" }?.ceiling }
    }

    @Test("windows of seven days from the first day of use, each in the month of its first day")
    func windows() throws {
        var clinic = try clinic(used: [0..<61], through: "2026-11-30", to: "2026-11-30")
        // October 1, 8, 15, 22, 29; November 5, 12, 19, 26; December 3 and more: the weeks after the last use.
        #expect(try ceilings(clinic) == [5, 4, 4])
        try clinic.deliver(4, "A4221")
        let line = try clinic.line("A4221")
        #expect(line.prepared == 4)
        #expect(line.supported == 4)
        #expect(line.payable == 4)
        #expect(line.used == nil && line.doses == nil && line.fewest == nil)
        try clinic.deliver(4, "A4221")
        #expect(try clinic.line("A4221").supported == 5)
        #expect(try clinic.line("A4221").over == 0)
    }

    @Test("weeks in between count, at most 28 days after the last use, and the windows are not anchored anew")
    func between() throws {
        // Used on 1 October and again on 25 November, 55 days later.
        let clinic = try clinic(used: [0..<1, 55..<56], through: "2026-12-31", to: "2026-11-25")
        // Days 1 to 28 after it reach 29 October, the first day of the fifth window. On 25 November the window of the 19th
        // is touched, and 28 days on, to 23 December, those of the 26th, 3rd, 10th and 17th.
        #expect(try ceilings(clinic) == [5, 2, 3])
    }

    @Test("a month without use can have the line; a patient never infused has none")
    func monthWithoutUse() throws {
        let clinic = try clinic(used: [28..<31], through: "2026-12-31", to: "2026-10-31")
        let november = try clinic.findings("2026-11-01", "2026-11-30")
        #expect(try november.line("A4221").ceiling == 4)
        var never = Clinic()
        try never.order()
        never.event(.note, try civil("2026-10-01T00:00"))
        never.event(.note, try civil("2026-10-31T23:00"))
        #expect(try !never.findings().lines.contains { $0.hcpcs == "A4221" })
    }

    @Test("a week wholly in hospital does not count")
    func inHospital() throws {
        var clinic = try clinic(used: [0..<7], through: "2026-10-31", to: "2026-10-31")
        try clinic.stay("2026-10-08T00:00", "2026-10-23", .emergency)
        #expect(try clinic.line("A4221").ceiling == 3)
    }

    @Test("two orders of a patient have one line, on the order with deliveries; two catheters are flagged")
    func onePerPatient() throws {
        var clinic = try clinic(used: [0..<31], through: "2026-10-31")
        clinic.pump("M2")
        try clinic.order("O2", from: "2026-10-01", to: nil, pump: "M2") { $0.catheters = 2 }
        try clinic.deliver(5, "A4221", to: "O2")
        clinic.event(.note, try civil("2026-10-01T00:00"), pump: "M2")
        clinic.event(.note, try civil("2026-10-31T23:59"), pump: "M2")
        let lines = try clinic.findings().lines.filter { $0.hcpcs == "A4221" }
        #expect(lines.map(\.order) == ["O2"])
        #expect(lines.first?.ceiling == 5)
        #expect(lines.first?.supported == 5)
        #expect(lines.first?.notes.contains { $0.contains("2 catheters") } == true)
    }

    @Test("an insulin pump has A4224 instead")
    func insulin() throws {
        var clinic = Clinic()
        clinic.pump("M1", "E0784")
        try clinic.order {
            $0.drug = "insulin"
            $0.drugHcpcs = ["J1817"]
            $0.mode = .continuous
            $0.schedule = nil
            $0.container = .syringe
        }
        try clinic.deliver(5, "A4224")
        for number in 0..<10 {
            let at = CivilDateTime(try day("2026-10-01").adding(days: number * 3), secondOfDay: 7 * 3600)
            clinic.event(.rewind, at)
            clinic.event(.primed, at.adding(seconds: 60))
        }
        let findings = try clinic.findings()
        #expect(!findings.lines.contains { $0.hcpcs == "A4221" })
        #expect(try findings.line("A4224").ceiling == 5)
        #expect(try findings.line("A4224").supported == 5)
    }
}
