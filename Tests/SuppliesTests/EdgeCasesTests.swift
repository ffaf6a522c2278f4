import PumpCore
import Register
import Supplies
import Testing

/// The rows of the edge-case table of the billing rules, one test each and more where a row says several things.
@Suite("Edge cases")
struct EdgeCasesTests {
    /// Foscarnet, 60 delivered, the doses of `given` from bags with ids.
    private func clinic(_ given: Range<Int> = 0..<60, delivered: Int = 60) throws -> Clinic {
        var clinic = Clinic()
        try clinic.order()
        try clinic.deliver(delivered)
        for (number, slot) in try slots(60).enumerated() where given.contains(number) {
            clinic.dose(slot, id: "b\(number)")
        }
        return clinic
    }

    /// The same, and then what `act` does at the slot behind them; the rest goes on as ordered.
    private func clinic(
        delivered: Int = 60, before: Int = 10, id: Bool = true, _ act: (inout Clinic, CivilDateTime) throws -> Void
    ) throws -> Clinic {
        var clinic = Clinic()
        try clinic.order()
        try clinic.deliver(delivered)
        for (number, slot) in try slots(60).enumerated() {
            if number == before {
                try act(&clinic, slot)
            } else {
                clinic.dose(slot, id: "b\(number)")
            }
        }
        return clinic
    }

    @Test("partial dose, abandoned: container used, the dose instance exists, 1 supported")
    func abandoned() throws {
        let clinic = try clinic { clinic, slot in
            clinic.event(.containerAttached, slot.adding(seconds: -300), id: "x")
            clinic.event(.doseStarted, slot)
            clinic.event(.doseCancelled, slot.adding(seconds: 900))
            clinic.event(.containerDetached, slot.adding(seconds: 1000))
        }
        let line = try clinic.line()
        #expect(line.used == 60)
        #expect(line.doses == 60)
        #expect(line.supported == 60)
    }

    @Test("interrupted and resumed, same container by its id: 1 dose, 1 container", arguments: [true, false])
    func resumedByID(attests: Bool) throws {
        let clinic = try clinic { clinic, slot in
            let named = attests ? slot : nil
            clinic.event(.containerAttached, slot.adding(seconds: -300), id: "x")
            clinic.event(.doseStarted, slot, slot: named)
            clinic.event(.doseCancelled, slot.adding(seconds: 900), slot: named)
            clinic.event(.containerDetached, slot.adding(seconds: 1000))
            clinic.event(.containerAttached, slot.adding(seconds: 2000), id: "x")
            clinic.event(.doseStarted, slot.adding(seconds: 2100), slot: named)
            clinic.event(.doseCompleted, slot.adding(seconds: 5000), slot: named)
        }
        let findings = try clinic.findings()
        let line = try findings.line()
        #expect(line.used == 60)
        #expect(line.doses == 60)
        #expect(line.review == 0)
        let row = try #require(findings.containers.first { $0.containerID == "x" })
        #expect(row.reseats == 1)
        #expect(row.doses == 1)
        #expect(row.counted == .yes)
    }

    @Test("interrupted and resumed without id, no detach between: joined")
    func resumedInPlace() throws {
        let clinic = try clinic { clinic, slot in
            clinic.event(.containerEmpty, slot.adding(seconds: -600))
            clinic.event(.containerAttached, slot.adding(seconds: -300))
            clinic.event(.doseStarted, slot)
            clinic.event(.doseCancelled, slot.adding(seconds: 900))
            clinic.event(.doseStarted, slot.adding(seconds: 2100))
            clinic.event(.doseCompleted, slot.adding(seconds: 5000))
        }
        let line = try clinic.line()
        #expect(line.used == 60)
        #expect(line.doses == 60)
        #expect(line.supported == 60)
        #expect(line.review == 0)
    }

    @Test("interrupted and resumed without id, a detach between: REVIEW", arguments: [true, false])
    func resumedAfterDetach(restarts: Bool) throws {
        let clinic = try clinic(delivered: 61) { clinic, slot in
            clinic.event(.containerEmpty, slot.adding(seconds: -600))
            clinic.event(.containerAttached, slot.adding(seconds: -300))
            clinic.event(.doseStarted, slot)
            if restarts { clinic.event(.doseCancelled, slot.adding(seconds: 900)) }
            clinic.event(.containerDetached, slot.adding(seconds: 1000))
            clinic.event(.containerAttached, slot.adding(seconds: 2000))
            if restarts { clinic.event(.doseStarted, slot.adding(seconds: 2100)) }
            clinic.event(.doseCompleted, slot.adding(seconds: 5000))
        }
        let line = try clinic.line()
        #expect(line.doses == 60)
        #expect(line.supported == 60)
        #expect(line.review == 1)
        #expect(line.over == 0)
        // Whether it is a new one or not: the dose upholds one container only.
        #expect(line.unknown.isZero)
    }

    @Test("two containers for one dose: 1 supported, 1 over, also where volume required it", arguments: [0, 1, 2])
    func twoForOneDose(way: Int) throws {
        let clinic = try clinic(delivered: 61) { clinic, slot in
            clinic.event(.containerAttached, slot.adding(seconds: -300), id: "x")
            clinic.event(.doseStarted, slot, slot: way == 2 ? slot : nil)
            switch way {
            case 0:
                // Changed in mid-dose.
                clinic.event(.containerAttached, slot.adding(seconds: 1500), id: "y")
                clinic.event(.doseCompleted, slot.adding(seconds: 5000))
            case 1:
                // The first one was too small, and each was entered as it ended.
                clinic.event(.doseCompleted, slot.adding(seconds: 1500))
                clinic.event(.containerEmpty, slot.adding(seconds: 1500))
                clinic.event(.containerAttached, slot.adding(seconds: 1600), id: "y")
                clinic.event(.doseStarted, slot.adding(seconds: 1700))
                clinic.event(.doseCompleted, slot.adding(seconds: 5000))
            default:
                // A person names the slot of both.
                clinic.event(.doseCompleted, slot.adding(seconds: 1500), slot: slot)
                clinic.event(.containerAttached, slot.adding(seconds: 3600), id: "y")
                clinic.event(.doseStarted, slot.adding(seconds: 3700), slot: slot)
                clinic.event(.doseCompleted, slot.adding(seconds: 5000), slot: slot)
            }
        }
        let findings = try clinic.findings()
        let line = try findings.line()
        #expect(line.used == 61)
        #expect(line.doses == 60)
        #expect(line.supported == 60)
        #expect(line.review == 0)
        #expect(line.over == 1)
        let second = try #require(findings.containers.first { $0.containerID == "y" })
        #expect(second.counted == .no)
        #expect(second.rule == "R2")
    }

    @Test("primed, never infused: prepared, not used; counts only with an UNFORESEEN reason", arguments: [true, false])
    func primedOnly(isExcused: Bool) throws {
        var clinic = try clinic { clinic, slot in
            clinic.event(.containerAttached, slot.adding(seconds: -300), id: "x")
            clinic.event(.primed, slot.adding(seconds: -200))
            clinic.event(.containerDetached, slot.adding(seconds: 100))
        }
        if isExcused { try clinic.dispose(1, .drugToxicity, on: "2026-10-06") }
        let findings = try clinic.findings()
        let line = try findings.line()
        #expect(line.prepared == 60)
        #expect(line.used == 59)
        #expect(line.doses == 59)
        #expect(line.excused == (isExcused ? 1 : 0))
        #expect(line.supported == (isExcused ? 60 : 59))
        #expect(line.over == (isExcused ? 0 : 1))
        let row = try #require(findings.containers.first { $0.containerID == "x" })
        #expect(row.containerClass == .primedOnly)
        #expect(row.counted == .no)
        #expect(!row.isUsed)
    }

    @Test(
        "early change (occlusion), intermittent: still one a dose, the extra is REVIEW; without alarm: over",
        arguments: [true, false])
    func earlyIntermittent(alarmed: Bool) throws {
        let clinic = try clinic(delivered: 61) { clinic, slot in
            clinic.event(.containerAttached, slot.adding(seconds: -300), id: "x")
            clinic.event(.doseStarted, slot)
            if alarmed { clinic.event(.alarm, slot.adding(seconds: 800)) { $0.alarm = .occlusion } }
            clinic.event(.doseCancelled, slot.adding(seconds: 900))
            clinic.event(.containerDetached, slot.adding(seconds: 1000))
            clinic.event(.containerAttached, slot.adding(seconds: 1500), id: "y")
            clinic.event(.doseStarted, slot.adding(seconds: 1600))
            clinic.event(.doseCompleted, slot.adding(seconds: 5000))
        }
        let line = try clinic.line()
        #expect(line.used == 61)
        #expect(line.supported == 60)
        #expect(line.review == (alarmed ? 1 : 0))
        #expect(line.over == (alarmed ? 0 : 1))
    }

    @Test("early change (leak), continuous: extra over fewest is REVIEW")
    func earlyContinuous() throws {
        var clinic = Clinic()
        try clinic.order(from: "2026-10-01T08:00", to: "2026-10-11T08:00") { $0.continuous(hang: 24) }
        try clinic.deliver(12)
        for number in 0..<10 {
            let at = CivilDateTime(try day("2026-10-01").adding(days: number), secondOfDay: 8 * 3600)
            clinic.hang(at, id: "b\(number)")
            if number == 4 {
                clinic.event(.alarm, at.adding(seconds: 6 * 3600)) { $0.alarm = .leak }
                clinic.hang(at.adding(seconds: 6 * 3600 + 600), id: "early")
            }
        }
        let line = try clinic.line()
        #expect(line.used == 11)
        #expect(line.fewest == 10)
        #expect(line.avoidable == 1)
        #expect(line.review == 1)
        #expect(line.supported == 10)
        #expect(line.prepared == 12)
        #expect(line.over == 1)
        let row = try #require(try clinic.findings().containers.first { $0.containerID == "early" })
        #expect(row.counted == .review)
        #expect(row.containerClass == .earlyChange)
    }

    @Test("an alarm long ago makes no early change")
    func alarmOnTime() throws {
        var clinic = Clinic()
        try clinic.order(from: "2026-10-01T08:00", to: "2026-10-11T08:00") { $0.continuous(hang: 48) }
        try clinic.deliver(10)
        for number in 0..<10 {
            let at = CivilDateTime(try day("2026-10-01").adding(days: number), secondOfDay: 8 * 3600)
            clinic.hang(at, id: "b\(number)")
            clinic.event(.alarm, at.adding(seconds: 3600)) { $0.alarm = .air }
            clinic.event(.deliveryStarted, at.adding(seconds: 3700))
        }
        let line = try clinic.line()
        #expect(line.avoidable == 5)
        #expect(line.review == 0)
        #expect(line.supported == 10)
    }

    enum Reattachment: CaseIterable {
        case bare, reset, prime, afterEmpty, newID, sameID, sameIDReset, resetAfterPowerOff, resetAndPrimeAfterPowerOff
    }

    @Test(
        "cassette detached and reattached: not a new container unless a new id, a reset or a prime says so; doubtful: REVIEW",
        arguments: Reattachment.allCases)
    func reattached(how: Reattachment) throws {
        var clinic = Clinic()
        try clinic.order {
            $0.schedule = .everyHours(6)
            $0.dosesPerContainer = 4
        }
        try clinic.deliver(3)
        let start = try civil("2026-10-01T00:00")
        let id: String? = [.newID, .sameID, .sameIDReset].contains(how) ? "one" : nil
        clinic.event(.containerAttached, start.adding(seconds: -300), id: id)
        func dose(_ number: Int) {
            clinic.event(.doseStarted, start.adding(seconds: number * 6 * 3600))
            clinic.event(.doseCompleted, start.adding(seconds: number * 6 * 3600 + 1800))
        }
        dose(0)
        dose(1)
        let between = start.adding(seconds: 9 * 3600)
        if how == .afterEmpty { clinic.event(.containerEmpty, between) }
        if how == .resetAfterPowerOff || how == .resetAndPrimeAfterPowerOff {
            clinic.event(.powerOff, between)
            clinic.event(.powerOn, between.adding(seconds: 60))
        }
        clinic.event(.containerDetached, between.adding(seconds: 120))
        clinic.event(.containerAttached, between.adding(seconds: 300), id: how == .newID ? "two" : id)
        if [.reset, .sameIDReset, .resetAfterPowerOff, .resetAndPrimeAfterPowerOff].contains(how) {
            clinic.event(.reservoirReset, between.adding(seconds: 360))
        }
        if how == .prime || how == .resetAndPrimeAfterPowerOff { clinic.event(.primed, between.adding(seconds: 420)) }
        dose(2)
        dose(3)
        let findings = try clinic.findings("2026-10-01", "2026-10-01")
        let line = try findings.line()
        switch how {
        case .bare, .sameID, .sameIDReset:
            #expect(line.used == 1)
            #expect(line.supported == 1)
            #expect(line.review == 0)
            #expect(findings.containers.first?.reseats == 1)
        case .reset, .prime, .afterEmpty, .newID, .resetAndPrimeAfterPowerOff:
            #expect(line.used == 2)
            #expect(line.supported == 2)
            #expect(line.review == 0)
        case .resetAfterPowerOff:
            #expect(line.used == 2)
            #expect(line.supported == 1)
            #expect(line.review == 1)
            #expect(line.unknown == CountRange(low: 0, high: 1))
            #expect(findings.containers.last?.containerClass == .doubtful)
        }
        #expect(line.doses == 4)
    }

    @Test("a reset after a power-off, nothing detached, without a prime: REVIEW")
    func resetInPlace() throws {
        var clinic = Clinic()
        try clinic.order(to: "2026-10-01")
        try clinic.deliver(2)
        let slots = try slots(2)
        clinic.event(.containerAttached, slots[0].adding(seconds: -300), id: "a")
        clinic.event(.doseStarted, slots[0])
        clinic.event(.doseCompleted, slots[0].adding(seconds: 3600))
        clinic.event(.powerOff, slots[0].adding(seconds: 4000))
        clinic.event(.powerOn, slots[0].adding(seconds: 4100))
        clinic.event(.reservoirReset, slots[0].adding(seconds: 4200))
        clinic.event(.doseStarted, slots[1])
        clinic.event(.doseCompleted, slots[1].adding(seconds: 3600))
        let line = try clinic.line()
        #expect(line.supported == 1)
        #expect(line.review == 1)
        #expect(line.unknown.high == 1)
        #expect(line.over == 0)
    }

    @Test("a reset alone makes nothing new")
    func resetAlone() throws {
        let clinic = try clinic { clinic, slot in
            clinic.event(.containerAttached, slot.adding(seconds: -300), id: "x")
            clinic.event(.doseStarted, slot)
            clinic.event(.reservoirReset, slot.adding(seconds: 60))
            clinic.event(.doseCompleted, slot.adding(seconds: 3600))
        }
        #expect(try clinic.line().used == 60)
        #expect(try clinic.line().review == 0)
    }

    private func reservoirs(_ act: (inout Clinic, CivilDateTime) -> Void) throws -> BillableLine {
        var clinic = Clinic()
        clinic.pump("M1", "E0784")
        try clinic.order(to: nil) {
            $0.drug = "insulin"
            $0.drugHcpcs = ["J1817"]
            $0.mode = .continuous
            $0.schedule = nil
            $0.container = .syringe
        }
        try clinic.deliver(10, "A4225")
        act(&clinic, try civil("2026-10-05T07:00"))
        return try clinic.line("A4225")
    }

    @Test("rewind twice, minutes apart: one change")
    func rewindTwice() throws {
        let line = try reservoirs { clinic, at in
            clinic.event(.rewind, at)
            clinic.event(.rewind, at.adding(seconds: 6))
            clinic.event(.primed, at.adding(seconds: 30)) { $0.primeType = .manual }
            clinic.event(.rewind, at.adding(seconds: 120))
            clinic.event(.primed, at.adding(seconds: 150)) { $0.primeType = .manual }
            clinic.event(.primed, at.adding(seconds: 170)) { $0.primeType = .fixed }
            clinic.event(.bolus, at.adding(seconds: 900))
        }
        #expect(line.used == 1)
        #expect(line.supported == 1)
    }

    @Test("prime without a rewind: not a change")
    func primeAlone() throws {
        let line = try reservoirs { clinic, at in
            clinic.event(.rewind, at)
            clinic.event(.primed, at.adding(seconds: 30)) { $0.primeType = .manual }
            clinic.event(.bolus, at.adding(seconds: 900))
            for hours in 1...11 {
                clinic.event(.primed, at.adding(seconds: hours * 3600)) { $0.primeType = .fixed }
            }
        }
        #expect(line.used == 1)
    }

    @Test("a rewind without a prime: not a change")
    func rewindAlone() throws {
        let line = try reservoirs { clinic, at in
            clinic.event(.rewind, at)
            clinic.event(.primed, at.adding(seconds: 30))
            clinic.event(.bolus, at.adding(seconds: 900))
            clinic.event(.rewind, at.adding(seconds: 7200))
            clinic.event(.bolus, at.adding(seconds: 8000))
        }
        #expect(line.used == 1)
    }

    @Test("missed dose: container unused")
    func missed() throws {
        let line = try clinic { _, _ in }.line()
        #expect(line.used == 59)
        #expect(line.doses == 59)
        #expect(line.supported == 59)
        #expect(line.over == 1)
        #expect(line.unknown.isZero)
    }

    @Test("extra dose outside the order: not a covered dose instance, REVIEW", arguments: [true, false])
    func extra(isNamed: Bool) throws {
        let clinic = try clinic(delivered: 61) { clinic, slot in
            clinic.dose(slot, id: "x")
            let at = slot.adding(seconds: 4 * 3600)
            clinic.event(.containerAttached, at.adding(seconds: -300), id: "prn")
            clinic.event(.doseStarted, at, slot: isNamed ? at : nil)
            clinic.event(.doseCompleted, at.adding(seconds: 3600), slot: isNamed ? at : nil)
        }
        let findings = try clinic.findings()
        let line = try findings.line()
        #expect(line.used == 61)
        #expect(line.doses == 60)
        #expect(line.supported == 60)
        #expect(line.review == 1)
        #expect(line.over == 0)
        #expect(findings.containers.first { $0.containerID == "prn" }?.counted == .review)
    }

    @Test("PCA boluses are neither doses nor containers")
    func boluses() throws {
        let clinic = try clinic { clinic, slot in
            clinic.event(.containerAttached, slot.adding(seconds: -300), id: "x")
            clinic.event(.doseStarted, slot)
            for minute in 1...20 { clinic.event(.bolus, slot.adding(seconds: minute * 60)) }
            clinic.event(.doseCompleted, slot.adding(seconds: 3600))
        }
        let line = try clinic.line()
        #expect(line.used == 60)
        #expect(line.doses == 60)
    }

    @Test(
        "emergency admission mid-month: unused excused with the admission on record, pump events inside the stay excluded"
    )
    func emergencyMidMonth() throws {
        // In hospital from the night of the 10th to the noon of the 13th: five slots, from 20 on.
        for givenInside in [false, true] {
            var clinic = Clinic()
            try clinic.order()
            try clinic.deliver(60)
            try clinic.stay("2026-10-11T00:30", "2026-10-13T12:00", .emergency)
            for (number, slot) in try slots(60).enumerated() {
                if !(20..<25).contains(number) || (givenInside && number == 22) { clinic.dose(slot, id: "b\(number)") }
            }
            try clinic.dispose(givenInside ? 4 : 5, .emergencyAdmission, on: "2026-10-13")
            let findings = try clinic.findings()
            let line = try findings.line()
            #expect(line.prepared == 60)
            #expect(line.used == 55)
            #expect(line.doses == 55)
            #expect(line.excused == (givenInside ? 4 : 5))
            #expect(line.supported == (givenInside ? 59 : 60))
            // What was brought along and given there is gone, and nobody at home may bill it.
            #expect(line.over == (givenInside ? 1 : 0))
            #expect(line.unknown.isZero)
            let inside = findings.containers.first { $0.containerID == "b22" }
            #expect(inside?.counted == (givenInside ? .no : nil))
            #expect(inside?.rule == (givenInside ? "R10" : nil))
            #expect(inside?.isUsed != true)
        }
    }

    @Test("an emergency disposition without an emergency stay on record: REVIEW")
    func emergencyWithoutStay() throws {
        var clinic = try clinic(0..<56)
        try clinic.dispose(4, .emergencyAdmission, on: "2026-10-29")
        try clinic.stay("2026-10-29", nil, .planned)
        let line = try clinic.line()
        #expect(line.excused == 0)
        #expect(line.review == 4)
        #expect(line.supported == 56)
        #expect(line.over == 0)
    }

    @Test("excused at most as many as ordered slots were not given")
    func excusedBound() throws {
        var clinic = try clinic(0..<56, delivered: 62)
        try clinic.stay("2026-10-29T02:00", nil, .emergency)
        try clinic.dispose(6, .emergencyAdmission, on: "2026-10-29")
        let line = try clinic.line()
        #expect(line.excused == 4)
        #expect(line.ceiling == 60)
        #expect(line.supported == 60)
        #expect(line.over == 2)
    }

    @Test("damaged, expired, lost, other: REVIEW in their own total; dose change: foreseeable; returned: not prepared")
    func dispositions() throws {
        for reason in [Disposition.Reason.damaged, .expired, .lost, .other] {
            var clinic = try clinic(0..<58)
            try clinic.dispose(2, reason, on: "2026-10-30")
            let line = try clinic.line()
            #expect(line.review == 2, "\(reason)")
            #expect(line.over == 0)
            #expect(line.supported == 58)
        }
        var clinic = try clinic(0..<58)
        try clinic.dispose(2, .doseChange, on: "2026-10-30")
        #expect(try clinic.line().over == 2)
        clinic.register.dispositions = []
        try clinic.dispose(2, .returned, on: "2026-10-30")
        let line = try clinic.line()
        #expect(line.prepared == 58)
        #expect(line.over == 0)
    }

    @Test("multi-channel pump: one pump code, containers by channel, drug and order")
    func channels() throws {
        var clinic = Clinic()
        try clinic.order("O1")
        try clinic.order("O2", channel: 2) {
            $0.drug = "acyclovir"
            $0.drugHcpcs = ["J0133"]
            $0.schedule = .timesOfDay([6 * 3600, 14 * 3600, 22 * 3600])
        }
        try clinic.deliver(60)
        try clinic.deliver(90, to: "O2")
        for (number, slot) in try slots(60).enumerated() { clinic.dose(slot, id: "a\(number)") }
        for (number, slot) in try slots(90, hours: [6, 14, 22]).enumerated() {
            clinic.dose(slot, channel: 2, id: "b\(number)")
        }
        let findings = try clinic.findings()
        #expect(try findings.line(order: "O1").supported == 60)
        #expect(try findings.line(order: "O2").supported == 90)
        #expect(try findings.line(order: "O2").pumpHcpcs == "E0781")
        #expect(Set(findings.containers.filter { $0.order == "O2" }.map(\.channel)) == [2])
    }

    @Test("two drugs, separate containers: an uncovered drug makes payable 0 for its containers only")
    func twoDrugs() throws {
        var clinic = Clinic()
        clinic.pump("M2")
        try clinic.order("O1")
        try clinic.order("O2", pump: "M2") {
            $0.drug = "vancomycin"
            $0.drugHcpcs = ["J3370"]
        }
        try clinic.deliver(60)
        try clinic.deliver(60, to: "O2")
        for (number, slot) in try slots(60).enumerated() {
            clinic.dose(slot, id: "a\(number)")
            clinic.dose(slot, pump: "M2", id: "a\(number)")
        }
        let findings = try clinic.findings()
        #expect(try findings.line(order: "O1").payable == 60)
        #expect(try findings.line(order: "O2").payable == 0)
        #expect(try findings.line(order: "O2").supported == 60)
    }

    @Test("two drugs, one container: 1 unit; REVIEW if either drug is uncovered", arguments: ["J1570", "J3370"])
    func mixture(other: String) throws {
        var clinic = try clinic()
        clinic.register.orders[0].drugHcpcs = ["J1455", other]
        let findings = try clinic.findings()
        let line = try findings.line()
        #expect(line.used == 60)
        if other == "J1570" {
            #expect(line.supported == 60)
            #expect(line.payable == 60)
        } else {
            #expect(line.supported == 0)
            #expect(line.review == 60)
            #expect(line.over == 0)
            #expect(line.payable == 0)
            #expect(line.heldBy == ["R6"])
            #expect(findings.containers.allSatisfy { $0.counted == .review && $0.rule == "R6" })
        }
    }

    @Test("dose across midnight and month end: belongs to its scheduled slot's date, never split")
    func midnight() throws {
        var clinic = Clinic()
        try clinic.order(to: "2026-11-30") { $0.schedule = .timesOfDay([23 * 3600 + 1800]) }
        try clinic.deliver(61)
        for number in 0..<61 {
            let at = CivilDateTime(try day("2026-10-01").adding(days: number), secondOfDay: 23 * 3600 + 1800)
            // From the night of Hallowe'en on each dose is late and begins after midnight.
            clinic.dose(at, id: "b\(number)", late: number >= 30 ? 45 : 0, hours: 2)
        }
        #expect(try clinic.line().supported == 31)
        #expect(try clinic.findings("2026-11-01", "2026-11-30").line().supported == 30)
    }

    @Test("bag hung across month end: intermittent in the month of the slot, continuous in the month it was hung")
    func acrossMonths() throws {
        var clinic = Clinic()
        try clinic.order(to: "2026-11-30") {
            $0.schedule = .everyHours(6)
            $0.dosesPerContainer = 4
        }
        try clinic.deliver(2)
        clinic.event(.containerAttached, try civil("2026-10-31T17:50"), id: "x")
        for slot in ["2026-10-31T18:00", "2026-11-01T00:00", "2026-11-01T06:00", "2026-11-01T12:00"] {
            clinic.event(.doseStarted, try civil(slot))
            clinic.event(.doseCompleted, try civil(slot).adding(seconds: 1800))
        }
        #expect(try clinic.line().used == 1)
        #expect(try clinic.line().doses == 1)
        let november = try clinic.findings("2026-11-01", "2026-11-30").line()
        #expect(november.used == 0)
        #expect(november.doses == 3)

        var continuous = Clinic()
        try continuous.order(from: "2026-10-01", to: "2026-11-30") { $0.continuous(hang: 48) }
        try continuous.deliver(30)
        continuous.hang(try civil("2026-10-31T20:00"), id: "x")
        continuous.hang(try civil("2026-11-02T20:00"), id: "y")
        #expect(try continuous.line().used == 1)
        #expect(try continuous.findings("2026-11-01", "2026-11-30").line().used == 1)
    }

    @Test("daylight saving: a 28-day cycle with a fall-back hour and 7-day bags is 4, and no slot is lost or doubled")
    func daylightSaving() throws {
        var clinic = Clinic()
        // 673 hours: the clocks go back on 1 November.
        try clinic.order(from: "2026-10-10T10:00", to: "2026-11-07T10:00") { $0.continuous(hang: 168) }
        try clinic.deliver(4)
        for week in 0..<4 {
            clinic.hang(
                CivilDateTime(try day("2026-10-10").adding(days: week * 7), secondOfDay: 36_000), id: "b\(week)")
        }
        let line = try clinic.findings("2026-10-01", "2026-11-30").line()
        #expect(line.fewest == 4)
        #expect(line.used == 4)
        #expect(line.unknown.isZero)

        for (start, end) in [("2026-10-31", "2026-11-02"), ("2026-03-07", "2026-03-09")] {
            var hourly = Clinic()
            try hourly.order(from: start, to: end) { $0.schedule = .timesOfDay([1, 2, 3].map { $0 * 3600 + 1800 }) }
            try hourly.deliver(9, on: start)
            for (number, slot) in try slots(9, from: start, hours: [1, 2, 3]).enumerated() {
                let at = slot.adding(seconds: 1800)
                hourly.event(.doseStarted, at, id: "b\(number)", slot: at)
                hourly.event(.doseCompleted, at.adding(seconds: 600), slot: at)
            }
            let line = try hourly.findings(start, end).line()
            #expect(line.doses == 9)
            #expect(line.supported == 9)
        }
    }

    @Test("leap day: a civil day like any other")
    func leapDay() throws {
        var clinic = Clinic()
        try clinic.order(from: "2028-02-01", to: "2028-02-29")
        try clinic.deliver(58, on: "2028-02-01")
        for (number, slot) in try slots(58, from: "2028-02-01").enumerated() { clinic.dose(slot, id: "b\(number)") }
        let line = try clinic.findings("2028-02-01", "2028-02-29").line()
        #expect(line.supported == 58)
        #expect(line.ceiling == 58)
    }

    @Test("missing log: the interval is unknown, a range and not a number")
    func missingLog() throws {
        var clinic = try clinic()
        // The records of three doses are gone, each with four.
        clinic.events["M1"]?.removeSubrange(40..<52)
        let findings = try clinic.findings()
        let line = try findings.line()
        #expect(line.used == 57)
        #expect(line.supported == 57)
        #expect(line.unknown == CountRange(low: 0, high: 3))
        #expect(line.over == 0)
        #expect(line.notes.contains { $0.contains("3 ordered slots") && $0.contains("missing-sequence") })
        #expect(findings.coverage.first?.gaps.count == 1)
        #expect(findings.coverage.first?.gaps.first?.missing == 12)
    }

    @Test("time outside the first and the last record is unread, never missed")
    func unreadEnds() throws {
        let line = try clinic(5..<50).line()
        #expect(line.doses == 45)
        #expect(line.supported == 45)
        #expect(line.unknown == CountRange(low: 0, high: 15))
        #expect(line.over == 0)
        // Only 47 were ever delivered: no more than two can have been used there.
        #expect(try clinic(5..<50, delivered: 47).line().unknown == CountRange(low: 0, high: 2))
    }

    @Test("a pump that was never read: everything is unknown")
    func neverRead() throws {
        var clinic = try clinic(0..<0)
        clinic.events = [:]
        let findings = try clinic.findings()
        let line = try findings.line()
        #expect(line.supported == 0)
        #expect(line.unknown == CountRange(low: 0, high: 60))
        #expect(findings.coverage.first?.completeThrough == nil)
        #expect(findings.coverage.first?.isUnread == true)
    }

    @Test("clock jump: the interval is unknown")
    func clockJump() throws {
        var clinic = Clinic()
        try clinic.order()
        try clinic.deliver(60)
        for (number, slot) in try slots(60).enumerated() {
            // For two days the clock stood in another year; nobody set it, then it came back.
            if (20..<24).contains(number) {
                let lost = try civil("2000-01-01T00:10").adding(seconds: (number - 20) * 12 * 3600)
                clinic.dose(lost, id: "b\(number)")
            } else {
                clinic.dose(slot, id: "b\(number)")
            }
        }
        let line = try clinic.line()
        #expect(line.supported == 56)
        #expect(line.unknown == CountRange(low: 0, high: 4))
        #expect(line.notes.contains { $0.contains("clock-jump") })
    }

    @Test("a clock change on record is no jump: width 0")
    func clockChange() throws {
        var clinic = Clinic()
        try clinic.order()
        try clinic.deliver(60)
        for (number, slot) in try slots(60).enumerated() {
            // The pump is three hours behind until the change.
            let shown = number < 30 ? slot.adding(seconds: -3 * 3600) : slot
            if number == 30 {
                clinic.event(.clockChanged, shown.adding(seconds: -5 * 3600)) {
                    $0.newTime = shown.adding(seconds: -2 * 3600)
                }
            }
            clinic.dose(shown, id: "b\(number)")
        }
        let findings = try clinic.findings()
        #expect(try findings.line().supported == 60)
        #expect(try findings.line().unknown.isZero)
        #expect(findings.containers.first?.firstFlow?.civil == CivilDateTime("2026-10-01T06:00"))
    }

    @Test(
        "two pumps for one order: both logs count; the same dose slot on two pumps is REVIEW", arguments: [true, false])
    func twoPumps(isNamed: Bool) throws {
        var clinic = Clinic()
        clinic.pump("M2")
        try clinic.order()
        clinic.assign("M2", to: "O1", from: try time("2026-10-15T12:00"), until: nil)
        try clinic.deliver(61)
        for (number, slot) in try slots(60).enumerated() {
            clinic.dose(slot, pump: number < 29 ? "M1" : "M2", id: "b\(number)", attests: isNamed)
        }
        // The first pump gives the dose of the 20th in the morning as well.
        let doubled = try civil("2026-10-20T06:00")
        clinic.dose(doubled, id: "again", late: 20, attests: isNamed)
        clinic.event(.note, try civil("2026-10-31T08:00"))
        let findings = try clinic.findings()
        let line = try findings.line()
        #expect(line.used == 61)
        #expect(line.doses == 60)
        #expect(line.supported == 60)
        #expect(line.review == 1)
        #expect(line.over == 0)
        #expect(line.pump == "M2")
        #expect(line.pumps == ["M1", "M2"])
        #expect(line.unknown.isZero)
    }

    @Test("the same container id on two pumps is one container")
    func sameContainerOnTwoPumps() throws {
        var clinic = try clinic { clinic, slot in
            clinic.event(.containerAttached, slot.adding(seconds: -300), id: "x")
            clinic.event(.doseStarted, slot)
            clinic.event(.doseCancelled, slot.adding(seconds: 900))
            clinic.event(.containerDetached, slot.adding(seconds: 1000))
            clinic.event(.containerAttached, slot.adding(seconds: 1500), pump: "M2", id: "x")
            clinic.event(.doseStarted, slot.adding(seconds: 1600), pump: "M2")
            clinic.event(.doseCompleted, slot.adding(seconds: 5000), pump: "M2")
            clinic.event(.containerDetached, slot.adding(seconds: 5100), pump: "M2")
        }
        clinic.pump("M2")
        clinic.assign("M2", to: "O1", from: try time("2026-10-06T06:00"), until: try time("2026-10-06T12:00"))
        let findings = try clinic.findings()
        #expect(try findings.line().used == 60)
        let row = try #require(findings.containers.first { $0.containerID == "x" })
        #expect(row.pumps == ["M1", "M2"])
        #expect(row.id == "c:O1/x")
        #expect(row.counted == .yes)
    }
}
