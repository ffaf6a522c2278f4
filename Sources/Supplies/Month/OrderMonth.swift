import PumpCore
import Register

/// One order's numbers in one period, by supply code.
struct OrderMonth {
    let fold: OrderFold
    let days: ClosedRange<CivilDate>
    let codes: CodeTable
    /// Containers of the period, in the order of time.
    let containers: [FoldedContainer]
    private let pumpCode: (String) -> String?

    /// `pumpCode`: the HCPCS code of a pump by its serial; nil where the register does not know it.
    init(
        _ fold: OrderFold, in days: ClosedRange<CivilDate>, codes: CodeTable, pumpCode: @escaping (String) -> String?
    ) {
        self.fold = fold
        self.days = days
        self.codes = codes
        self.pumpCode = pumpCode
        containers = fold.containers.filter { days.contains($0.day) }
    }

    private var plan: OrderPlan { fold.plan }

    /// Whether there is anything to say of the order in this period.
    var isActive: Bool {
        let span = WallSpan(
            days.lowerBound.dayNumber * Seconds.day, days.upperBound.adding(days: 1).dayNumber * Seconds.day)
        return plan.span.overlaps(span) || !containers.isEmpty
            || fold.stock.delivered(in: days) != 0 || fold.stock.prepared(in: days) != 0
            || fold.unused.excused.contains { days.contains($0.day) }
            || (fold.unused.review + fold.unused.unsupported).contains { days.contains($0.day) }
    }

    /// The pump at the end of the period.
    var pump: String? { plan.pump(before: days.upperBound.adding(days: 1).dayNumber * Seconds.day) }

    /// Every pump assigned in the period, in the order of time.
    var pumps: [String] {
        let span = WallSpan(
            days.lowerBound.dayNumber * Seconds.day, days.upperBound.adding(days: 1).dayNumber * Seconds.day)
        var pumps: [String] = []
        for time in plan.assignments where time.span.overlaps(span) && !pumps.contains(time.pump) {
            pumps.append(time.pump)
        }
        return pumps
    }

    // MARK: Codes

    /// The code of a line comes from pump, container and date, never from the delivery (contract, Counting 14).
    func code(ofPump serial: String?, on day: CivilDate) -> String {
        let container = plan.order.container
        let pump = serial.flatMap(pumpCode) ?? Self.ordinaryPump
        if let supply = codes.supply(pump: pump, container: container.rawValue, on: day) { return supply.code }
        // Nothing is paid for these; the line that says so bears the code of a bag.
        return codes.supply(pump: pump, container: TherapyOrder.Container.bag.rawValue, on: day)?.code ?? Self.bagCode
    }

    /// Without a pump the code is what it would be with an ordinary one; payable is 0 all the same.
    private static let ordinaryPump = "E0781"
    private static let bagCode = "A4222"

    private func code(of container: FoldedContainer) -> String {
        code(ofPump: container.parts.first.map { fold.pumps[$0.pump] }, on: container.day)
    }

    var mainCode: String { code(ofPump: pump, on: min(days.upperBound, plan.lastDay ?? days.upperBound)) }

    /// The codes of the period, the main one first.
    var lineCodes: [String] {
        var found = [mainCode]
        for container in containers where container.isUsed {
            let code = code(of: container)
            if !found.contains(code) { found.append(code) }
        }
        return found
    }

    // MARK: Counts

    struct Counts {
        var prepared = 0
        var used = 0
        var doses: Int?
        var ceiling: Int?
        var fewest: Int?
        var supported: Int?
        var excused = 0
        var review = 0
        var over: Int?
        var avoidable: Int? = 0
        var unknown = CountRange()
        var holds: [Hold] = []
        /// Places in `containers` of those that are looked at because they came early and were more than the fewest.
        var earlyReview: Set<Int> = []
        /// Days of service of what is supported, in the order of time; at least as many.
        var units: [CivilDate] = []
        /// Certain containers used, doubtful ones left out.
        var certain = 0
    }

    func isSyringe(_ code: String) -> Bool { codes.code(code)?.counts == .syringe }

    func counts(of code: String, isUncoveredMixture: Bool = false) -> Counts {
        let isMain = code == mainCode
        let all = containers
        let own = all.indices.filter { all[$0].isUsed && self.code(of: all[$0]) == code }
        var counts = Counts()
        counts.used = own.count
        counts.certain = own.filter { !all[$0].isDoubtful }.count
        if isMain {
            let elsewhere = all.filter { $0.isUsed }.count - own.count
            counts.prepared = max(0, fold.stock.prepared(in: days) - elsewhere)
            counts.excused = fold.unused.excused.filter { days.contains($0.day) }.count
        } else {
            counts.prepared = own.count
        }
        if isMain, fold.stock.delivered(through: days.upperBound) == 0 {
            counts.holds.append(
                Hold(
                    rule: "R9", reason: "no delivery of containers is on record for this order",
                    column: "deliveries.csv"))
        } else if counts.certain > counts.prepared {
            counts.holds.append(
                Hold(
                    rule: "R9",
                    reason:
                        "\(counts.certain) used and only \(counts.prepared) prepared: a delivery is missing on record",
                    column: "quantity"))
        }
        countDoses(&counts, own.map { all[$0] }, isMain: isMain)
        countFewest(&counts, code)
        countReview(&counts, own, all, isMain: isMain, isUncoveredMixture: isUncoveredMixture)
        support(&counts, own, all, code, isUncoveredMixture: isUncoveredMixture)
        bound(&counts, own.map { all[$0] }, code, isMain: isMain)
        return counts
    }

    private func countDoses(_ counts: inout Counts, _ own: [FoldedContainer], isMain: Bool) {
        guard plan.hasDoses, let slots = plan.slots else { return }
        let span = WallSpan(
            days.lowerBound.dayNumber * Seconds.day, days.upperBound.adding(days: 1).dayNumber * Seconds.day)
        func isInPeriod(_ slot: Int) -> Bool { span.contains(slots.wall(slot)) }
        let given =
            isMain
            ? fold.given.partition(from: slots.numbers(in: span).upperBound)
                - fold.given.partition(from: slots.numbers(in: span).lowerBound)
            : Set(own.flatMap(\.slots)).filter(isInPeriod).count
        counts.doses = given
        let notGiven = max(0, slots.numbers(in: span).count - given)
        counts.ceiling = given + min(counts.excused * plan.order.dosesPerContainer, notGiven)
    }

    private func countFewest(_ counts: inout Counts, _ code: String) {
        guard plan.order.mode != .intermittent else { return }
        guard plan.life.seconds != nil else {
            counts.avoidable = nil
            // Of syringes those used are counted; how few would have done is then not known, and nothing waits for it.
            guard !isSyringe(code) else { return }
            for column in plan.life.missing {
                counts.holds.append(
                    Hold(rule: "R3", reason: "cannot assess: \(column) is missing in the order", column: column))
            }
            return
        }
        let from = days.lowerBound.dayNumber * Seconds.day
        let to = days.upperBound.adding(days: 1).dayNumber * Seconds.day
        let fewest = fold.hang.walls.partition(from: to) - fold.hang.walls.partition(from: from)
        counts.fewest = fewest
        counts.avoidable = max(0, counts.used - fewest)
    }

    private func countReview(
        _ counts: inout Counts, _ own: [Int], _ all: [FoldedContainer], isMain: Bool, isUncoveredMixture: Bool
    ) {
        if isUncoveredMixture {
            counts.review = own.count
        } else {
            counts.review = own.filter { all[$0].counted == .review }.count
            if !plan.hasDoses, let avoidable = counts.avoidable {
                counts.earlyReview = Set(own.filter { all[$0].isEarly && all[$0].counted != .review }.prefix(avoidable))
                counts.review += counts.earlyReview.count
            }
        }
        if isMain {
            for disposed in fold.unused.review where days.contains(disposed.day) { counts.review += disposed.quantity }
        }
    }

    private func support(
        _ counts: inout Counts, _ own: [Int], _ all: [FoldedContainer], _ code: String, isUncoveredMixture: Bool
    ) {
        if plan.hasDoses, plan.slots == nil {
            counts.holds.append(
                Hold(
                    rule: "R2", reason: "cannot assess: the order has neither dose_times nor dose_interval_hours",
                    column: "dose_times"))
            return
        }
        if plan.order.mode != .intermittent, plan.life.seconds == nil, !isSyringe(code) { return }
        let upheld =
            isUncoveredMixture
            ? []
            : own.filter { place in
                let container = all[place]
                if container.isDoubtful || counts.earlyReview.contains(place) { return false }
                if isSyringe(code) || !plan.hasDoses { return container.counted != .review }
                return container.upheldBy != nil
            }
        counts.units = upheld.map { all[$0].day }
        // Allowance is by syringes used, so one that was not used adds nothing.
        if !isSyringe(code), !isUncoveredMixture {
            counts.units += fold.unused.excused.map(\.day).filter(days.contains).prefix(counts.excused)
        }
        counts.units.sort()
        counts.supported = min(counts.units.count, counts.prepared)
    }

    /// The range that unread time and doubtful containers leave open; and what is over.
    private func bound(_ counts: inout Counts, _ own: [FoldedContainer], _ code: String, isMain: Bool) {
        let unread = isMain ? unknown.count : 0
        let left = max(0, fold.stock.balance(through: days.upperBound))
        let possible = own.filter { container in
            guard container.isDoubtful else { return false }
            return isSyringe(code) || !plan.hasDoses || container.isPossible
        }.count
        counts.unknown.high = min(unread, left) + possible
        if let supported = counts.supported {
            counts.over = max(0, counts.prepared - supported - counts.review - counts.unknown.high)
        }
    }

    /// What may have been used in unread time of the period.
    var unknown: [(wall: Int, why: UnreadTime.Interval)] {
        let span = WallSpan(
            days.lowerBound.dayNumber * Seconds.day, days.upperBound.adding(days: 1).dayNumber * Seconds.day)
        return fold.unknown.filter { span.contains($0.wall) }
    }

    /// The ids of the containers that a line counts.
    func ids(of code: String) -> [String] {
        containers.compactMap { container in
            guard container.isUsed, self.code(of: container) == code, let part = container.parts.first,
                let reading = fold.readings[fold.pumps[part.pump]]
            else { return nil }
            return ContainerName.text(container, of: plan.order.id, reading, reading.drafts[part.draft])
        }
    }

    // MARK: Rows

    /// The containers of the period as a person reads them, with what the period's own counts make of them.
    func rows(_ judged: [String: (counts: Counts, isUncoveredMixture: Bool)]) -> [ContainerUse] {
        let judgement = ContainerJudgement(plan, pumps: fold.pumps, readings: fold.readings)
        return containers.enumerated().compactMap { place, container in
            guard var row = judgement.row(container) else { return nil }
            guard container.isUsed else { return row }
            let code = code(of: container)
            if let unpaid = codes.unpaid(container: plan.order.container.rawValue, on: container.day) {
                (row.counted, row.rule, row.reason) = (.no, "R4", "\(unpaid.why); \(row.reason)")
            } else if judged[code]?.isUncoveredMixture == true {
                (row.counted, row.rule) = (.review, "R6")
                row.reason = "one of its two drugs is not covered; \(row.reason)"
            } else if judged[code]?.counts.earlyReview.contains(place) == true {
                (row.counted, row.rule) = (.review, "R3")
                row.reason = "changed early after an alarm, and more than the fewest; \(row.reason)"
            } else if isSyringe(code), row.counted == .no, !container.slots.isEmpty {
                (row.counted, row.rule) = (.yes, "R4")
                row.reason = "of syringes those used are counted; \(row.reason)"
            }
            return row
        }
    }
}
