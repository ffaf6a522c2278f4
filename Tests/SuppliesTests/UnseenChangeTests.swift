import PumpCore
import Register
import Supplies
import Testing
import Timeline

/// Changes of containers that no log shows, and that a log read by wire tells all the same, or leaves open.
@Suite("Changes that the log does not show")
struct UnseenChangeTests {
    private func findings(
        _ clinic: Clinic, _ signs: ContainerSigns, _ from: String = "2026-10-01", _ to: String = "2026-10-31"
    ) throws -> MonthFindings {
        let index = RegisterIndex(clinic.register)
        let timelines = clinic.events.keys.sorted().map { serial in
            PumpTimeline(clinic.log(serial), signs: signs, zones: index.zoneSpans(ofPump: serial))
        }
        return try MonthCount(index, rules: RuleBook.shipped, period: try day(from)...(try day(to))).findings(timelines)
    }

    /// A run of a cassette pump: start, and a stop that shows the running total.
    private func run(_ clinic: inout Clinic, _ at: CivilDateTime, minutes: Int, total: Int) {
        clinic.event(.deliveryStarted, at)
        clinic.event(.deliveryStopped, at.adding(seconds: minutes * 60)) {
            $0.amount = .milliliters(thousandths: total * 1000)
        }
    }

    // MARK: Unread time of what infuses on and on

    @Test("a container that was due just before the log ends, and not changed yet, may be hung in the time behind it")
    func dueBeforeTheEnd() throws {
        var clinic = Clinic()
        try clinic.order(from: "2026-10-01T10:30", to: nil) {
            $0.continuous(hang: 48)
            $0.changeIntervalHours = 48
        }
        try clinic.deliver(40)
        clinic.event(.deliveryStarted, try civil("2026-10-01T10:30"))
        clinic.event(.note, try civil("2026-10-03T10:32"))
        // Hung on the 1st; due on the 3rd at 10:30, two minutes before the end, then every second day up to the 31st.
        let line = try findings(clinic, WireLogTests.miva).line()
        #expect(line.supported == 1)
        #expect(line.unknown.high == 15)
        // Read a minute after the change, there is one less to be unknown and one more to be known.
        clinic.event(.containerDetached, try civil("2026-10-03T10:40"))
        clinic.event(.deliveryStarted, try civil("2026-10-03T10:45"))
        let changed = try findings(clinic, WireLogTests.miva).line()
        #expect(changed.supported == 2)
        #expect(changed.unknown.high == 14)
    }

    @Test("changes that follow no plan drift: one planned just before a month may fall into its unread time")
    func driftsIntoTheMonth() throws {
        var clinic = Clinic()
        // Three days at the ordered dose: planned on 2 October at 04:00 and every 72 hours before and after.
        try clinic.order(from: "2026-09-05T04:00", to: nil) {
            $0.continuous(hang: 168)
            $0.usableMilliliters = 100
            $0.maxConcentrationMgPerMl = 10
            $0.drugMgPerDay = 328
            $0.changeIntervalHours = nil
        }
        try clinic.deliver(40, on: "2026-09-05")
        // The log begins on 10 October at 23:00; before that, 9.96 days of the month are unread: four containers at most.
        clinic.event(.note, try civil("2026-10-10T23:00"))
        for number in 0..<7 {
            let at = try civil("2026-10-14T00:30").adding(seconds: number * 76 * 3600)
            clinic.event(.containerEmpty, at.adding(seconds: -600))
            clinic.event(.containerDetached, at.adding(seconds: -300))
            clinic.event(.deliveryStarted, at)
        }
        let line = try findings(clinic, WireLogTests.miva, "2026-10-01", "2026-10-31").line()
        #expect(line.supported == 6)
        #expect(line.unknown.high == 4)
    }

    @Test("a cassette of the cycle before is not put back for the next one")
    func nextCycle() throws {
        var clinic = Clinic()
        try clinic.order(from: "2026-10-01T13:00", to: "2026-10-29T13:00") {
            $0.continuous(hang: 192)
            $0.schedule = .everyHours(336)
            $0.doseHours = 168
            $0.usableMilliliters = 240
            $0.maxConcentrationMgPerMl = 50
            $0.drugMgPerDay = 400
            $0.changeIntervalHours = nil
        }
        try clinic.deliver(2)
        // The second half of a cycle ran from its cassette, a small part of what it holds, and 190 hours before the next.
        run(&clinic, try civil("2026-10-07T15:00"), minutes: 22 * 60, total: 30)
        clinic.event(.containerDetached, try civil("2026-10-08T13:10"))
        run(&clinic, try civil("2026-10-15T13:05"), minutes: 60, total: 32)
        clinic.event(.containerDetached, try civil("2026-10-15T15:00"))
        run(&clinic, try civil("2026-10-15T15:05"), minutes: 60, total: 34)
        let line = try findings(clinic, WireLogTests.miva).line()
        #expect(line.used == 2)
        #expect(line.review == 0)
    }

    @Test("a running total that grew by more than one container holds, over a gap, shows that it was changed in there")
    func totalOverAGap() throws {
        var clinic = Clinic()
        try clinic.order(from: "2026-10-01T08:00", to: "2026-10-31T08:00") {
            $0.continuous(hang: 168)
            $0.usableMilliliters = 100
            $0.maxConcentrationMgPerMl = 10
            $0.drugMgPerDay = 296
            $0.changeIntervalHours = nil
        }
        try clinic.deliver(12)
        clinic.event(.deliveryStopped, try civil("2026-10-01T07:00")) { $0.amount = .milliliters(thousandths: 500_000) }
        clinic.event(.deliveryStarted, try civil("2026-10-01T08:00"))
        clinic.event(.note, try civil("2026-10-02T08:00"))
        clinic.events["M1"]?[2].sequence = 9
        clinic.event(.deliveryStopped, try civil("2026-10-07T22:30")) { $0.amount = .milliliters(thousandths: 700_000) }
        clinic.event(.containerDetached, try civil("2026-10-07T22:40"))
        clinic.event(.deliveryStarted, try civil("2026-10-07T22:50"))
        let line = try findings(clinic, WireLogTests.miva, "2026-10-01", "2026-10-08").line()
        #expect(line.used == 2)
        #expect(line.review == 0)
    }

    @Test("a reservoir that an alarm stopped minutes after its prime, and that was changed again, was used or was not")
    func stoppedAfterItsPrime() throws {
        func line(alarm: Bool) throws -> BillableLine {
            var clinic = Clinic()
            clinic.pump("M1", "E0784")
            try clinic.order(from: "2026-10-01T18:00", to: "2026-10-03T18:00") {
                $0.continuous(hang: 48)
                $0.container = .syringe
                $0.drug = "insulin lispro"
                $0.drugHcpcs = ["J1817"]
            }
            try clinic.deliver(3, "A4225")
            func change(_ at: String) throws {
                clinic.event(.rewind, try civil(at))
                clinic.event(.primed, try civil(at).adding(seconds: 100)) { $0.primeType = .manual }
                clinic.event(.primed, try civil(at).adding(seconds: 150)) { $0.primeType = .fixed }
            }
            try change("2026-10-01T18:00")
            if alarm { clinic.event(.alarm, try civil("2026-10-01T18:05")) { $0.alarm = .noDelivery } }
            try change("2026-10-01T18:14")
            clinic.event(.bolus, try civil("2026-10-02T12:00")) { $0.delivered = .units(thousandths: 4000) }
            clinic.event(.note, try civil("2026-10-03T18:00"))
            return try findings(clinic, WireLogTests.paradigm, "2026-10-01", "2026-10-04").line("A4225")
        }
        let again = try line(alarm: true)
        #expect(again.supported == 1)
        #expect(again.unknown.high == 1)
        #expect(again.review == 1)
        let once = try line(alarm: false)
        #expect(once.supported == 1)
        #expect(once.unknown.isZero)
    }

    @Test("the last dose of an order, given late after its last midnight, is still that dose")
    func lateAfterTheEnd() throws {
        var clinic = Clinic()
        try clinic.order(to: "2026-10-02", pump: nil) { $0.schedule = .timesOfDay([11 * 3600, 84_600]) }
        clinic.assign("M1", to: "O1", from: try time("2026-10-01"), until: try time("2026-10-02"))
        try clinic.deliver(4)
        for slot in try slots(4, hours: [11, 23]) { run(&clinic, slot.adding(seconds: 4200), minutes: 60, total: 1) }
        for place in 0..<3 {
            clinic.events["M1"]?.insert(
                Clinic.Entry(
                    sequence: 0, at: try slots(4, hours: [11, 23])[place].adding(seconds: 9000), channel: 1,
                    event: PumpEvent(.containerDetached)), at: place * 3 + 2)
        }
        for place in (clinic.events["M1"] ?? []).indices { clinic.events["M1"]?[place].sequence = place + 1 }
        let line = try findings(clinic, WireLogTests.miva).line()
        #expect(line.used == 4)
        #expect(line.doses == 4)
        #expect(line.supported == 4)
        // Half a spacing later it is no dose of this order.
        clinic.event(.containerDetached, try civil("2026-10-03T12:00"))
        run(&clinic, try civil("2026-10-03T13:00"), minutes: 60, total: 2)
        #expect(try findings(clinic, WireLogTests.miva).line().used == 4)
    }
}
