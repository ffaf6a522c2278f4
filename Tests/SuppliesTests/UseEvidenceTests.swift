import PumpCore
import Register
import Supplies
import Testing
import Timeline

/// What a log shows beside its plain signs: volumes, plans, gaps, hands that a pump goes through.
@Suite("Evidence of use")
struct UseEvidenceTests {
    private static let miva = WireLogTests.miva

    private func findings(_ clinic: Clinic, _ signs: ContainerSigns) throws -> MonthFindings {
        let index = RegisterIndex(clinic.register)
        let timelines = clinic.events.keys.sorted().map { serial in
            PumpTimeline(clinic.log(serial), signs: signs, zones: index.zoneSpans(ofPump: serial))
        }
        return try MonthCount(
            index, rules: RuleBook.shipped, period: try day("2026-10-01")...(try day("2026-10-31"))
        ).findings(timelines)
    }

    /// A run of so many hours, after which the pump shows its running total in mL.
    private func run(_ clinic: inout Clinic, _ at: CivilDateTime, hours: Int, total: Int) {
        clinic.event(.deliveryStarted, at)
        clinic.event(.deliveryStopped, at.adding(seconds: hours * 3600)) {
            $0.amount = .milliliters(thousandths: total * 1000)
        }
    }

    /// A number is missing in the series before the last event.
    private func skip(_ clinic: inout Clinic) {
        let last = (clinic.events["M1"]?.count ?? 1) - 1
        clinic.events["M1"]?[last].sequence += 1
    }

    private func detach(_ clinic: inout Clinic, _ at: CivilDateTime) { clinic.event(.containerDetached, at) }

    /// Milrinone from bags of 100 mL, from 1 to 7 October.
    private func milrinone(_ change: (inout TherapyOrder) -> Void = { _ in }) throws -> (Clinic, CivilDateTime) {
        var clinic = Clinic()
        try clinic.order(from: "2026-10-01T08:00", to: "2026-10-07T08:00") {
            $0.continuous(hang: 72)
            $0.usableMilliliters = 100
            change(&$0)
        }
        try clinic.deliver(8)
        let start = try civil("2026-10-01T08:00")
        clinic.event(.powerOn, start.adding(seconds: -60)) { $0.amount = .milliliters(thousandths: 0) }
        return (clinic, start)
    }

    @Test("taken off when the order's change was due, half full: the next flow is a new one")
    func due() throws {
        for (hours, containers) in [(23, 2), (12, 1)] {
            var (clinic, start) = try milrinone { $0.changeIntervalHours = 24 }
            run(&clinic, start, hours: hours, total: 46)
            detach(&clinic, start.adding(seconds: hours * 3600 + 60))
            run(&clinic, start.adding(seconds: hours * 3600 + 300), hours: 12, total: 70)
            clinic.event(.note, try civil("2026-10-07T08:00"))
            #expect(try findings(clinic, Self.miva).line().used == containers, "\(hours) h")
        }
    }

    @Test("put back when nearly empty: that it ran empty at once shows that it was the same one")
    func putBackNearlyEmpty() throws {
        var (clinic, start) = try milrinone()
        run(&clinic, start, hours: 48, total: 96)
        detach(&clinic, start.adding(seconds: 48 * 3600 + 60))
        run(&clinic, start.adding(seconds: 48 * 3600 + 300), hours: 2, total: 100)
        clinic.event(.containerEmpty, start.adding(seconds: 50 * 3600 + 301))
        detach(&clinic, start.adding(seconds: 50 * 3600 + 600))
        run(&clinic, start.adding(seconds: 51 * 3600), hours: 40, total: 180)
        clinic.event(.note, try civil("2026-10-07T08:00"))
        let found = try findings(clinic, Self.miva)
        #expect(found.containers.map(\.milliliters) == [100, 80])
        #expect(found.containers.first?.reseats == 1)
        #expect(try found.line().used == 2)
        #expect(try found.line().review == 0)
    }

    @Test("after an alarm, more than one container holds shows that there were two")
    func tooMuchForOne() throws {
        for (second, isDoubtful) in [(90, false), (40, true)] {
            var (clinic, start) = try milrinone()
            run(&clinic, start, hours: 24, total: 48)
            clinic.event(.alarm, start.adding(seconds: 24 * 3600 + 10)) { $0.alarm = .occlusion }
            detach(&clinic, start.adding(seconds: 24 * 3600 + 60))
            run(&clinic, start.adding(seconds: 24 * 3600 + 300), hours: 40, total: 48 + second)
            clinic.event(.note, try civil("2026-10-07T08:00"))
            let line = try findings(clinic, Self.miva).line()
            #expect(line.used == 2)
            #expect(line.unknown.high == (isDoubtful ? 1 : 0), "\(second) mL")
        }
    }

    @Test("a reservoir is hung when its tubing is primed, not with the first bolus of the next month")
    func primedBeforeMidnight() throws {
        var clinic = Clinic()
        clinic.pump("M1", "E0784")
        try clinic.order(from: "2026-09-01", to: nil) {
            $0.drugHcpcs = ["J1817"]
            $0.mode = .continuous
            $0.schedule = nil
            $0.container = .syringe
        }
        try clinic.deliver(10, "A4225")
        clinic.event(.rewind, try civil("2026-09-30T23:40"))
        clinic.event(.primed, try civil("2026-09-30T23:42")) { $0.primeType = .manual }
        clinic.event(.primed, try civil("2026-09-30T23:43")) { $0.primeType = .fixed }
        clinic.event(.bolus, try civil("2026-10-01T07:10"))
        clinic.event(.rewind, try civil("2026-10-03T23:50"))
        clinic.event(.primed, try civil("2026-10-03T23:52")) { $0.primeType = .manual }
        clinic.event(.bolus, try civil("2026-10-31T22:10"))
        #expect(try findings(clinic, WireLogTests.paradigm).line("A4225").used == 1)
    }

    @Test("a pump that comes from another patient begins with a container of this one's own")
    func handedOver() throws {
        var clinic = Clinic()
        try clinic.order(from: "2026-10-05", to: "2026-10-06")
        try clinic.deliver(4)
        // The patient before, of whom the register knows nothing.
        clinic.event(.deliveryStarted, try civil("2026-10-04T09:00"))
        for slot in try slots(4, from: "2026-10-05") {
            clinic.event(.deliveryStarted, slot)
            clinic.event(.deliveryStopped, slot.adding(seconds: 3600))
            detach(&clinic, slot.adding(seconds: 4000))
        }
        let line = try findings(clinic, Self.miva).line()
        #expect(line.used == 4)
        #expect(line.supported == 4)
    }

    /// Two doses a day; the records from `from` until `to` of the third one were never read.
    private func broken(after kind: EventKind) throws -> BillableLine {
        var clinic = Clinic()
        try clinic.order(to: "2026-10-02")
        try clinic.deliver(4)
        for (number, slot) in try slots(4).enumerated() {
            clinic.event(.deliveryStarted, slot)
            clinic.event(.deliveryStopped, slot.adding(seconds: 3600))
            if number != 1 || kind == .containerDetached { detach(&clinic, slot.adding(seconds: 4000)) }
            if number == 1 {
                clinic.event(.note, slot.adding(seconds: 6000))
                skip(&clinic)
            }
        }
        return try findings(clinic, Self.miva).line()
    }

    @Test("taken off before a gap is off behind it: no change of container hides in there")
    func offBeforeGap() throws {
        let seen = try broken(after: .containerDetached)
        #expect(seen.supported == 4)
        #expect(seen.unknown.isZero)
        let unseen = try broken(after: .deliveryStopped)
        #expect(unseen.supported == 3)
        #expect(unseen.unknown == CountRange(low: 0, high: 1))
    }

    @Test("what infuses on over a gap may have been changed in it")
    func changedInGap() throws {
        for isBroken in [false, true] {
            var (clinic, start) = try milrinone()
            clinic.event(.deliveryStarted, start)
            clinic.event(.note, start.adding(seconds: 20 * 3600))
            clinic.event(.note, start.adding(seconds: 22 * 3600))
            if isBroken { skip(&clinic) }
            clinic.event(.deliveryStopped, start.adding(seconds: 40 * 3600))
            clinic.event(.note, try civil("2026-10-07T08:00"))
            let line = try findings(clinic, Self.miva).line()
            #expect(line.supported == 1)
            #expect(line.unknown == CountRange(low: 0, high: isBroken ? 1 : 0))
        }
    }

    @Test("a log that ends between an attach and its dose leaves that slot unknown; a dose that nobody gave is missed")
    func endsBeforeDose() throws {
        for (attach, high) in [("2026-10-10T06:20", 1), ("2026-10-10T10:00", 1), ("2026-10-09T18:20", 0)] {
            var clinic = Clinic()
            try clinic.order(to: "2026-10-10T12:00")
            try clinic.deliver(30)
            clinic.dose(try civil("2026-10-01T06:00"), id: "first")
            try clinic.event(.containerAttached, attach, id: "last")
            if high == 0 { clinic.event(.note, try civil("2026-10-10T11:59")) }
            let account = try clinic.findings().line()
            #expect(account.supported == 1)
            #expect(account.unknown == CountRange(low: 0, high: high), "\(attach)")
        }
    }
}
