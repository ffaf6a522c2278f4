import LedgerService
import PumpCore
import Supplies
import Testing

/// The rows of the edge-case table of the billing rules, one test a row and named after it, from files to the line.
@Suite("Edge cases, through the imports")
struct EdgeCaseRowsTests {
    private func month(
        _ delivered: Int = 60, except number: Int? = nil,
        _ act: (inout ImportedMonth, CivilDateTime) throws -> Void = { _, _ in }
    ) throws -> ImportedMonth {
        var month = ImportedMonth()
        month.deliveries[0].quantity = delivered
        try month.october(except: number, act)
        return month
    }

    @Test("partial dose, abandoned")
    func abandoned() throws {
        let line = try month(except: 10) { month, slot in
            month.event(slot.adding(seconds: -300), "container-attached", id: "x")
            month.event(slot, "dose-started", id: "x")
            month.event(slot.adding(seconds: 900), "dose-cancelled", id: "x")
            month.event(slot.adding(seconds: 1000), "container-detached", id: "x")
        }.line()
        #expect(line.used == 60)
        #expect(line.doses == 60)
        #expect(line.supported == 60)
        #expect(line.unknown.isZero)
    }

    enum Resumption: CaseIterable { case sameID, inPlace, detached }

    @Test("interrupted and resumed, same container", arguments: Resumption.allCases)
    func resumed(how: Resumption) throws {
        let id = how == .sameID ? "x" : ""
        let line = try month(61, except: 10) { month, slot in
            if how != .sameID { month.event(slot.adding(seconds: -600), "container-empty") }
            month.event(slot.adding(seconds: -300), "container-attached", id: id)
            month.event(slot, "dose-started", id: id)
            month.event(slot.adding(seconds: 900), "dose-cancelled", id: id)
            if how != .inPlace {
                month.event(slot.adding(seconds: 1000), "container-detached", id: id)
                month.event(slot.adding(seconds: 2000), "container-attached", id: id)
            }
            month.event(slot.adding(seconds: 2100), "dose-started", id: id)
            month.event(slot.adding(seconds: 5000), "dose-completed", id: id)
        }.line()
        #expect(line.doses == 60)
        #expect(line.supported == 60)
        #expect(line.review == (how == .detached ? 1 : 0))
        #expect(line.over == (how == .detached ? 0 : 1))
    }

    @Test("two containers for one dose", arguments: [true, false])
    func twoForOneDose(byVolume: Bool) throws {
        let counted = try month(61, except: 10) { month, slot in
            month.event(slot.adding(seconds: -300), "container-attached", id: "x")
            month.event(slot, "dose-started", id: "x")
            if byVolume { month.event(slot.adding(seconds: 1500), "container-empty", id: "x") }
            month.event(slot.adding(seconds: 1600), "container-attached", id: "y")
            month.event(slot.adding(seconds: 5000), "dose-completed", id: "y")
        }.counted()
        let line = try counted.line()
        #expect(line.used == 61)
        #expect(line.supported == 60)
        #expect(line.review == 0)
        #expect(line.over == 1)
        #expect(try counted.container("y").rule == "R2")
    }

    @Test("primed, never infused", arguments: [true, false])
    func primedOnly(isUnforeseen: Bool) throws {
        var month = try month(except: 10) { month, slot in
            month.event(slot.adding(seconds: -300), "container-attached", id: "x")
            month.event(slot.adding(seconds: -200), "primed", id: "x", note: "manual")
            month.event(slot.adding(seconds: 100), "container-detached", id: "x")
        }
        if isUnforeseen { month.dispositions = ["O1,2026-10-06,1,drug-toxicity"] }
        let line = try month.line()
        #expect(line.prepared == 60)
        #expect(line.used == 59)
        #expect(line.supported == (isUnforeseen ? 60 : 59))
        #expect(line.over == (isUnforeseen ? 0 : 1))
    }

    @Test("early change (occlusion, leak)")
    func earlyChange() throws {
        let intermittent = try month(61, except: 10) { month, slot in
            month.event(slot.adding(seconds: -300), "container-attached", id: "x")
            month.event(slot, "dose-started", id: "x")
            month.event(slot.adding(seconds: 800), "alarm", id: "x", note: "downstream occlusion")
            month.event(slot.adding(seconds: 900), "dose-cancelled", id: "x")
            month.event(slot.adding(seconds: 1000), "container-detached", id: "x")
            month.event(slot.adding(seconds: 1500), "container-attached", id: "y")
            month.event(slot.adding(seconds: 1600), "dose-started", id: "y")
            month.event(slot.adding(seconds: 5000), "dose-completed", id: "y")
        }.line()
        #expect(intermittent.supported == 60)
        #expect(intermittent.review == 1)
        #expect(intermittent.over == 0)

        var continuous = ImportedMonth()
        continuous.orders[0].columns = ImportedMonth.continuous(
            from: "2026-10-01T08:00", to: "2026-10-11T08:00", hang: 24)
        continuous.deliveries[0].quantity = 11
        for (number, at) in try ImportedMonth.slots(10, hours: [8]).enumerated() {
            continuous.event(at, "container-attached", id: "b\(number)")
            continuous.event(at.adding(seconds: 60), "delivery-started", id: "b\(number)")
            guard number == 4 else { continue }
            continuous.event(at.adding(seconds: 21_600), "alarm", id: "b4", note: "leak")
            continuous.event(at.adding(seconds: 22_000), "container-attached", id: "early")
            continuous.event(at.adding(seconds: 22_060), "delivery-started", id: "early")
        }
        try continuous.event("2026-10-11T09:00", "note")
        let line = try continuous.line()
        #expect(line.used == 11)
        #expect(line.fewest == 10)
        #expect(line.avoidable == 1)
        #expect(line.review == 1)
        #expect(line.supported == 10)
    }

    enum Reattachment: CaseIterable { case bare, newID, reset, prime, doubtful }

    @Test("cassette detached and reattached", arguments: Reattachment.allCases)
    func reattached(how: Reattachment) throws {
        var month = ImportedMonth()
        month.set(["dose_times": "00:00;06:00;12:00;18:00", "doses_per_container": "4", "ends_at": "2026-10-01"])
        month.deliveries[0].quantity = 3
        let start = try #require(CivilDateTime("2026-10-01T00:00"))
        func dose(_ hour: Int) {
            month.event(start.adding(seconds: hour * 3600), "dose-started")
            month.event(start.adding(seconds: hour * 3600 + 1800), "dose-completed")
        }
        month.event(start.adding(seconds: -300), "container-attached", id: how == .newID ? "one" : "")
        dose(0)
        dose(6)
        let between = start.adding(seconds: 9 * 3600)
        if how == .doubtful {
            month.event(between, "power-off")
            month.event(between.adding(seconds: 60), "power-on")
        }
        month.event(between.adding(seconds: 120), "container-detached")
        month.event(between.adding(seconds: 300), "container-attached", id: how == .newID ? "two" : "")
        if how == .reset || how == .doubtful { month.event(between.adding(seconds: 360), "reservoir-reset") }
        if how == .prime { month.event(between.adding(seconds: 360), "primed", note: "manual") }
        dose(12)
        dose(18)
        try month.event("2026-10-02T00:00", "note")
        let line = try month.line()
        #expect(line.doses == 4)
        #expect(line.used == (how == .bare ? 1 : 2))
        #expect(line.review == (how == .doubtful ? 1 : 0))
        #expect(line.supported == (how == .bare || how == .doubtful ? 1 : 2))
    }

    private func reservoirs(_ act: (inout ImportedMonth, CivilDateTime) -> Void) throws -> BillableLine {
        var month = ImportedMonth()
        month.pumps[0].hcpcs = "E0784"
        month.orders[0].columns = [
            "drug": "insulin", "drug_hcpcs": "J1817", "mode": "continuous", "starts_at": "2026-10-01",
            "container": "syringe",
        ]
        month.deliveries = [("A4225", "2026-10-01", 10, "O1")]
        act(&month, try #require(CivilDateTime("2026-10-05T07:00")))
        try month.event("2026-10-31T20:00", "note")
        return try month.line("A4225")
    }

    @Test("rewind twice, minutes apart")
    func rewindTwice() throws {
        let line = try reservoirs { month, at in
            month.event(at, "rewind")
            month.event(at.adding(seconds: 30), "primed", note: "manual")
            month.event(at.adding(seconds: 180), "rewind")
            month.event(at.adding(seconds: 200), "primed", note: "manual")
            month.event(at.adding(seconds: 220), "primed", note: "fixed")
            month.event(at.adding(seconds: 900), "bolus")
        }
        #expect(line.used == 1)
        #expect(line.supported == 1)
    }

    @Test("prime without a rewind")
    func primeAlone() throws {
        let line = try reservoirs { month, at in
            month.event(at, "rewind")
            month.event(at.adding(seconds: 30), "primed", note: "manual")
            month.event(at.adding(seconds: 900), "bolus")
            for day in 1...9 { month.event(at.adding(seconds: day * 86_400), "primed", note: "fixed") }
        }
        #expect(line.used == 1)
    }

    @Test("missed dose")
    func missed() throws {
        let line = try month(except: 10).line()
        #expect(line.used == 59)
        #expect(line.doses == 59)
        #expect(line.supported == 59)
        #expect(line.over == 1)
        #expect(line.unknown.isZero)
    }

    @Test("extra or PRN dose outside the order")
    func extra() throws {
        let counted = try month(61, except: 10) { month, slot in
            month.dose(slot, id: "x")
            month.dose(slot.adding(seconds: 4 * 3600), id: "prn")
        }.counted()
        let line = try counted.line()
        #expect(line.doses == 60)
        #expect(line.supported == 60)
        #expect(line.review == 1)
        #expect(line.over == 0)
        #expect(try counted.container("prn").counted == .review)
    }

    /// In hospital from the night of the 10th to the noon of the 13th: five doses, one of them given there.
    private func admission(_ kind: String) throws -> CountedMonth {
        var month = ImportedMonth()
        month.stays = ["P1,2026-10-11T00:30,2026-10-13T12:00,\(kind)"]
        month.dispositions = ["O1,2026-10-13,4,\(kind)-admission"]
        for (number, slot) in try ImportedMonth.slots(60).enumerated() where number == 22 || !(20..<25).contains(number)
        {
            month.dose(slot, id: "b\(number)")
        }
        try month.event("2026-10-31T20:00", "note")
        return try month.counted()
    }

    @Test("emergency admission mid-month")
    func emergency() throws {
        let counted = try admission("emergency")
        let line = try counted.line()
        #expect(line.used == 55)
        #expect(line.excused == 4)
        #expect(line.supported == 59)
        #expect(line.over == 1)
        #expect(try counted.container("b22").rule == "R10")
        #expect(try counted.container("b22").counted == .no)
    }

    @Test("planned admission")
    func planned() throws {
        let line = try admission("planned").line()
        #expect(line.excused == 0)
        #expect(line.supported == 55)
        #expect(line.over == 5)
        #expect(line.review == 0)
    }

    /// A second order on another channel or pump, three times a day.
    private func second(_ month: inout ImportedMonth, drug: (String, String), pump: String, channel: Int) {
        var columns = ImportedMonth.twiceADay
        (columns["drug"], columns["drug_hcpcs"], columns["dose_times"]) = (drug.0, drug.1, "06:00;14:00;22:00")
        month.orders.append(("O2", columns))
        month.assignments.append("\(pump),\(channel),O2,2026-10-01,")
        month.deliveries.append(("A4222", "2026-10-01", 90, "O2"))
    }

    @Test("multi-channel pump")
    func channels() throws {
        var month = ImportedMonth()
        second(&month, drug: ("acyclovir", "J0133"), pump: "M1", channel: 2)
        let own = try ImportedMonth.slots(60).enumerated().map { ($1, 1, "a\($0)") }
        let other = try ImportedMonth.slots(90, hours: [6, 14, 22]).enumerated().map { ($1, 2, "b\($0)") }
        // One log, in the order of time: a dose of each channel after the other.
        for (slot, channel, id) in (own + other).sorted(by: { ($0.0, $0.1) < ($1.0, $1.1) }) {
            month.dose(slot.adding(seconds: channel * 600), channel: channel, id: id, seconds: 200)
        }
        try month.event("2026-10-31T20:00", "note")
        let counted = try month.counted()
        #expect(try counted.line(order: "O1").supported == 60)
        #expect(try counted.line(order: "O2").supported == 90)
        #expect(try counted.line(order: "O2").pumpHcpcs == "E0781")
        #expect(try counted.container("b7").channel == 2)
    }

    @Test("two drugs, separate containers")
    func twoDrugs() throws {
        var month = ImportedMonth()
        month.pumps.append(("M2", "E0781"))
        second(&month, drug: ("vancomycin", "J3370"), pump: "M2", channel: 1)
        try month.october()
        for (number, slot) in try ImportedMonth.slots(90, hours: [6, 14, 22]).enumerated() {
            month.dose(slot, pump: "M2", id: "v\(number)")
        }
        try month.event("2026-10-31T20:00", "note", pump: "M2")
        let counted = try month.counted()
        #expect(try counted.line(order: "O1").payable == 60)
        #expect(try counted.line(order: "O2").supported == 90)
        #expect(try counted.line(order: "O2").payable == 0)
    }

    @Test("two drugs, one container", arguments: ["J1570", "J3370"])
    func mixture(other: String) throws {
        var month = try month()
        month.set(["drug_hcpcs": "J1455;\(other)"])
        let line = try month.line()
        #expect(line.used == 60)
        #expect(line.supported == (other == "J1570" ? 60 : 0))
        #expect(line.review == (other == "J1570" ? 0 : 60))
        #expect(line.payable == (other == "J1570" ? 60 : 0))
        #expect(line.over == 0)
    }

    @Test("dose across midnight or month end")
    func midnight() throws {
        var month = ImportedMonth()
        month.set(["dose_times": "23:30", "ends_at": "2026-11-30"])
        month.deliveries[0].quantity = 61
        for (number, at) in try ImportedMonth.slots(61, hours: [23]).enumerated() {
            // From Hallowe'en on each dose begins after midnight.
            month.dose(at.adding(seconds: 1800), id: "b\(number)", late: number >= 30 ? 45 : 0, seconds: 7200)
        }
        try month.event("2026-12-01T09:00", "note")
        let counted = try month.counted()
        #expect(try counted.line().supported == 31)
        #expect(try counted.line("A4222", "2026-11").supported == 30)
        #expect(try counted.line("A4222", "2026-10-01..2026-11-30").supported == 61)
    }

    @Test("bag hung across month end")
    func acrossMonths() throws {
        var month = ImportedMonth()
        month.set(["dose_times": "00:00;06:00;12:00;18:00", "doses_per_container": "4", "ends_at": "2026-11-01"])
        month.deliveries[0].quantity = 2
        try month.event("2026-10-31T17:50", "container-attached", id: "x")
        for slot in ["2026-10-31T18:00", "2026-11-01T00:00", "2026-11-01T06:00", "2026-11-01T12:00"] {
            let at = try #require(CivilDateTime(slot))
            month.event(at, "dose-started", id: "x")
            month.event(at.adding(seconds: 1800), "dose-completed", id: "x")
        }
        let intermittent = try month.counted()
        #expect(try intermittent.line().used == 1)
        #expect(try intermittent.line("A4222", "2026-11").used == 0)
        #expect(try intermittent.line("A4222", "2026-11").doses == 3)

        var continuous = ImportedMonth()
        continuous.orders[0].columns = ImportedMonth.continuous(
            from: "2026-10-29T20:00", to: "2026-11-04T20:00", hang: 48)
        continuous.deliveries[0].quantity = 3
        for (number, at) in ["2026-10-29T20:00", "2026-10-31T20:00", "2026-11-02T20:00"].enumerated() {
            try continuous.event(at, "container-attached", id: "b\(number)")
            try continuous.event(at + ":40", "delivery-started", id: "b\(number)")
        }
        try continuous.event("2026-11-04T20:30", "note")
        let counted = try continuous.counted()
        #expect(try counted.line().used == 2)
        #expect(try counted.line().fewest == 2)
        #expect(try counted.line("A4222", "2026-11").used == 1)
        #expect(try counted.line("A4222", "2026-11").fewest == 1)
    }

    @Test("daylight saving")
    func daylightSaving() throws {
        var month = ImportedMonth()
        // 673 hours: the clocks go back on 1 November.
        month.orders[0].columns = ImportedMonth.continuous(from: "2026-10-10T10:00", to: "2026-11-07T10:00", hang: 168)
        month.deliveries[0].quantity = 4
        for week in 0..<4 {
            let at = try ImportedMonth.slots(1, from: "2026-10-10", hours: [10])[0].adding(seconds: week * 604_800)
            month.event(at, "container-attached", id: "b\(week)")
            month.event(at.adding(seconds: 60), "delivery-started", id: "b\(week)")
        }
        try month.event("2026-11-07T12:00", "note")
        let line = try month.line("A4222", "2026-10-01..2026-11-30")
        #expect(line.used == 4)
        #expect(line.fewest == 4)
        #expect(line.unknown.isZero)

        // Doses in the missing hour of spring and in the repeated one of autumn.
        for (start, end) in [("2026-03-07", "2026-03-09"), ("2026-10-31", "2026-11-02")] {
            var nightly = ImportedMonth()
            nightly.set(["dose_times": "01:30;02:30;03:30", "starts_at": start, "ends_at": end])
            nightly.assignments = ["M1,1,O1,\(start),"]
            nightly.deliveries = [("A4222", start, 9, "O1")]
            for (number, slot) in try ImportedMonth.slots(9, from: start, hours: [1, 2, 3]).enumerated() {
                nightly.dose(slot.adding(seconds: 1800), id: "b\(number)", seconds: 600, attests: true)
            }
            let line = try nightly.line("A4222", "\(start)..\(end)")
            #expect(line.doses == 9)
            #expect(line.supported == 9)
        }
    }

    @Test("leap day")
    func leapDay() throws {
        var month = ImportedMonth()
        month.set(["starts_at": "2028-02-01", "ends_at": "2028-02-29"])
        month.assignments = ["M1,1,O1,2028-02-01,"]
        month.deliveries = [("A4222", "2028-02-01", 58, "O1")]
        for (number, slot) in try ImportedMonth.slots(58, from: "2028-02-01").enumerated() {
            month.dose(slot, id: "b\(number)")
        }
        try month.event("2028-03-01T00:30", "note")
        let line = try month.line("A4222", "2028-02")
        #expect(line.supported == 58)
        #expect(line.ceiling == 58)
        #expect(line.unknown.isZero)
    }

    @Test("clock jump, missing log")
    func unknown() throws {
        var lost = ImportedMonth()
        for (number, slot) in try ImportedMonth.slots(60).enumerated() {
            if (20..<23).contains(number) { lost.lose(4) } else { lost.dose(slot, id: "b\(number)") }
        }
        try lost.event("2026-10-31T20:00", "note")
        let missing = try lost.line()
        #expect(missing.supported == 57)
        #expect(missing.unknown == CountRange(low: 0, high: 3))
        #expect(missing.over == 0)

        var jumped = ImportedMonth()
        for (number, slot) in try ImportedMonth.slots(60).enumerated() {
            // For two days the clock stood in another year; nobody set it, then it came back.
            let stood = try #require(CivilDateTime("2000-01-01T00:10")).adding(seconds: (number - 20) * 43_200)
            jumped.dose((20..<24).contains(number) ? stood : slot, id: "b\(number)")
        }
        try jumped.event("2026-10-31T20:00", "note")
        let line = try jumped.line()
        #expect(line.supported == 56)
        #expect(line.unknown == CountRange(low: 0, high: 4))
    }

    @Test("two pumps for one order")
    func twoPumps() throws {
        var month = ImportedMonth()
        month.pumps.append(("M2", "E0781"))
        month.assignments.append("M2,1,O1,2026-10-15T12:00,")
        month.deliveries[0].quantity = 61
        for (number, slot) in try ImportedMonth.slots(60).enumerated() {
            month.dose(slot, pump: number < 29 ? "M1" : "M2", id: "b\(number)")
        }
        let doubled = try #require(CivilDateTime("2026-10-20T06:00"))
        month.dose(doubled, pump: "M1", id: "again", late: 20)
        for pump in ["M1", "M2"] { try month.event("2026-10-31T20:00", "note", pump: pump) }
        let line = try month.line()
        #expect(line.used == 61)
        #expect(line.doses == 60)
        #expect(line.supported == 60)
        #expect(line.review == 1)
        #expect(line.over == 0)
        #expect(line.pumps == ["M1", "M2"])
    }
}
