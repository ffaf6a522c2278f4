import Foundation
import PumpCore
import Register
import Supplies
import TestSupport
import Testing
import Timeline

/// How many random months a test looks at: few in every run, many where PUMPLEDGER_MONTHS asks for a multiple.
enum RandomMonths {
    static func count(_ usual: Int) -> Int {
        usual * max(1, ProcessInfo.processInfo.environment["PUMPLEDGER_MONTHS"].flatMap { Int($0) } ?? 1)
    }
}

/// Random months, seeded: what must hold of every one of them.
@Suite("Properties of every month")
struct PropertyTests {
    /// An intermittent order of up to eight weeks, given as people give: late, early, twice, not at all, from bags with and
    /// without ids, with alarms, interruptions, stays and dispositions.
    static func month(_ random: inout SeededGenerator, faults: Bool = false) throws -> Clinic {
        var clinic = Clinic()
        let days = Int.random(in: 10...56, using: &random)
        let last = try day("2026-10-01").adding(days: days - 1)
        let hours = [[6, 18], [6, 14, 22], [9], [0, 6, 12, 18]][Int.random(in: 0..<4, using: &random)]
        let perBag = [1, 1, 1, 4][Int.random(in: 0..<4, using: &random)]
        try clinic.order(to: Bool.random(using: &random) ? last.description : nil) {
            $0.schedule = .timesOfDay(hours.map { $0 * 3600 })
            $0.dosesPerContainer = perBag
            $0.coverage = [.kx, .kx, nil].randomElement(using: &random) ?? nil
        }
        let slots = try slots(hours.count * days, hours: hours)
        if Int.random(in: 0..<3, using: &random) == 0 {
            let from = slots[Int.random(in: 0..<slots.count, using: &random)].adding(seconds: -7200)
            let to = from.adding(seconds: Int.random(in: 1...6, using: &random) * 43_200)
            try clinic.stay(
                from.description, Bool.random(using: &random) ? to.description : nil,
                Bool.random(using: &random) ? .emergency : .planned)
        }
        var bags = 0
        for (number, slot) in slots.enumerated() {
            switch Int.random(in: 0..<24, using: &random) {
            case 0: continue
            case 1:
                // Changed in mid-dose, perhaps after an alarm.
                clinic.event(.containerAttached, slot.adding(seconds: -300), id: "b\(number)")
                clinic.event(.doseStarted, slot)
                if Bool.random(using: &random) {
                    clinic.event(.alarm, slot.adding(seconds: 500)) { $0.alarm = .occlusion }
                }
                clinic.event(.containerDetached, slot.adding(seconds: 600))
                clinic.event(.containerAttached, slot.adding(seconds: 700), id: "x\(number)")
                clinic.event(.doseCompleted, slot.adding(seconds: 3600))
                bags += 2
            case 2:
                // An extra dose.
                clinic.dose(slot, id: "b\(number)")
                clinic.dose(slot.adding(seconds: 7200), id: "p\(number)")
                bags += 2
            case 3:
                // Taken off and put back without id, and perhaps with a reset after a power-off.
                clinic.dose(slot, id: nil, late: Int.random(in: -30...90, using: &random))
                if Bool.random(using: &random) {
                    clinic.event(.powerOff, slot.adding(seconds: 9000))
                    clinic.event(.reservoirReset, slot.adding(seconds: 9100))
                }
            default:
                if number % perBag == 0 || Int.random(in: 0..<8, using: &random) == 0 {
                    clinic.dose(slot, id: "b\(number)", late: Int.random(in: -30...90, using: &random))
                    bags += 1
                } else {
                    clinic.event(.doseStarted, slot)
                    clinic.event(.doseCompleted, slot.adding(seconds: 3000))
                }
            }
        }
        var left = bags + Int.random(in: 0...6, using: &random)
        while left > 0 {
            let part = min(left, Int.random(in: 5...60, using: &random))
            let on = try day("2026-10-01").adding(days: Int.random(in: 0...(days / 2), using: &random))
            try clinic.deliver(part, on: on.description)
            left -= part
        }
        if Bool.random(using: &random) {
            let reasons: [Disposition.Reason] = [
                .emergencyAdmission, .drugToxicity, .damaged, .plannedAdmission, .lost,
            ]
            try clinic.dispose(
                Int.random(in: 1...6, using: &random), reasons.randomElement(using: &random) ?? .other,
                on: try day("2026-10-01").adding(days: Int.random(in: 0..<days, using: &random)).description)
        }
        return clinic
    }

    static let months = RandomMonths.count(100)

    @Test(
        "supported is at most prepared and at most the ceiling, payable at most supported, and the parts are disjoint")
    func bounds() throws {
        for seed in 0..<Self.months {
            var random = SeededGenerator(seed: UInt64(seed))
            let clinic = try Self.month(&random)
            for findings in try clinic.findings([
                try day("2026-10-01")...(try day("2026-10-31")), try day("2026-11-01")...(try day("2026-11-30")),
                try day("2026-10-10")...(try day("2026-10-12")),
            ]) {
                for line in findings.lines where line.hcpcs == "A4222" {
                    let prepared = try #require(line.prepared)
                    let supported = try #require(line.supported)
                    let ceiling = try #require(line.ceiling)
                    #expect(0 <= supported && supported <= prepared, "seed \(seed)")
                    #expect(supported <= ceiling, "seed \(seed)")
                    #expect(try #require(line.payable) <= supported, "seed \(seed)")
                    #expect(
                        line.over == max(0, prepared - supported - line.review - line.unknown.high), "seed \(seed)")
                    #expect(line.unknown.low <= line.unknown.high, "seed \(seed)")
                    #expect(line.containers.count == line.used, "seed \(seed)")
                    #expect(Set(line.containers).count == line.containers.count, "seed \(seed)")
                    #expect(line.doses.map { $0 <= ceiling } ?? false, "seed \(seed)")
                    #expect(line.opening + line.delivered - line.returned - line.carried <= prepared, "seed \(seed)")
                }
                let ids = findings.containers.map(\.id)
                #expect(Set(ids).count == ids.count, "seed \(seed)")
                #expect(findings.containers.allSatisfy { !$0.reason.isEmpty && !$0.records.isEmpty }, "seed \(seed)")
            }
        }
    }

    @Test("each container is upheld once, and each slot upholds one")
    func upheldOnce() throws {
        for seed in 0..<Self.months {
            var random = SeededGenerator(seed: UInt64(seed) &+ 10_000)
            let clinic = try Self.month(&random)
            let index = RegisterIndex(clinic.register)
            var count = MonthCount(
                index, rules: try RuleBook.shipped, period: try day("2026-10-01")...(try day("2026-11-30")))
            count.wantsAccounts = true
            let findings = count.findings(clinic.timelines(index))
            let account = try #require(findings.accounts.first)
            let upheld = account.slots.compactMap(\.upholds)
            #expect(Set(upheld).count == upheld.count, "seed \(seed)")
            let yes = findings.containers.filter { $0.counted == .yes }.map(\.id)
            #expect(Set(upheld) == Set(yes), "seed \(seed)")
            let line = try findings.line()
            #expect(line.supported == min(upheld.count + line.excused, line.prepared ?? 0), "seed \(seed)")
            #expect(account.slots.filter { $0.fate == .given }.count == line.doses, "seed \(seed)")
            #expect(account.slots.filter { $0.fate == .excused }.count == line.excused, "seed \(seed)")
        }
    }

    @Test("the parts of a split period add up to the whole, and opening(P+1) is closing(P)")
    func splits() throws {
        for seed in 0..<Self.months {
            var random = SeededGenerator(seed: UInt64(seed) &+ 20_000)
            let clinic = try Self.month(&random)
            let first = try day("2026-09-25")
            let last = try day("2026-12-05")
            let cut = first.adding(days: Int.random(in: 1..<70, using: &random))
            let all = try clinic.findings([first...last, first...cut.adding(days: -1), cut...last])
            let lines = all.map { findings in findings.lines.first { $0.hcpcs == "A4222" } }
            func sum(_ value: (BillableLine) -> Int?) -> [Int] { lines.map { $0.flatMap(value) ?? 0 } }
            for (name, values) in [
                ("used", sum(\.used)), ("doses", sum(\.doses)), ("prepared", sum(\.prepared)),
                ("excused", sum(\.excused)), ("review", sum(\.review)), ("delivered", sum(\.delivered)),
            ] {
                #expect(values[0] == values[1] + values[2], "seed \(seed): \(name) \(values)")
            }
            if let before = lines[1], let after = lines[2] {
                #expect(before.carried == after.opening, "seed \(seed)")
            }
            // Never more than prepared: where a delivery is missing on record, a part may be cut that the whole is not.
            if !lines.contains(where: { $0?.holds.contains { $0.rule == "R9" } ?? false }) {
                let supported = sum(\.supported)
                #expect(supported[0] == supported[1] + supported[2], "seed \(seed): \(supported)")
            }
        }
    }

    @Test("nothing changes when rows of the register come in another order")
    func registerOrder() throws {
        for seed in 0..<Self.months / 3 {
            var random = SeededGenerator(seed: UInt64(seed) &+ 30_000)
            var clinic = try Self.month(&random)
            let before = try clinic.findings()
            clinic.register.deliveries.shuffle(using: &random)
            clinic.register.assignments.shuffle(using: &random)
            clinic.register.pumps.shuffle(using: &random)
            let after = try clinic.findings()
            #expect(before.lines == after.lines, "seed \(seed)")
            #expect(before.containers == after.containers, "seed \(seed)")
        }
    }

    @Test("a nurse's visit, and records that say nothing of containers, never change a count")
    func visits() throws {
        for seed in 0..<Self.months / 3 {
            var random = SeededGenerator(seed: UInt64(seed) &+ 40_000)
            var clinic = try Self.month(&random)
            let before = try clinic.findings()
            var entries: [Clinic.Entry] = []
            for entry in clinic.events["M1"] ?? [] {
                entries.append(entry)
                if Int.random(in: 0..<5, using: &random) == 0 {
                    let kinds: [EventKind] = [
                        .note, .setting, .battery, .unknown, .counter, .containerLow, .alarmCleared,
                    ]
                    entries.append(
                        Clinic.Entry(
                            sequence: 0, at: entry.at, channel: 1,
                            event: PumpEvent(kinds.randomElement(using: &random) ?? .note)))
                }
            }
            for place in entries.indices { entries[place].sequence = place + 1 }
            clinic.events["M1"] = entries
            let after = try clinic.findings()
            let (a, b) = (try before.line(), try after.line())
            #expect(a.used == b.used && a.supported == b.supported && a.doses == b.doses, "seed \(seed)")
            #expect(a.review == b.review && a.over == b.over && a.unknown == b.unknown, "seed \(seed)")
        }
    }

    @Test("a gap only widens: what was supported without it lies in the range with it")
    func gaps() throws {
        for seed in 0..<Self.months {
            var random = SeededGenerator(seed: UInt64(seed) &+ 50_000)
            var clinic = Clinic()
            try clinic.order()
            try clinic.deliver(60)
            for (number, slot) in try slots(60).enumerated() where Int.random(in: 0..<10, using: &random) > 0 {
                clinic.dose(slot, id: "b\(number)", late: Int.random(in: -20...40, using: &random))
            }
            let whole = try clinic.line()
            let count = clinic.events["M1"]?.count ?? 0
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let left = clinic.events["M1"]?.count ?? 0
                let from = Int.random(in: 0..<left, using: &random)
                clinic.events["M1"]?.removeSubrange(from..<min(left, from + Int.random(in: 1...14, using: &random)))
            }
            guard clinic.events["M1"]?.count != count else { continue }
            let holed = try clinic.line()
            let truth = try #require(whole.supported)
            let supported = try #require(holed.supported)
            #expect(supported + holed.unknown.low <= truth, "seed \(seed)")
            #expect(truth <= supported + holed.unknown.high, "seed \(seed): \(truth) \(supported) \(holed.unknown)")
            #expect(whole.unknown.isZero || holed.unknown.high >= 0, "seed \(seed)")
        }
    }

    @Test("of continuous infusion as well: a gap only widens")
    func continuousGaps() throws {
        for seed in 0..<Self.months {
            var random = SeededGenerator(seed: UInt64(seed) &+ 60_000)
            var clinic = Clinic()
            let life = [24, 48, 72].randomElement(using: &random) ?? 24
            try clinic.order(from: "2026-10-01T08:00", to: "2026-10-31T08:00") { $0.continuous(hang: Double(life)) }
            let habit = Bool.random(using: &random) ? life : 24
            var at = try civil("2026-10-01T08:00")
            var bags = 0
            while at < (try civil("2026-10-31T08:00")) {
                clinic.hang(at.adding(seconds: Int.random(in: -600...600, using: &random)), id: "b\(bags)")
                bags += 1
                at = at.adding(seconds: habit * 3600)
            }
            clinic.event(.note, try civil("2026-10-31T08:00"))
            try clinic.deliver(bags)
            let whole = try clinic.line()
            #expect(whole.unknown.isZero, "seed \(seed) \(whole.notes)")
            let left = clinic.events["M1"]?.count ?? 0
            let from = Int.random(in: 0..<left, using: &random)
            clinic.events["M1"]?.removeSubrange(from..<min(left, from + Int.random(in: 1...9, using: &random)))
            let holed = try clinic.line()
            let supported = try #require(holed.supported)
            #expect(supported <= bags, "seed \(seed)")
            #expect(bags <= supported + holed.unknown.high, "seed \(seed): \(bags) \(supported) \(holed.unknown)")
        }
    }
}
