import PumpCore
import Register
import Supplies
import TestSupport
import Testing

/// R2 written a second time, slow and obvious: which slot each dose takes is found by looking at all of them, and how
/// many containers can be upheld by trying everything.
struct SlowIntermittent {
    var slots: [CivilDateTime]
    /// Attempts in the order of time, each with its container.
    var attempts: [(at: CivilDateTime, slot: CivilDateTime?, container: String)]

    /// Container to the slots that it served; doses given.
    func served() -> (containers: [String: Set<Int>], given: Set<Int>, extra: Set<String>) {
        var taken: [Int: Int] = [:]
        for (number, attempt) in attempts.enumerated() {
            if let slot = attempt.slot, let place = slots.firstIndex(of: slot) { taken[place] = number }
        }
        var containers: [String: Set<Int>] = [:]
        var extra: Set<String> = []
        for (number, attempt) in attempts.enumerated() {
            if let slot = attempt.slot {
                if let place = slots.firstIndex(of: slot) {
                    containers[attempt.container, default: []].insert(place)
                } else {
                    extra.insert(attempt.container)
                }
                continue
            }
            var best: (place: Int, distance: Int)?
            for place in slots.indices where taken[place] == nil {
                let distance = abs(attempt.at.wallSeconds - slots[place].wallSeconds)
                if distance * 2 <= spacing(place, towards: attempt.at), distance < best?.distance ?? Int.max {
                    best = (place, distance)
                }
            }
            if let best {
                taken[best.place] = number
                containers[attempt.container, default: []].insert(best.place)
            } else {
                extra.insert(attempt.container)
            }
        }
        return (containers, Set(taken.keys), extra)
    }

    private func spacing(_ place: Int, towards at: CivilDateTime) -> Int {
        let day = 86_400
        let times = Set(slots.map(\.secondOfDay)).sorted()
        let own = slots[place].secondOfDay
        let index = times.firstIndex(of: own) ?? 0
        let next = index + 1 < times.count ? times[index + 1] - own : times[0] + day - own
        let before = index > 0 ? own - times[index - 1] : own + day - times[times.count - 1]
        return at >= slots[place] ? next : before
    }

    /// The most containers that distinct doses can uphold, by trying every choice.
    static func most(_ containers: [Set<Int>], _ used: Set<Int> = []) -> Int {
        guard let first = containers.first else { return 0 }
        let rest = Array(containers.dropFirst())
        var best = most(rest, used)
        for slot in first where !used.contains(slot) { best = max(best, 1 + most(rest, used.union([slot]))) }
        return best
    }
}

/// R3 written a second time: an hour hand goes through the stretch, and whenever nothing hangs that may still hang, a
/// container is hung.
struct SlowContinuous {
    var start: CivilDateTime
    var end: CivilDateTime
    var lifeHours: Int
    var stays: [(from: CivilDateTime, to: CivilDateTime)]
    var hung: [CivilDateTime]

    func hangTimes() -> [CivilDateTime] {
        var times: [CivilDateTime] = []
        var expires: CivilDateTime?
        var waits = false
        var hour = start
        while hour < end {
            let isAway = stays.contains { $0.from <= hour && hour < $0.to }
            if isAway {
                expires = nil
                waits = true
            } else if waits {
                // After a stay the next container that was really hung begins.
                if hung.contains(hour) {
                    times.append(hour)
                    expires = hour.adding(seconds: lifeHours * 3600)
                    waits = false
                }
            } else if expires.map({ hour >= $0 }) ?? true {
                times.append(hour)
                expires = hour.adding(seconds: lifeHours * 3600)
            }
            hour = hour.adding(seconds: 3600)
        }
        return times
    }

    static func life(hang: Int, usable: Int, concentration: Int, drug: Int, interval: Int?) -> Int {
        // In whole hours: usable × concentration × 24 ÷ drug a day, rounded down to the interval.
        var best = 0
        let step = interval ?? 24
        var hours = step
        while hours <= hang, hours * drug <= usable * concentration * 24 {
            best = hours
            hours += step
        }
        return best
    }
}

@Suite("A second, slow implementation agrees")
struct OracleTests {
    static let months = RandomMonths.count(10_000)

    @Test("R2 on 10,000 random small months")
    func intermittent() throws {
        let zone = try #require(HomeZone(identifier: "America/New_York"))
        let october = [try day("2026-10-01")...(try day("2026-10-31"))]
        for seed in 0..<Self.months {
            var random = SeededGenerator(seed: UInt64(seed))
            let hours = [[6, 18], [6, 14, 22], [8], [0, 6, 12, 18], [7, 9, 20]][Int.random(in: 0..<5, using: &random)]
            let days = Int.random(in: 1...3, using: &random)
            var clinic = Clinic(zone: zone)
            let last = try day("2026-10-01").adding(days: days - 1)
            try clinic.order(to: last.description) { $0.schedule = .timesOfDay(hours.map { $0 * 3600 }) }
            let slots = try slots(hours.count * days, hours: hours)
            var slow = SlowIntermittent(slots: slots, attempts: [])
            var names = (0..<8).map { "b\($0)" }.shuffled(using: &random)
            var current = names.removeLast()
            var at = try civil("2026-10-01T00:00")
            let end = CivilDateTime(last.adding(days: 1))
            while true {
                at = at.adding(seconds: Int.random(in: 1...36, using: &random) * 900)
                guard at.adding(seconds: 1200) < end else { break }
                if Bool.random(using: &random), let next = names.popLast() { current = next }
                var slot: CivilDateTime?
                switch Int.random(in: 0..<6, using: &random) {
                case 0: slot = slots.randomElement(using: &random)
                case 1: slot = at
                default: break
                }
                clinic.event(.doseStarted, at, id: current, slot: slot)
                clinic.event(.doseCompleted, at.adding(seconds: 600), id: current, slot: slot)
                slow.attempts.append((at, slot, current))
            }
            // The log is complete to the order's end.
            clinic.event(.note, end.adding(seconds: -1))
            if clinic.events["M1"]?.first?.event.kind == .note { continue }
            let delivered = Int.random(in: 0...12, using: &random)
            try clinic.deliver(delivered)
            let served = slow.served()
            let containers = Set(slow.attempts.map(\.container))
            let most = SlowIntermittent.most(containers.sorted().map { served.containers[$0] ?? [] })
            let line = try #require(try clinic.findings(october, wantsContainers: false).first).line()
            #expect(line.used == containers.count, "seed \(seed)")
            #expect(line.doses == served.given.count, "seed \(seed)")
            #expect(line.ceiling == served.given.count, "seed \(seed)")
            #expect(line.supported == min(most, delivered), "seed \(seed)")
            let reviewed = containers.filter { served.containers[$0] == nil }.count
            #expect(line.review == reviewed, "seed \(seed)")
        }
    }

    @Test("R3 on 10,000 random small months")
    func continuous() throws {
        let zone = try #require(HomeZone(identifier: "America/New_York"))
        for seed in 0..<Self.months {
            var random = SeededGenerator(seed: UInt64(seed) &+ 1_000_000)
            var clinic = Clinic(zone: zone)
            let start = try civil("2026-10-20T00:00").adding(seconds: Int.random(in: 0..<240, using: &random) * 3600)
            let end = start.adding(seconds: Int.random(in: 24...600, using: &random) * 3600)
            let hang = Int.random(in: 12...200, using: &random)
            let usable = Int.random(in: 20...300, using: &random)
            let concentration = Int.random(in: 1...10, using: &random)
            let drug = Int.random(in: 50...500, using: &random)
            let interval = [nil, nil, 6, 12, 48].randomElement(using: &random) ?? nil
            let life = SlowContinuous.life(
                hang: hang, usable: usable, concentration: concentration, drug: drug, interval: interval)
            // Below one change interval the life stays as it is, which no whole hour says.
            guard life > 0 else { continue }
            try clinic.order(from: start.description, to: end.description) {
                $0.continuous(hang: Double(hang))
                $0.usableMilliliters = Double(usable)
                $0.maxConcentrationMgPerMl = Double(concentration)
                $0.drugMgPerDay = Double(drug)
                $0.changeIntervalHours = interval.map { Double($0) }
            }
            var stays: [(from: CivilDateTime, to: CivilDateTime)] = []
            if Int.random(in: 0..<3, using: &random) == 0 {
                let from = start.adding(seconds: Int.random(in: 1...200, using: &random) * 3600)
                let to = from.adding(seconds: Int.random(in: 1...100, using: &random) * 3600)
                stays = [(from, to)]
                try clinic.stay(from.description, to.description, .planned)
            }
            var hung: [CivilDateTime] = []
            var at = start
            while at < end {
                if !stays.contains(where: { $0.from <= at && at < $0.to }) {
                    clinic.event(.deliveryStarted, at, id: "b\(hung.count)")
                    hung.append(at)
                }
                at = at.adding(seconds: Int.random(in: 4...60, using: &random) * 3600)
                // One is always hung when the patient comes home.
                if let stay = stays.first, stay.from <= at, at < stay.to { at = stay.to }
            }
            clinic.event(.note, end)
            try clinic.deliver(hung.count, on: "2026-10-01")
            let slow = SlowContinuous(start: start, end: end, lifeHours: life, stays: stays, hung: hung)
            let times = slow.hangTimes()
            var used = 0
            let periods = try [
                ("2026-10-01", "2026-10-31"), ("2026-11-01", "2026-11-30"),
            ].map { try day($0.0)...(try day($0.1)) }
            for (days, findings) in zip(periods, try clinic.findings(periods, wantsContainers: false)) {
                let line = findings.lines.first { $0.hcpcs == "A4222" }
                let expected = times.filter { days.contains($0.date) }.count
                let hungThen = hung.filter { days.contains($0.date) }.count
                #expect(line?.fewest ?? 0 == expected, "seed \(seed) \(days.lowerBound)")
                #expect(line?.used ?? 0 == hungThen, "seed \(seed) \(days.lowerBound)")
                #expect(line?.avoidable ?? 0 == max(0, hungThen - expected), "seed \(seed) \(days.lowerBound)")
                #expect(line?.supported ?? 0 == hungThen, "seed \(seed) \(days.lowerBound)")
                #expect(line?.unknown.isZero ?? true, "seed \(seed) \(days.lowerBound)")
                used += line?.used ?? 0
            }
            #expect(used == hung.count, "seed \(seed)")
        }
    }
}
