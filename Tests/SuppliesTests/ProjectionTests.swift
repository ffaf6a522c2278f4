import Foundation
import PumpCore
import Register
import Supplies
import Testing
import Timeline

extension Clinic {
    func reconciliation(_ from: String = "2026-10-01", _ to: String = "2026-10-31") throws -> [ReconcileLine] {
        try count(from, to) { $0.reconciliation($1) }
    }

    func refills(on day: String) throws -> [RefillLine] { try count(day, day) { $0.refills($1) } }

    func scrub(_ from: String = "2026-10-01", _ to: String = "2026-10-31") throws -> [ScrubFinding] {
        try count(from, to) { $0.scrub($1) }
    }

    private func count<T>(_ from: String, _ to: String, _ ask: (MonthCount, [PumpTimeline]) -> T) throws -> T {
        let index = RegisterIndex(register)
        let period = try day(from)...(try day(to))
        return ask(MonthCount(index, rules: try RuleBook.shipped, period: period), timelines(index))
    }

    mutating func bill(
        _ units: Int, _ hcpcs: String = "A4222", from: String = "2026-10-01", to: String = "2026-10-31",
        modifiers: [String] = ["KX"], claim: String? = "C1", order: String = "O1"
    ) throws {
        register.billed.append(
            BilledLine(
                order: order, hcpcs: hcpcs, from: try day(from), to: try day(to), units: units, modifiers: modifiers,
                claim: claim, line: "1", origin: RowOrigin(file: "billed.csv", line: register.billed.count + 2)))
    }

    mutating func countShelf(_ quantity: Int, on date: String, order: String = "O1") throws {
        register.counts.append(
            ShelfCount(order: order, countedOn: try day(date), quantity: quantity, by: "W", origin: Self.origin))
    }
}

@Suite("Reconciliation")
struct ReconcileTests {
    /// 40 doses of 60 given, 62 delivered, and something of everything else.
    private func clinic() throws -> Clinic {
        var clinic = Clinic()
        try clinic.order(from: "2026-09-21", to: "2026-11-30")
        try clinic.deliver(20, on: "2026-09-20")
        try clinic.deliver(62, on: "2026-10-02")
        for (number, slot) in try slots(60, from: "2026-09-21").enumerated() {
            clinic.dose(slot, id: "b\(number)")
            // Three were attested by a nurse.
            if (30..<33).contains(number) {
                for place in (clinic.events["M1"]?.indices.suffix(4)) ?? 0..<0 {
                    clinic.events["M1"]?[place].event.by = "N. Nurse"
                }
            }
        }
        // Read again at the end of the month, when nothing more had been given.
        clinic.event(.note, try civil("2026-10-31T23:30"))
        try clinic.dispose(2, .damaged, on: "2026-10-05")
        try clinic.dispose(1, .returned, on: "2026-10-06")
        try clinic.dispose(1, .lost, on: "2026-10-07")
        return clinic
    }

    @Test("opening + delivered - used - attested - wasted - returned - lost = expected")
    func sum() throws {
        var clinic = try clinic()
        let line = try #require(try clinic.reconciliation().first { $0.hcpcs == "A4222" })
        #expect(line.opening == 0)
        #expect(line.delivered == 62)
        #expect(line.used == 37)
        #expect(line.attested == 3)
        #expect(line.wasted == 2)
        #expect(line.returned == 1)
        #expect(line.lost == 1)
        #expect(line.expected == 18)
        #expect(
            line.expected
                == line.opening + line.delivered - line.used - line.attested - line.wasted - line.returned - line.lost)
        #expect(line.counted == nil)
        #expect(line.variance == nil)
        #expect(line.status == .notCounted)

        try clinic.countShelf(18, on: "2026-10-31")
        #expect(try clinic.reconciliation().first?.variance == 0)
        #expect(try clinic.reconciliation().first?.status == .review)
        #expect(try clinic.reconciliation().first?.notes == ["3 to be reviewed"])
        clinic.register.dispositions = []
        #expect(try clinic.reconciliation().first?.variance == -4)
        clinic.register.counts = []
        try clinic.countShelf(22, on: "2026-10-31")
        #expect(try clinic.reconciliation().first?.status == .fine)
    }

    @Test("a count in mid-month is held against what was expected that day; the opening is the closing before")
    func midMonth() throws {
        var clinic = try clinic()
        // Through the 10th: 82 delivered, 40 used, 4 gone otherwise.
        try clinic.countShelf(38, on: "2026-10-10")
        let october = try #require(try clinic.reconciliation().first)
        #expect(october.variance == 0)
        #expect(october.countedOn == CivilDate("2026-10-10"))
        let november = try #require(try clinic.reconciliation("2026-11-01", "2026-11-30").first)
        #expect(november.opening == october.expected)
    }

    @Test("billed is booked by its first day, held against support, and a code that nothing stands for shows")
    func billed() throws {
        var clinic = Clinic()
        try clinic.order()
        try clinic.deliver(60)
        for (number, slot) in try slots(60).enumerated() { clinic.dose(slot, id: "b\(number)") }
        try clinic.countShelf(0, on: "2026-10-31")
        try clinic.bill(61)
        try clinic.bill(5, from: "2026-11-01", to: "2026-11-30")
        try clinic.bill(2, "K0552")
        let lines = try clinic.reconciliation()
        let main = try #require(lines.first { $0.hcpcs == "A4222" })
        #expect(main.billed == 61)
        #expect(main.billedMinusSupported == 1)
        #expect(main.counted == 0)
        #expect(main.status == .review)
        let other = try #require(lines.first { $0.hcpcs == "K0552" })
        #expect(other.billed == 2)
        #expect(other.billedMinusSupported == 2)
        let weeks = try #require(lines.first { $0.hcpcs == "A4221" })
        #expect(weeks.counted == nil)
    }
}

@Suite("Refills")
struct RefillTests {
    @Test("on hand, days left, expected end, and the windows of 2024 and before")
    func windows() throws {
        for (year, contactDays) in [("2026", 30), ("2023", 24)] {
            var clinic = Clinic()
            try clinic.order(from: "\(year)-10-01", to: nil)
            try clinic.deliver(60, on: "\(year)-10-01")
            for (number, slot) in try slots(30, from: "\(year)-10-01").enumerated() {
                clinic.dose(slot, id: "b\(number)")
            }
            let line = try #require(try clinic.refills(on: "\(year)-10-16").first)
            #expect(line.hcpcs == "A4222")
            #expect(line.onHand == 30)
            #expect(line.daysLeft == 15)
            #expect(line.expectedEnd == CivilDate("\(year)-10-30"))
            #expect(line.earliestDelivery == CivilDate("\(year)-10-20"))
            #expect(line.earliestContact == CivilDate("\(year)-10-30")?.adding(days: -contactDays))
            #expect(line.rule.id == "R9")
        }
    }

    @Test("days left are rounded down, and what is gone before the day counts")
    func rounding() throws {
        var clinic = Clinic()
        try clinic.order(to: nil) { $0.schedule = .timesOfDay([6, 14, 22].map { $0 * 3600 }) }
        try clinic.deliver(10)
        clinic.dose(try civil("2026-10-01T06:00"), id: "a")
        try clinic.dispose(1, .damaged, on: "2026-10-01")
        // The dose of the day itself is still to come, the delivery of the day is there.
        clinic.dose(try civil("2026-10-02T06:00"), id: "b")
        try clinic.deliver(2, on: "2026-10-02")
        let line = try #require(try clinic.refills(on: "2026-10-02").first)
        #expect(line.onHand == 10)
        #expect(line.daysLeft == 3)
        #expect(line.expectedEnd == CivilDate("2026-10-04"))
    }

    @Test(
        "daily need: doses by bag, hang times, cycles",
        arguments: [
            (12, 6.0, 4, TherapyOrder.Mode.intermittent, 12), (12, 168.0, 1, .intermittent, 84),
            (7, 0, 1, .continuous, 14),
            (2, 336.0, 1, .continuous, 28),
        ])
    func need(bags: Int, interval: Double, doses: Int, mode: TherapyOrder.Mode, days: Int) throws {
        var clinic = Clinic()
        try clinic.order(to: nil) {
            $0.continuous(hang: 48)
            $0.mode = mode
            $0.schedule = interval > 0 ? .everyHours(interval) : nil
            $0.doseHours = mode == .continuous && interval > 0 ? 46 : nil
            $0.dosesPerContainer = doses
        }
        try clinic.deliver(bags)
        #expect(try clinic.refills(on: "2026-10-01").first?.daysLeft == days)
    }

    @Test("an input missing: null, and a hold names the column; an order that has ended needs nothing")
    func missing() throws {
        var clinic = Clinic()
        try clinic.order {
            $0.continuous(hang: 24)
            $0.usableMilliliters = nil
        }
        try clinic.deliver(10)
        let line = try #require(try clinic.refills(on: "2026-10-05").first)
        #expect(line.onHand == 10)
        #expect(line.daysLeft == nil)
        #expect(line.expectedEnd == nil)
        #expect(line.holds.map(\.column) == ["usable_ml"])
        #expect(try clinic.refills(on: "2026-11-05").isEmpty)
    }
}

@Suite("Scrub")
struct ScrubTests {
    /// A clean month: 60 delivered, given and billed.
    private func clean(_ change: (inout TherapyOrder) -> Void = { _ in }) throws -> Clinic {
        var clinic = Clinic()
        try clinic.order("O1", change)
        try clinic.deliver(60)
        for (number, slot) in try slots(60).enumerated() { clinic.dose(slot, id: "b\(number)") }
        return clinic
    }

    private func rules(_ findings: [ScrubFinding]) -> [String] { findings.map(\.rule) }

    @Test("a clean month has no findings")
    func nothing() throws {
        var clinic = try clean()
        try clinic.bill(60)
        #expect(try clinic.scrub().isEmpty)
    }

    @Test("a finding names rule, claim, order and source, and says what to do")
    func names() throws {
        var clinic = try clean()
        try clinic.bill(60, modifiers: [])
        let finding = try #require(try clinic.scrub().first)
        #expect(finding.rule == "R7")
        #expect(finding.severity == .error)
        #expect(finding.claim == "C1")
        #expect(finding.order == "O1")
        #expect(finding.source == "billed.csv:2")
        #expect(finding.line.contains("claim C1 line 1"))
        #expect(!finding.fix.isEmpty && !finding.citation.citation.isEmpty)
        let json = try #require(
            try JSONSerialization.jsonObject(with: JSONEncoder().encode(finding)) as? [String: Any])
        for key in ["severity", "rule", "line", "message", "fix", "source", "claim", "order", "delivery"] {
            #expect(json[key] != nil, "\(key)")
        }
    }

    @Test(
        "codes that do not go with the pump",
        arguments: [
            ("E0781", "A4225"), ("E0781", "A4224"), ("E0781", "A4223"), ("E0781", "A4220"), ("E0781", "A4230"),
            ("E0784", "A4222"), ("E0784", "K0552"), ("E0784", "A4221"), ("none", "A4222"),
        ])
    func pairing(pump: String, code: String) throws {
        var clinic = try clean()
        clinic.pump("M1", pump)
        try clinic.deliver(1, code)
        try clinic.bill(1, code)
        let found = try clinic.scrub().filter { $0.hcpcs == code && $0.claim != nil }
        #expect(rules(found).contains("R4"))
    }

    @Test("diluent or tubing beside A4222", arguments: ["J7030", "A4209"])
    func diluents(code: String) throws {
        var clinic = try clean()
        try clinic.bill(60)
        try clinic.bill(3, code)
        let found = try clinic.scrub()
        #expect(rules(found) == ["R4"])
        #expect(found.first?.message.contains("included in A4222") == true)
    }

    @Test("A4222 with K0552 for one order")
    func doubleCode() throws {
        var clinic = try clean()
        try clinic.deliver(1, "K0552")
        try clinic.bill(60)
        try clinic.bill(1, "K0552")
        #expect(try clinic.scrub().contains { $0.rule == "R4" && $0.message.contains("A4222 and K0552") })
    }

    @Test("E0780 with episodes of 8 h or more")
    func shortPump() throws {
        var clinic = try clean { $0.doseHours = 8 }
        clinic.pump("M1", "E0780")
        #expect(try clinic.scrub().filter { $0.rule == "R4" }.map(\.message).first?.contains("E0780") == true)
        var short = try clean { $0.doseHours = 7.5 }
        short.pump("M1", "E0780")
        #expect(try short.scrub().isEmpty)
    }

    @Test("units over support: R2 or R3; inside what the log leaves open: a warning")
    func overSupport() throws {
        var clinic = try clean()
        try clinic.deliver(2)
        try clinic.bill(61)
        let found = try clinic.scrub().filter { $0.rule == "R2" }
        #expect(found.map(\.severity) == [.error])
        #expect(found.first?.message.contains("60 are supported") == true)

        clinic.events["M1"]?.removeSubrange(40..<44)
        clinic.register.billed = []
        try clinic.bill(60)
        #expect(try clinic.scrub().filter { $0.rule == "R2" }.map(\.severity) == [.warning])

        var continuous = Clinic()
        try continuous.order(from: "2026-10-01T08:00", to: "2026-10-04T08:00") { $0.continuous(hang: 24) }
        try continuous.deliver(5)
        for number in 0..<3 {
            continuous.hang(
                CivilDateTime(try day("2026-10-01").adding(days: number), secondOfDay: 28_800), id: "b\(number)")
        }
        try continuous.bill(4)
        #expect(try continuous.scrub().map(\.rule) == ["R3"])
    }

    @Test("over delivered, over 9,999, before delivery, before the signed order")
    func quantities() throws {
        var clinic = try clean { $0.signedOn = CivilDate("2026-10-03") }
        try clinic.bill(10_000, from: "2026-10-02")
        var found = try clinic.scrub()
        #expect(found.filter { $0.rule == "R9" && $0.message.contains("do not fit into one line") }.count == 1)
        #expect(found.filter { $0.rule == "R9" && $0.message.contains("60 were delivered") }.count == 1)
        #expect(found.filter { $0.rule == "R9" && $0.message.contains("before the order was signed") }.count == 1)
        clinic.register.billed = []
        clinic.register.orders[0].signedOn = CivilDate("2026-09-30")
        clinic.register.deliveries[0].date = try day("2026-10-02")
        try clinic.bill(60, from: "2026-10-01")
        found = try clinic.scrub()
        #expect(found.map(\.rule) == ["R9"])
        #expect(found.first?.message.contains("the first delivery was on 2026-10-02") == true)
    }

    /// The second delivery of an order of which 60 came on 1 October, asked and delivered as said.
    private func refill(
        _ quantity: Int = 60, on date: String, contacted: String? = "2026-10-20", affirmed: String? = "the patient",
        remaining: Int? = 12, payer: String = "medicare-dme", year: String = "2026"
    ) throws -> [ScrubFinding] {
        var clinic = Clinic(payer: payer)
        try clinic.order(from: "\(year)-10-01", to: nil)
        try clinic.deliver(60, on: "\(year)-10-01")
        for (number, slot) in try slots(60, from: "\(year)-10-01").enumerated() { clinic.dose(slot, id: "b\(number)") }
        try clinic.deliver(quantity, on: date)
        clinic.register.deliveries[1].contactedOn = try contacted.map { try day($0) }
        clinic.register.deliveries[1].affirmedBy = affirmed
        clinic.register.deliveries[1].quantityRemaining = remaining
        return try clinic.scrub("\(year)-10-01", "\(year)-11-30")
    }

    @Test("refill contacted or delivered too early, no affirmative response, no quantity remaining")
    func refills() throws {
        // 60 bags last through the 30th: deliveries from the 20th on, contact from 30 September on.
        #expect(try refill(on: "2026-10-20").isEmpty)
        let early = try refill(on: "2026-10-19")
        #expect(early.map(\.rule) == ["R9"])
        #expect(early.first?.message.contains("last to 2026-10-30, so not before 2026-10-20") == true)
        #expect(early.first?.delivery == "D2")
        #expect(try refill(on: "2026-10-25", contacted: "2026-09-30").isEmpty)
        #expect(
            try refill(on: "2026-10-25", contacted: "2026-09-29").map(\.message).first?.contains("too early") == true)
        #expect(try refill(on: "2026-10-25", affirmed: nil).map(\.fix).first?.contains("affirmed_by") == true)
        #expect(try refill(on: "2026-10-25", remaining: nil).map(\.fix).first?.contains("quantity_remaining") == true)
        // Before 2024: 14 days before the delivery, and no answer needed.
        #expect(
            try refill(on: "2023-10-25", contacted: "2023-10-11", affirmed: nil, remaining: nil, year: "2023").isEmpty)
        #expect(
            try refill(on: "2023-10-25", contacted: "2023-10-10", year: "2023").map(\.message).first?
                .contains("14 days before the delivery") == true)
    }

    @Test("more than three months at a time; Maryland: more than seven days, or a diluent")
    func tooMuch() throws {
        #expect(try refill(187, on: "2026-10-25").map(\.rule) == ["R9"])
        #expect(try refill(186, on: "2026-10-25").map(\.severity) == [.note])
        var maryland = Clinic(payer: "maryland-medicaid")
        try maryland.order(to: nil)
        try maryland.deliver(15)
        try maryland.deliver(2, "J7030")
        #expect(try maryland.scrub().map(\.rule) == ["R13", "R13"])
        maryland.register.deliveries[0].quantity = 14
        maryland.register.deliveries.removeLast()
        #expect(try maryland.scrub().isEmpty)
    }

    @Test("delivery to an inpatient, use inside a stay, billed in a stay")
    func stays() throws {
        var clinic = try clean()
        try clinic.stay("2026-10-10T15:00", "2026-10-14T10:00", .emergency)
        #expect(try clinic.scrub().map(\.rule) == ["R10"])
        #expect(try clinic.scrub().first?.message.contains("8 containers were used") == true)
        for (date, isInside) in [
            ("2026-10-10", false), ("2026-10-11", true), ("2026-10-13", true), ("2026-10-14", false),
        ] {
            var other = clinic
            other.register.deliveries[0].date = try day(date)
            #expect(try other.scrub().contains { $0.delivery == "D1" && $0.rule == "R10" } == isInside, "\(date)")
            try other.bill(1, from: date)
            #expect(try other.scrub().contains { $0.claim == "C1" && $0.rule == "R10" } == isInside, "\(date)")
        }
    }

    @Test("pump idle while billed")
    func idle() throws {
        var clinic = Clinic()
        try clinic.order()
        try clinic.deliver(60)
        clinic.event(.note, try civil("2026-10-01T00:00"))
        clinic.event(.note, try civil("2026-10-30T23:59"))
        try clinic.bill(60)
        #expect(try clinic.scrub().contains { $0.message.contains("idle") })
    }

    @Test("the same container in two claims")
    func twice() throws {
        var clinic = try clean()
        try clinic.deliver(60)
        try clinic.bill(60)
        try clinic.bill(2, from: "2026-10-20", to: "2026-10-25", claim: "C2")
        let found = try clinic.scrub().filter { $0.claim == "C2" }
        #expect(found.contains { $0.message.contains("claim C1 bills the same days: container c:O1/b38") })
        // Two claims that share the month and no container.
        clinic.register.billed = []
        try clinic.bill(30, to: "2026-10-15")
        try clinic.bill(30, from: "2026-10-16", claim: "C2")
        #expect(try clinic.scrub().filter { $0.severity != .note }.isEmpty)
    }

    @Test("a pump that the patient owns needs a narrative")
    func owned() throws {
        var clinic = try clean()
        try clinic.bill(60)
        clinic.register.pumps[0].ownership = .owned
        #expect(try clinic.scrub().map(\.severity) == [.error])
        clinic.register.pumps[0].ownedSince = try day("2016-03-01")
        let found = try clinic.scrub()
        #expect(found.map(\.severity) == [.note])
        #expect(found.first?.fix == "BENEFICIARY OWNED E0781 PURCHASED 2016-03-01")
    }

    @Test("units that follow visits rather than containers")
    func visits() throws {
        let clinic = try clean()
        var log = clinic.log("M1")
        for index in log.records.indices {
            // Read at four visits.
            log.records[index].readAt = Instant("2026-10-01T15:00Z")?.adding(seconds: index / 60 * 7 * 86_400)
        }
        var billed = clinic
        try billed.bill(4)
        let index = RegisterIndex(billed.register)
        let timeline = PumpTimeline(log, signs: .attested, zones: index.zoneSpans(ofPump: "M1"))
        let found = MonthCount(
            index, rules: try RuleBook.shipped, period: try day("2026-10-01")...(try day("2026-10-31"))
        ).scrub([timeline])
        #expect(found.contains { $0.message.contains("as many as days on which the pump was read") })
    }
}
