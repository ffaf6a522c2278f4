import PumpCore
import Register
import Supplies
import TestSupport
import Testing
import Timeline

/// What must hold of every month.
@Suite("Properties of every month")
struct PropertyTests {
    static let months = RandomMonths.count(120)

    @Test(
        "supported is at most prepared and at most the ceiling, payable at most supported, and the parts are disjoint")
    func bounds() throws {
        for seed in 0..<Self.months {
            var random = SeededGenerator(seed: UInt64(seed))
            let clinic = try RandomMonths.intermittent(&random)
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
            let clinic = try RandomMonths.intermittent(&random)
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
            let clinic = try RandomMonths.intermittent(&random)
            let (whole, parts) = try Self.split(from: "2026-09-25", to: "2026-12-05", &random)
            let all = try clinic.findings([whole] + parts)
            let lines = all.map { findings in findings.lines.first { $0.hcpcs == "A4222" } }
            for (name, value) in Self.additive {
                let values = lines.map { line in line.flatMap { value($0) } ?? 0 }
                #expect(values[0] == values.dropFirst().reduce(0, +), "seed \(seed): \(name) \(values)")
            }
            for (before, after) in zip(lines.dropFirst(), lines.dropFirst(2)) {
                guard let before, let after else { continue }
                #expect(before.carried == after.opening, "seed \(seed)")
            }
            // Never more than prepared: where a delivery is missing on record, a part may be cut that the whole is not.
            if !lines.contains(where: { $0?.heldBy.contains("R9") ?? false }) {
                let supported = lines.map { $0?.supported ?? 0 }
                #expect(supported[0] == supported.dropFirst().reduce(0, +), "seed \(seed): \(supported)")
            }
        }
    }

    private static let additive: [(String, @Sendable (BillableLine) -> Int?)] = [
        ("used", { $0.used }), ("doses", { $0.doses }), ("prepared", { $0.prepared }), ("excused", { $0.excused }),
        ("review", { $0.review }),
        ("delivered", { $0.delivered }), ("returned", { $0.returned }),
    ]

    /// A period and two to four parts of it.
    private static func split(
        from: String, to: String, _ random: inout SeededGenerator
    ) throws -> (whole: ClosedRange<CivilDate>, parts: [ClosedRange<CivilDate>]) {
        let first = try day(from)
        let last = try day(to)
        let days = last.dayNumber - first.dayNumber + 1
        let cuts = Set(
            (0..<Int.random(in: 1...3, using: &random)).map { _ in Int.random(in: 1..<days, using: &random) })
        let borders = [0] + cuts.sorted() + [days]
        return (
            first...last,
            zip(borders, borders.dropFirst()).map { first.adding(days: $0)...first.adding(days: $1 - 1) }
        )
    }

    @Test("of continuous infusion too: used, fewest and prepared of the parts are those of the whole")
    func continuousSplits() throws {
        for seed in 0..<Self.months {
            var random = SeededGenerator(seed: UInt64(seed) &+ 25_000)
            var clinic = Clinic()
            let life = [24, 36, 48, 72].randomElement(using: &random) ?? 24
            try clinic.order(from: "2026-10-01T08:00", to: "2026-11-20T08:00") { order in
                order.continuous(hang: Double(life))
                order.changeIntervalHours = life == 36 ? 12 : nil
            }
            var at = try civil("2026-10-01T08:00")
            var bags = 0
            while at < (try civil("2026-11-20T08:00")) {
                clinic.hang(at, id: "b\(bags)")
                if Int.random(in: 0..<8, using: &random) == 0 {
                    clinic.event(.alarm, at.adding(seconds: 5400)) { $0.alarm = .occlusion }
                }
                bags += 1
                at = at.adding(seconds: Int.random(in: 2...(life / 4 + 2), using: &random) * 3600 * 4)
            }
            clinic.event(.note, try civil("2026-11-20T09:00"))
            try clinic.deliver(bags + 3)
            let (whole, parts) = try Self.split(from: "2026-09-28", to: "2026-11-30", &random)
            let lines = try clinic.findings([whole] + parts).map { findings in
                findings.lines.first { $0.hcpcs == "A4222" }
            }
            for (name, value) in Self.additive + [("fewest", { @Sendable line in line.fewest })] where name != "review"
            {
                let values = lines.map { line in line.flatMap { value($0) } ?? 0 }
                #expect(values[0] == values.dropFirst().reduce(0, +), "seed \(seed): \(name) \(values)")
            }
            #expect(lines[0]?.used == bags, "seed \(seed)")
        }
    }

    @Test("rows of several codes add up to the order, and each is made of its own stock")
    func severalCodes() throws {
        for seed in 0..<Self.months {
            var random = SeededGenerator(seed: UInt64(seed) &+ 27_000)
            let clinic = try RandomMonths.severalCodes(&random)
            let (whole, parts) = try Self.split(from: "2026-09-25", to: "2026-11-20", &random)
            let periods = [whole] + parts
            let found = try clinic.findings(periods).map { findings in findings.lines.filter { $0.used != nil } }
            for (days, lines) in zip(periods, found) {
                func sum(_ value: (BillableLine) -> Int?) -> Int { lines.reduce(0) { $0 + (value($1) ?? 0) } }
                let delivered = clinic.register.deliveries.filter { days.contains($0.date) }
                #expect(sum(\.delivered) == delivered.reduce(0) { $0 + $1.quantity } || lines.isEmpty, "seed \(seed)")
                let returned = clinic.register.dispositions.filter { $0.reason == .returned && days.contains($0.date) }
                #expect(sum(\.returned) == returned.reduce(0) { $0 + $1.quantity } || lines.isEmpty, "seed \(seed)")
                for line in lines {
                    let stock = line.opening + line.delivered - line.returned - line.carried
                    #expect(line.prepared == max(0, stock), "seed \(seed) \(line.hcpcs)")
                    #expect(line.supported.map { $0 <= max(0, stock) } ?? false, "seed \(seed) \(line.hcpcs)")
                }
            }
            for (before, after) in zip(found.dropFirst(), found.dropFirst(2)) where !before.isEmpty && !after.isEmpty {
                #expect(
                    before.reduce(0) { $0 + $1.carried } == after.reduce(0) { $0 + $1.opening }, "seed \(seed)")
            }
            // More returned than there was: what is below nothing cannot be taken from another part.
            let isReturnedInExcess = found.joined().contains { $0.opening + $0.delivered < $0.returned + $0.carried }
            for value in [\BillableLine.used, \.doses, \.prepared].prefix(isReturnedInExcess ? 2 : 3) {
                let sums = found.map { lines in lines.reduce(0) { $0 + ($1[keyPath: value] ?? 0) } }
                #expect(sums[0] == sums.dropFirst().reduce(0, +), "seed \(seed) \(sums)")
            }
        }
    }

    @Test("reconciliation: the opening is the closing before, and parts of a period add up")
    func reconciliation() throws {
        for seed in 0..<Self.months {
            var random = SeededGenerator(seed: UInt64(seed) &+ 28_000)
            let clinic = try RandomMonths.intermittent(&random)
            let (whole, parts) = try Self.split(from: "2026-09-25", to: "2026-12-05", &random)
            let index = RegisterIndex(clinic.register)
            let timelines = clinic.timelines(index)
            let rules = try RuleBook.shipped
            let lines = ([whole] + parts).map { period in
                MonthCount(index, rules: rules, period: period).reconciliation(timelines)
                    .first { $0.hcpcs == "A4222" }
            }
            for line in lines.compactMap({ $0 }) {
                let gone = line.used + line.attested + line.wasted + line.returned + line.lost
                #expect(line.expected == line.opening + line.delivered - gone, "seed \(seed)")
                #expect(line.counted == nil && line.status == .notCounted, "seed \(seed)")
            }
            for (before, after) in zip(lines.dropFirst(), lines.dropFirst(2)) {
                guard let before, let after else { continue }
                #expect(before.expected == after.opening, "seed \(seed)")
            }
            guard !lines.contains(where: { $0 == nil }) else { continue }
            for value in [
                \ReconcileLine.delivered, \.used, \.attested, \.wasted, \.returned, \.lost, \.billed,
            ] {
                let values = lines.map { $0?[keyPath: value] ?? 0 }
                #expect(values[0] == values.dropFirst().reduce(0, +), "seed \(seed) \(values)")
            }
        }
    }

    @Test("nothing changes when rows of the register come in another order")
    func registerOrder() throws {
        for seed in 0..<Self.months / 2 {
            var random = SeededGenerator(seed: UInt64(seed) &+ 30_000)
            var clinic = try seed % 2 == 0 ? RandomMonths.intermittent(&random) : RandomMonths.severalCodes(&random)
            let before = try clinic.findings()
            clinic.register.deliveries.shuffle(using: &random)
            clinic.register.assignments.shuffle(using: &random)
            clinic.register.pumps.shuffle(using: &random)
            let after = try clinic.findings()
            #expect(before.lines == after.lines, "seed \(seed)")
            #expect(before.containers == after.containers, "seed \(seed)")
        }
    }

    @Test("a nurse's visit, a cassette that she puts back and what she writes never change a count")
    func visits() throws {
        for seed in 0..<Self.months {
            var random = SeededGenerator(seed: UInt64(seed) &+ 40_000)
            var clinic = try RandomMonths.intermittent(&random)
            let before = try clinic.findings()
            var entries: [Clinic.Entry] = []
            var hanging: String?
            for entry in clinic.events["M1"] ?? [] {
                entries.append(entry)
                if entry.event.kind == .containerAttached { hanging = entry.event.containerID }
                if entry.event.kind == .containerDetached { hanging = nil }
                func add(_ kind: EventKind, after seconds: Int, id: String? = nil) {
                    entries.append(
                        Clinic.Entry(
                            sequence: 0, at: entry.at.adding(seconds: seconds), channel: 1,
                            event: PumpEvent(kind) { $0.containerID = id }))
                }
                if entry.event.kind == .doseCompleted, let id = hanging, Int.random(in: 0..<4, using: &random) == 0 {
                    add(.containerDetached, after: 20)
                    add(.containerAttached, after: 50, id: id)
                }
                if Int.random(in: 0..<5, using: &random) == 0 {
                    let kinds: [EventKind] = [
                        .note, .setting, .battery, .unknown, .counter, .containerLow, .alarmCleared,
                    ]
                    add(kinds.randomElement(using: &random) ?? .note, after: 0)
                }
            }
            for place in entries.indices { entries[place].sequence = place + 1 }
            clinic.events["M1"] = entries
            let index = RegisterIndex(clinic.register)
            var log = clinic.log("M1")
            // Read at several visits, of which every one moves the clock's correction by nothing.
            for place in log.records.indices {
                log.records[place].readAt = Instant("2026-10-02T15:00:00Z")?.adding(seconds: place / 50 * 500_000)
            }
            let after = try MonthCount(
                index, rules: RuleBook.shipped, period: try day("2026-10-01")...(try day("2026-10-31"))
            ).findings([PumpTimeline(log, signs: .attested, zones: index.zoneSpans(ofPump: "M1"))])
            // A container without an id is called by its first record, which has another number now; and notes say up to
            // which second the log is known.
            var (expected, line) = (try before.line(), try after.line())
            #expect(expected.containers.count == line.containers.count, "seed \(seed)")
            (expected.containers, line.containers) = ([], [])
            (expected.notes, line.notes) = ([], [])
            #expect(expected == line, "seed \(seed)")
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
            // And a wider gap leaves a wider range.
            let left = clinic.events["M1"]?.count ?? 0
            guard left > 3 else { continue }
            let from = Int.random(in: 0..<left, using: &random)
            clinic.events["M1"]?.removeSubrange(from..<min(left, from + Int.random(in: 1...20, using: &random)))
            guard let wider = try? clinic.line(), let least = wider.supported else { continue }
            #expect(least <= supported, "seed \(seed)")
            #expect(
                supported + holed.unknown.high <= least + wider.unknown.high,
                "seed \(seed): \(supported) \(holed.unknown) \(least) \(wider.unknown)")
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
