import PumpCore
import Register
import Supplies
import Testing

/// The rows of "Counts that must come out" of the billing rules, one test each.
@Suite("Counts that must come out")
struct CountsThatMustComeOutTests {
    @Test("foscarnet q12h, 30 days, one bag a dose, 60 prepared, 60 given: 60")
    func foscarnet() throws {
        var clinic = Clinic()
        try clinic.order()
        try clinic.deliver(60)
        for (number, slot) in try slots(60).enumerated() { clinic.dose(slot, id: "b\(number)") }
        let line = try clinic.line()
        #expect(line.prepared == 60)
        #expect(line.used == 60)
        #expect(line.doses == 60)
        #expect(line.ceiling == 60)
        #expect(line.fewest == nil)
        #expect(line.supported == 60)
        #expect(line.excused == 0)
        #expect(line.review == 0)
        #expect(line.over == 0)
        #expect(line.avoidable == 0)
        #expect(line.unknown == CountRange())
        #expect(line.payable == 60)
        #expect(line.basis == .prepared)
        #expect(line.holds == [])
        #expect(line.containers.count == 60)
        #expect(line.ruleSet == "medicare-dme@2026-01-25")
    }

    @Test("q6h from one 24-h bag, 30 days: 30, ceiling 120")
    func fourDosesABag() throws {
        var clinic = Clinic()
        try clinic.order {
            $0.schedule = .everyHours(6)
            $0.dosesPerContainer = 4
        }
        try clinic.deliver(30)
        for number in 0..<30 {
            let day = CivilDateTime(try day("2026-10-01").adding(days: number))
            clinic.event(.containerAttached, day.adding(seconds: -600), id: "b\(number)")
            for hour in [0, 6, 12, 18] {
                clinic.event(.doseStarted, day.adding(seconds: hour * 3600))
                clinic.event(.doseCompleted, day.adding(seconds: hour * 3600 + 1800))
            }
        }
        let line = try clinic.line()
        #expect(line.supported == 30)
        #expect(line.used == 30)
        #expect(line.ceiling == 120)
        #expect(line.payable == 30)
        #expect(line.unknown.isZero)
    }

    @Test("foscarnet q12h, 62 prepared, 60 given: 60, over 2")
    func twoOver() throws {
        var clinic = Clinic()
        try clinic.order()
        try clinic.deliver(62)
        for (number, slot) in try slots(60).enumerated() { clinic.dose(slot, id: "b\(number)") }
        let line = try clinic.line()
        #expect(line.prepared == 62)
        #expect(line.supported == 60)
        #expect(line.over == 2)
        #expect(line.payable == 60)
    }

    private func admission(_ kind: Stay.Kind, _ reason: Disposition.Reason) throws -> BillableLine {
        var clinic = Clinic()
        try clinic.order()
        try clinic.deliver(60)
        for (number, slot) in try slots(56).enumerated() { clinic.dose(slot, id: "b\(number)") }
        try clinic.stay("2026-10-29T02:00", nil, kind)
        try clinic.dispose(4, reason, on: "2026-10-29")
        return try clinic.line()
    }

    @Test("q12h, 60 prepared, 56 used, EMERGENCY admission, 4 unused: 60")
    func emergency() throws {
        let line = try admission(.emergency, .emergencyAdmission)
        #expect(line.used == 56)
        #expect(line.doses == 56)
        #expect(line.ceiling == 60)
        #expect(line.excused == 4)
        #expect(line.supported == 60)
        #expect(line.over == 0)
        #expect(line.unknown.isZero)
        #expect(line.payable == 60)
    }

    @Test("the same, PLANNED admission: 56")
    func planned() throws {
        let line = try admission(.planned, .plannedAdmission)
        #expect(line.supported == 56)
        #expect(line.excused == 0)
        #expect(line.over == 4)
        #expect(line.review == 0)
        #expect(line.unknown.isZero)
    }

    private func milrinone(hangHours: Double) throws -> BillableLine {
        var clinic = Clinic()
        try clinic.order(from: "2026-10-01T08:00", to: "2026-10-31T08:00") {
            $0.drug = "milrinone"
            $0.drugHcpcs = ["J2260"]
            $0.continuous(hang: hangHours)
        }
        try clinic.deliver(30)
        for number in 0..<30 {
            clinic.hang(
                CivilDateTime(try day("2026-10-01").adding(days: number), secondOfDay: 8 * 3600), id: "b\(number)")
        }
        return try clinic.line()
    }

    @Test("milrinone continuous, 24-h bags, 30 days, hang limit 24 h: 30")
    func milrinone() throws {
        let line = try milrinone(hangHours: 24)
        #expect(line.used == 30)
        #expect(line.fewest == 30)
        #expect(line.avoidable == 0)
        #expect(line.supported == 30)
        #expect(line.doses == nil)
        #expect(line.ceiling == nil)
        #expect(line.unknown.isZero)
        #expect(line.payable == 30)
        #expect(line.holds == [])
    }

    @Test("the same with 48 h allowed: 30 used, fewest 15, avoidable 15")
    func milrinoneAvoidable() throws {
        let line = try milrinone(hangHours: 48)
        #expect(line.used == 30)
        #expect(line.fewest == 15)
        #expect(line.avoidable == 15)
        #expect(line.supported == 30)
        #expect(line.over == 0)
        #expect(line.unknown.isZero)
    }

    @Test("blinatumomab 28 days, bags of 2, 3, 4, 7 days: 14, 10, 7, 4", arguments: [(2, 14), (3, 10), (4, 7), (7, 4)])
    func blinatumomab(days: Int, bags: Int) throws {
        for isCycle in [false, true] {
            var clinic = Clinic()
            try clinic.order(from: "2026-10-02T10:00", to: isCycle ? nil : "2026-10-30T10:00") {
                $0.drug = "blinatumomab"
                $0.drugHcpcs = ["J9039"]
                $0.continuous(hang: Double(days * 24))
                if isCycle {
                    $0.schedule = .everyHours(42 * 24)
                    $0.doseHours = 28 * 24
                }
            }
            try clinic.deliver(bags)
            for number in 0..<bags {
                let at = CivilDateTime(try day("2026-10-02").adding(days: number * days), secondOfDay: 10 * 3600)
                clinic.hang(at, id: "b\(number)")
            }
            let line = try clinic.line()
            #expect(line.used == bags, "cycle: \(isCycle)")
            #expect(line.fewest == bags, "cycle: \(isCycle)")
            #expect(line.avoidable == 0)
            #expect(line.supported == bags)
            #expect(line.unknown.isZero, "cycle: \(isCycle) \(line.notes)")
        }
    }

    @Test("5-FU 46 h, two cycles 14 days apart: 2, with A4221 every week")
    func fluorouracil() throws {
        var clinic = Clinic()
        try clinic.order(from: "2026-10-01T10:00", to: nil) {
            $0.drug = "fluorouracil"
            $0.drugHcpcs = ["J9190"]
            $0.continuous(hang: 48)
            $0.schedule = .everyHours(14 * 24)
            $0.doseHours = 46
        }
        try clinic.deliver(2)
        try clinic.deliver(5, "A4221")
        for (number, date) in ["2026-10-01", "2026-10-15"].enumerated() {
            let at = CivilDateTime(try day(date), secondOfDay: 10 * 3600)
            clinic.hang(at, id: "c\(number)")
            clinic.event(.deliveryStopped, at.adding(seconds: 46 * 3600))
            clinic.event(.containerDetached, at.adding(seconds: 46 * 3600 + 600))
        }
        // The pump was read at the next visit: the third cycle, on the 29th, was not given.
        clinic.event(.note, try civil("2026-10-31T23:00"))
        let line = try clinic.line()
        #expect(line.used == 2)
        #expect(line.fewest == 2)
        #expect(line.supported == 2)
        #expect(line.unknown.isZero)
        let weeks = try clinic.line("A4221")
        #expect(weeks.ceiling == 5)
        #expect(weeks.supported == 5)
        #expect(weeks.used == nil)
        #expect(weeks.doses == nil)
    }

    @Test("treprostinil syringes changed every 48 h, 30 days: 0, K0552 = 15")
    func treprostinil() throws {
        var clinic = Clinic()
        clinic.pump("M1", "K0455")
        try clinic.order(from: "2026-10-01T08:00", to: "2026-10-31T08:00") {
            $0.drug = "treprostinil"
            $0.drugHcpcs = ["J3285"]
            $0.container = .syringe
            $0.continuous(hang: 48)
        }
        try clinic.deliver(15, "K0552")
        for number in 0..<15 {
            let at = CivilDateTime(try day("2026-10-01").adding(days: number * 2), secondOfDay: 8 * 3600)
            clinic.hang(at, id: "s\(number)")
        }
        let findings = try clinic.findings()
        #expect(!findings.lines.contains { $0.hcpcs == "A4222" })
        let line = try findings.line("K0552")
        #expect(line.used == 15)
        #expect(line.supported == 15)
        #expect(line.payable == 15)
        #expect(line.basis == .used)
    }

    @Test("subcutaneous immune globulin weekly, pre-filled syringes: 0, K0552 = 0")
    func prefilled() throws {
        var clinic = Clinic()
        clinic.pump("M1", "E0779")
        try clinic.order(from: "2026-10-01T09:00", to: "2026-10-30") {
            $0.drug = "immune globulin"
            $0.drugHcpcs = ["J1559"]
            $0.container = .prefilledSyringe
            $0.schedule = .everyHours(168)
        }
        try clinic.deliver(5, "K0552")
        for number in 0..<5 {
            let at = CivilDateTime(try day("2026-10-01").adding(days: number * 7), secondOfDay: 9 * 3600)
            clinic.dose(at, id: "s\(number)")
        }
        let findings = try clinic.findings()
        #expect(!findings.lines.contains { $0.hcpcs == "A4222" })
        let line = try findings.line("K0552")
        #expect(line.supported == 0)
        #expect(line.payable == 0)
        #expect(line.over == 0)
        #expect(line.heldBy == ["R4"])
    }

    @Test("vancomycin q12h, 30 days: counts 60, payable 0 under medicare-dme")
    func vancomycin() throws {
        var clinic = Clinic()
        try clinic.order {
            $0.drug = "vancomycin"
            $0.drugHcpcs = ["J3370"]
        }
        try clinic.deliver(60)
        for (number, slot) in try slots(60).enumerated() { clinic.dose(slot, id: "b\(number)") }
        let line = try clinic.line()
        #expect(line.supported == 60)
        #expect(line.payable == 0)
        #expect(line.heldBy == ["R6"])
    }

    @Test("E0784, 10 reservoir changes: A4222 0, A4225 10")
    func insulin() throws {
        for flows in [true, false] {
            var clinic = Clinic()
            clinic.pump("M1", "E0784")
            try clinic.order(to: nil) {
                $0.drug = "insulin lispro"
                $0.drugHcpcs = ["J1817"]
                $0.mode = .continuous
                $0.schedule = nil
                $0.container = .syringe
            }
            try clinic.deliver(10, "A4225")
            for number in 0..<10 {
                let at = CivilDateTime(try day("2026-10-01").adding(days: number * 3), secondOfDay: 7 * 3600)
                clinic.event(.rewind, at)
                clinic.event(.primed, at.adding(seconds: 60)) { $0.primeType = .manual }
                clinic.event(.primed, at.adding(seconds: 90)) { $0.primeType = .fixed }
                if flows { clinic.event(.bolus, at.adding(seconds: 3600)) }
            }
            let findings = try clinic.findings()
            #expect(!findings.lines.contains { $0.hcpcs == "A4222" })
            let line = try findings.line("A4225")
            #expect(line.used == 10, "flow events: \(flows)")
            #expect(line.supported == 10)
            #expect(line.payable == 10)
            #expect(line.avoidable == nil)
            #expect(line.holds == [])
        }
    }
}

extension TherapyOrder {
    /// Continuous infusion of which the hang limit alone decides how long a container lasts.
    mutating func continuous(hang hours: Double) {
        mode = .continuous
        schedule = nil
        doseHours = nil
        hangLimitHours = hours
        usableMilliliters = 1000
        maxConcentrationMgPerMl = 1
        drugMgPerDay = 10
    }
}
