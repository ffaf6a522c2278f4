import PumpCore
import Register

/// What of an order's period falls to each supply code: by the pump and the day of each ordered dose and hang time, so
/// that the lines of a period add up to the whole, and months to the period (contract, Counting 14 and 20).
struct CodeShares {
    struct Share {
        /// Ordered slots that were given.
        var given = 0
        /// Ordered slots that were not.
        var notGiven = 0
        /// Hang times of rule R3.
        var fewest = 0
        /// Excused containers, by the day of the dose or hang that they were for.
        var excused: [CivilDate] = []

        var isNothing: Bool { given == 0 && fewest == 0 && excused.isEmpty }
    }

    /// Time of the period in which one code holds with one pump.
    struct Stretch {
        /// Wall seconds.
        var span: WallSpan
        var pump: String?
        var code: String
    }

    /// In the order of time; they fill the period.
    private(set) var stretches: [Stretch] = []
    private(set) var byCode: [String: Share] = [:]

    init(_ month: OrderMonth) {
        let plan = month.fold.plan
        let whole = WallSpan(
            month.days.lowerBound.dayNumber * Seconds.day,
            month.days.upperBound.adding(days: 1).dayNumber * Seconds.day)
        stretches = Self.stretches(month, whole)
        let used = month.containers.indices.filter { month.containers[$0].isUsed }
        let isOneCode =
            Set(stretches.map(\.code)).count == 1
            && used.allSatisfy { month.containerCodes[$0] == stretches[0].code }
        if let slots = plan.slots, plan.hasDoses {
            let numbers = slots.numbers(in: whole)
            let given = month.fold.given
            let inside = given[given.partition(from: numbers.lowerBound)..<given.partition(from: numbers.upperBound)]
            if isOneCode {
                byCode[stretches[0].code, default: Share()].given = inside.count
                byCode[stretches[0].code, default: Share()].notGiven = max(0, numbers.count - inside.count)
            } else {
                count(numbers, given: Set(inside), used.map { month.containers[$0] }, slots, month)
            }
        }
        let walls = month.fold.hang.walls
        for stretch in stretches {
            byCode[stretch.code, default: Share()].fewest +=
                walls.partition(from: stretch.span.to) - walls.partition(from: stretch.span.from)
        }
        for excused in month.fold.unused.excused where month.days.contains(excused.day) {
            byCode[code(on: excused.day), default: Share()].excused.append(excused.day)
        }
    }

    subscript(code: String) -> Share { byCode[code] ?? Share() }

    /// The newest pump of a day, which its units without a container go with.
    func pump(on day: CivilDate) -> String? { stretch(on: day)?.pump }

    /// The last time of the period in which a code holds.
    func last(_ code: String) -> Stretch? { stretches.last { $0.code == code } }

    /// The code that holds at the end of a day.
    func code(on day: CivilDate) -> String { stretch(on: day)?.code ?? "" }

    private func stretch(on day: CivilDate) -> Stretch? { stretch(at: day.adding(days: 1).dayNumber * Seconds.day - 1) }

    private func stretch(at wall: Int) -> Stretch? { stretches.last { $0.span.from <= wall } ?? stretches.first }

    /// A dose that was given goes with the pump of the container that gave it, any other with the pump assigned then.
    private mutating func count(
        _ numbers: Range<Int>, given: Set<Int>, _ used: [FoldedContainer], _ slots: DoseSlots, _ month: OrderMonth
    ) {
        var pumpOfSlot: [Int: String] = [:]
        for container in used {
            guard let pump = month.pump(of: container) else { continue }
            for slot in container.slots where pumpOfSlot[slot] == nil || container.upheldBy == slot {
                pumpOfSlot[slot] = pump
            }
        }
        var codes: [String: String] = [:]
        for number in numbers {
            let wall = slots.wall(number)
            guard let place = stretches.lastIndex(where: { $0.span.from <= wall }) else { continue }
            let stretch = stretches[place]
            guard given.contains(number) else {
                byCode[stretch.code, default: Share()].notGiven += 1
                continue
            }
            var code = stretch.code
            if let pump = pumpOfSlot[number], pump != stretch.pump {
                // Between the borders of the stretches no code changes, so one look-up a pump and stretch is enough.
                let key = "\(place) \(pump)"
                code = codes[key] ?? month.code(ofPump: pump, on: CivilDateTime(wallSeconds: wall).date)
                codes[key] = code
            }
            byCode[code, default: Share()].given += 1
        }
    }

    private static func stretches(_ month: OrderMonth, _ whole: WallSpan) -> [Stretch] {
        let plan = month.fold.plan
        var borders: Set<Int> = [whole.from]
        for time in plan.assignments { borders.insert(time.span.from) }
        for day in RuleStretches.borders(of: month.codes.supplies) { borders.insert(day * Seconds.day) }
        let starts = borders.filter { whole.contains($0) }.sorted()
        var stretches: [Stretch] = []
        for (place, start) in starts.enumerated() {
            let end = place + 1 < starts.count ? starts[place + 1] : whole.to
            let pump = plan.pump(before: start + 1)
            let code = month.code(ofPump: pump, on: CivilDateTime(wallSeconds: start).date)
            stretches.append(Stretch(span: WallSpan(start, end), pump: pump, code: code))
        }
        return stretches
    }
}
