import Foundation
import PumpCore
import Register
import Supplies
import Testing
import Timeline

/// Logs as pumps write them: no event says "attached", and no one named a slot.
@Suite("Logs read by wire")
struct WireLogTests {
    static let miva = ContainerSigns(attachment: .flowAfterDetach, flow: [.deliveryStarted, .bolus])
    static let paradigm = ContainerSigns(attachment: .rewindThenPrime, flow: [.bolus, .deliveryStarted])

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
    private func run(_ clinic: inout Clinic, _ at: CivilDateTime, minutes: Int = 60, total: Int? = nil) {
        clinic.event(.deliveryStarted, at)
        clinic.event(.deliveryStopped, at.adding(seconds: minutes * 60)) {
            $0.amount = total.map { .milliliters(thousandths: $0 * 1000) }
        }
    }

    @Test("detached and run again after a completed slot: a new cassette each dose")
    func oneADose() throws {
        var clinic = Clinic()
        try clinic.order()
        try clinic.deliver(60)
        for slot in try slots(60) {
            run(&clinic, slot.adding(seconds: 400))
            clinic.event(.containerDetached, slot.adding(seconds: 4200))
        }
        let found = try findings(clinic, Self.miva)
        let line = try found.line()
        #expect(line.used == 60)
        #expect(line.doses == 60)
        #expect(line.supported == 60)
        #expect(line.review == 0)
        #expect(line.unknown.isZero)
        #expect(found.containers.first?.containerClass == .inPlace)
        #expect(found.containers.last?.containerClass == .new)
    }

    @Test("detached inside one dose, nothing emptied: the same cassette put back; pauses are one dose")
    func putBack() throws {
        var clinic = Clinic()
        try clinic.order(to: "2026-10-02")
        try clinic.deliver(4)
        for slot in try slots(4) {
            run(&clinic, slot, minutes: 10)
            clinic.event(.containerDetached, slot.adding(seconds: 700))
            run(&clinic, slot.adding(seconds: 900), minutes: 20)
            run(&clinic, slot.adding(seconds: 2400), minutes: 20)
            clinic.event(.containerDetached, slot.adding(seconds: 4000))
        }
        let line = try findings(clinic, Self.miva).line()
        #expect(line.used == 4)
        #expect(line.doses == 4)
        #expect(line.supported == 4)
        #expect(line.review == 0)
    }

    @Test("empty, detached, run: a new cassette, also inside one dose")
    func emptied() throws {
        var clinic = Clinic()
        try clinic.order(to: "2026-10-01")
        try clinic.deliver(3)
        let slots = try slots(2)
        run(&clinic, slots[0], minutes: 20)
        clinic.event(.containerEmpty, slots[0].adding(seconds: 1300))
        clinic.event(.containerDetached, slots[0].adding(seconds: 1400))
        run(&clinic, slots[0].adding(seconds: 1500), minutes: 20)
        clinic.event(.containerDetached, slots[0].adding(seconds: 4000))
        run(&clinic, slots[1])
        let line = try findings(clinic, Self.miva).line()
        #expect(line.used == 3)
        #expect(line.doses == 2)
        #expect(line.supported == 2)
        #expect(line.over == 1)
    }

    @Test("a day's bag for four doses stays in place: one cassette")
    func dayBag() throws {
        var clinic = Clinic()
        try clinic.order(to: "2026-10-03") {
            $0.schedule = .everyHours(6)
            $0.dosesPerContainer = 4
        }
        try clinic.deliver(3)
        for number in 0..<12 {
            let at = CivilDateTime(try day("2026-10-01")).adding(seconds: number * 21_600 + 300)
            if number % 4 == 0, number > 0 { clinic.event(.containerDetached, at.adding(seconds: -600)) }
            run(&clinic, at, minutes: 30)
        }
        let line = try findings(clinic, Self.miva).line()
        #expect(line.used == 3)
        #expect(line.doses == 12)
        #expect(line.supported == 3)
    }

    enum Change: CaseIterable { case usedUp, pastHangLimit, inside, afterAlarm, noInputs }

    @Test(
        "continuous: used up or past its hang limit is new, inside the stretch the same, after an alarm nobody can tell",
        arguments: Change.allCases)
    func continuous(change: Change) throws {
        var clinic = Clinic()
        try clinic.order(from: "2026-10-01T08:00", to: "2026-10-05T08:00") {
            $0.continuous(hang: 48)
            $0.usableMilliliters = 100
            if change == .noInputs {
                $0.usableMilliliters = nil
                $0.hangLimitHours = nil
            }
        }
        try clinic.deliver(4)
        let start = try civil("2026-10-01T08:00")
        clinic.event(.powerOn, start.adding(seconds: -60)) { $0.amount = .milliliters(thousandths: 0) }
        let hours = change == .pastHangLimit ? 50 : 20
        let given = change == .usedUp ? 95 : 40
        run(&clinic, start, minutes: hours * 60, total: given)
        if change == .afterAlarm {
            clinic.event(.alarm, start.adding(seconds: hours * 3600 + 60)) { $0.alarm = .occlusion }
        }
        clinic.event(.containerDetached, start.adding(seconds: hours * 3600 + 120))
        run(&clinic, start.adding(seconds: hours * 3600 + 300), minutes: 1200, total: given + 30)
        clinic.event(.note, try civil("2026-10-05T08:00"))
        let found = try findings(clinic, Self.miva)
        let line = try found.line()
        switch change {
        case .usedUp, .pastHangLimit:
            #expect(line.used == 2)
            #expect(line.supported == 2)
            #expect(line.review == 0)
            #expect(found.containers.map(\.milliliters) == [Double(given), 30])
        case .inside:
            #expect(line.used == 1)
            #expect(line.supported == 1)
            #expect(found.containers.first?.milliliters == 70)
            #expect(found.containers.first?.reseats == 1)
        case .afterAlarm:
            #expect(line.used == 2)
            #expect(line.supported == 1)
            #expect(line.review == 1)
            #expect(line.unknown == CountRange(low: 0, high: 1))
        case .noInputs:
            #expect(line.supported == nil)
            #expect(line.review == 1)
            #expect(line.heldBy == ["R3"])
        }
    }

    @Test(
        "a reservoir pump: what hangs when the log begins was changed before it, and the two changes of the bench are two"
    )
    func reservoirs() throws {
        // Times as on the bench pump of the CareLink recordings (device facts, 1.2), which the register does not know.
        var clinic = Clinic()
        func at(_ text: String) throws -> CivilDateTime { try civil("2000-01-01T" + text) }
        clinic.event(.rewind, try at("00:00:08"))
        clinic.event(.primed, try at("00:00:16")) { $0.primeType = .manual }
        clinic.event(.primed, try at("00:00:34")) { $0.primeType = .fixed }
        clinic.event(.deliveryStopped, try at("03:40:23"))
        clinic.events["M1"]?[3].sequence = 4
        // The records between were never read.
        clinic.event(.deliveryStopped, try at("03:51:24"))
        clinic.events["M1"]?[4].sequence = 99
        clinic.event(.bolus, try at("03:51:14")) { $0.delivered = .units(thousandths: 300) }
        clinic.event(.deliveryStarted, try at("03:51:26"))
        clinic.event(.bolus, try at("03:52:27")) { $0.delivered = .units(thousandths: 1000) }
        clinic.event(.rewind, try at("03:53:16"))
        clinic.event(.rewind, try at("03:53:22"))
        clinic.event(.primed, try at("03:53:27")) { $0.primeType = .manual }
        clinic.event(.primed, try at("03:53:37")) { $0.primeType = .fixed }
        clinic.event(.bolus, try at("03:55:56")) { $0.delivered = .units(thousandths: 100) }
        let found = try findings(clinic, Self.paradigm, "2000-01-01", "2000-01-01")
        #expect(found.containers.map(\.containerClass) == [.new, .new])
        #expect(
            found.containers.map { $0.attached?.civil.description } == ["2000-01-01T00:00:16", "2000-01-01T03:53:27"])
        #expect(found.containers.allSatisfy { $0.isUncorrected && $0.order == nil && $0.attached?.utc == nil })
        #expect(found.containers[0].milliliters == 0.013)
        #expect(found.containers[1].records.count == 5)
        #expect(found.coverage.first?.isUncorrected == true)
        #expect(found.coverage.first?.gaps.first?.fromCivil == CivilDateTime("2000-01-01T03:40:23"))
        #expect(found.lines.isEmpty)
        // Read alone, the second recording begins with a reservoir in place: not a change.
        var second = clinic
        second.events["M1"]?.removeFirst(4)
        let alone = try findings(second, Self.paradigm, "2000-01-01", "2000-01-01")
        #expect(alone.containers.map(\.containerClass) == [.inPlace, .new])
    }

    @Test("a reservoir in place when the log begins is not counted again")
    func reservoirInPlace() throws {
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
        clinic.event(.bolus, try civil("2026-10-01T07:00"))
        clinic.event(.rewind, try civil("2026-10-02T07:00"))
        clinic.event(.primed, try civil("2026-10-02T07:01"))
        clinic.event(.bolus, try civil("2026-10-02T08:00"))
        let found = try findings(clinic, Self.paradigm)
        #expect(try found.line("A4225").used == 1)
        #expect(found.containers.first?.counted == .no)
        #expect(found.containers.first?.containerClass == .inPlace)
    }

    @Test("a superseded record does not count")
    func superseded() throws {
        var clinic = Clinic()
        try clinic.order(to: "2026-10-01")
        try clinic.deliver(2)
        let slots = try slots(2)
        clinic.dose(slots[0], id: "wrong")
        var log = clinic.log("M1")
        // The nurse corrected the bag's number: the first row stays, and the new one replaces it.
        var corrected = log.records[0]
        corrected.key = RecordKey("r:corrected")
        corrected.record.event.containerID = "right"
        corrected.supersedes = log.records[0].key
        log.records.insert(corrected, at: 1)
        let index = RegisterIndex(clinic.register)
        let timeline = PumpTimeline(log, signs: .attested, zones: index.zoneSpans(ofPump: "M1"))
        let found = try MonthCount(
            index, rules: RuleBook.shipped, period: try day("2026-10-01")...(try day("2026-10-31"))
        ).findings([timeline])
        #expect(found.containers.map(\.containerID) == ["right"])
    }
}

@Suite("The JSON that scripts stand on")
struct EncodingTests {
    private func keys(_ value: some Encodable) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: JSONEncoder().encode(value)) as? [String: Any])
    }

    @Test("a line of billable has every field of the contract, null where nothing is known")
    func billable() throws {
        var clinic = Clinic()
        try clinic.order { $0.continuous(hang: 24) }
        clinic.register.orders[0].hangLimitHours = nil
        clinic.register.assignments = []
        let found = try keys(try clinic.line())
        for key in [
            "order", "patient", "pump", "pumpHcpcs", "hcpcs", "mode", "prepared", "used", "doses", "ceiling", "fewest",
            "supported", "excused", "review", "over", "avoidable", "unknown", "payable", "basis", "holds", "containers",
            "pumps",
        ] { #expect(found[key] != nil, "\(key)") }
        for key in ["pump", "pumpHcpcs", "doses", "ceiling", "fewest", "supported", "over", "avoidable", "payable"] {
            #expect(found[key] is NSNull, "\(key)")
        }
        #expect(found["mode"] as? String == "continuous")
        #expect((found["unknown"] as? [String: Int]) == ["low": 0, "high": 0])
        let hold = try #require((found["holds"] as? [[String: Any]])?.first { $0["rule"] as? String == "R3" })
        #expect(hold["column"] as? String == "hang_limit_hours")
    }

    @Test("a line of usage has every field of the contract, and reads back")
    func usage() throws {
        var clinic = Clinic()
        try clinic.order()
        clinic.dose(try civil("2026-10-01T06:00"), id: "b")
        let row = try #require(try clinic.findings().containers.first)
        let found = try keys(row)
        for key in [
            "container", "order", "pump", "channel", "attachedAt", "firstFlowAt", "endedAt", "attachedAtCivil",
            "firstFlowAtCivil", "endedAtCivil", "volumeMl", "doses", "counted", "reason", "rule", "records",
        ] { #expect(found[key] != nil, "\(key)") }
        #expect(found["container"] as? String == "c:O1/b")
        #expect(found["firstFlowAt"] as? String == "2026-10-01T10:00:00Z")
        #expect(found["firstFlowAtCivil"] as? String == "2026-10-01T06:00:00")
        #expect(found["counted"] as? String == "yes")
        #expect(found["rule"] as? String == "R2")
        #expect((found["records"] as? [String])?.first == "r:M1-1")
        #expect(try JSONDecoder().decode(ContainerUse.self, from: JSONEncoder().encode(row)) == row)
    }
}
