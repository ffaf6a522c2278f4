import PumpCore
import Register
import Timeline

/// One order's numbers in one period, by supply code.
struct OrderMonth {
    let fold: OrderFold
    let days: ClosedRange<CivilDate>
    let codes: CodeTable
    /// Containers of the period, in the order of time.
    let containers: [FoldedContainer]
    /// The code of each of them, by its place.
    private(set) var containerCodes: [String] = []
    private let pumpCode: (String) -> String?

    /// `pumpCode`: the HCPCS code of a pump by its serial; nil where the register does not know it.
    init(
        _ fold: OrderFold, in days: ClosedRange<CivilDate>, codes: CodeTable, pumpCode: @escaping (String) -> String?
    ) {
        self.fold = fold
        self.days = days
        self.codes = codes
        self.pumpCode = pumpCode
        let isWhole = fold.containers.indices.allSatisfy { days.contains(fold.containers[$0].day) }
        containers = isWhole ? fold.containers : fold.containers.filter { days.contains($0.day) }
        containerCodes = containers.map { code(of: $0) }
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
    var pump: String? { plan.pump(atEndOf: days) }

    /// Every pump assigned in the period, in the order of time.
    var pumps: [String] { plan.pumps(in: days) }

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

    func code(of container: FoldedContainer) -> String { code(ofPump: pump(of: container), on: container.day) }

    /// The pump that a container was hung on.
    func pump(of container: FoldedContainer) -> String? { container.parts.first.map { fold.pumps[$0.pump] } }

    private func unit(_ container: FoldedContainer) -> ServiceUnit {
        ServiceUnit(day: container.day, pump: pump(of: container))
    }

    /// The latest pump that containers of a code hung on; without containers, the latest one assigned.
    func pump(of code: String, _ shares: CodeShares) -> String? {
        for container in containers.reversed() where container.isUsed && self.code(of: container) == code {
            let serials = container.parts.map { fold.pumps[$0.pump] }
            return serials.last { self.code(ofPump: $0, on: container.day) == code }
        }
        return code == mainCode ? pump : shares.last(code)?.pump ?? pump
    }

    var mainCode: String { code(ofPump: pump, on: min(days.upperBound, plan.lastDay ?? days.upperBound)) }

    /// The codes of the period, the main one first.
    func lineCodes(_ shares: CodeShares) -> [String] {
        var found = [mainCode]
        for (container, code) in zip(containers, containerCodes) where container.isUsed && !found.contains(code) {
            found.append(code)
        }
        for code in shares.byCode.keys.sorted() where !found.contains(code) && !shares[code].isNothing {
            found.append(code)
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
        /// Units of what is supported, in the order of time; at least as many.
        var units: [ServiceUnit] = []
        /// Places in `containers` of those that hold a drug which no policy lists beside one that it does.
        var uncoveredMixtures: Set<Int> = []
        var uncovered: [ServiceUnit] = []
        /// Certain containers used, doubtful ones left out.
        var certain = 0
    }

    func isSyringe(_ code: String) -> Bool { codes.code(code)?.counts == .syringe }

    func counts(
        of code: String, _ shares: CodeShares, _ stock: StockShares, isUncoveredMixture: (ServiceUnit) -> Bool
    ) -> Counts {
        let isMain = code == mainCode
        let all = containers
        let own = all.indices.filter { all[$0].isUsed && containerCodes[$0] == code }
        var counts = Counts()
        counts.used = own.count
        counts.uncoveredMixtures = Set(own.filter { isUncoveredMixture(unit(all[$0])) })
        counts.uncovered = counts.uncoveredMixtures.map { unit(all[$0]) }
        counts.certain = own.filter { !all[$0].isDoubtful }.count
        counts.prepared = stock[code].prepared
        counts.excused = shares[code].excused.count
        countDoses(&counts, shares[code])
        countFewest(&counts, shares[code], code)
        countReview(&counts, own, all, isMain: isMain)
        let excused = shares[code].excused.map { ServiceUnit(day: $0, pump: shares.pump(on: $0)) }
        support(&counts, own, all, code, excused: excused.filter { !isUncoveredMixture($0) })
        if !isSyringe(code) { counts.uncovered += excused.filter(isUncoveredMixture) }
        holdMissingDelivery(&counts, stock[code], isMain: isMain)
        bound(&counts, own, all, code, isMain: isMain)
        return counts
    }

    /// More used and excused than prepared: a delivery is missing on record (contract, Counting 7).
    private func holdMissingDelivery(_ counts: inout Counts, _ stock: StockShares.Share, isMain: Bool) {
        if isMain, fold.stock.delivered(through: days.upperBound) == 0 {
            counts.holds.insert(
                Hold(
                    rule: "R9", reason: "no delivery of containers is on record for this order",
                    column: "deliveries.csv"), at: 0)
            return
        }
        let onHand = stock.opening + stock.delivered
        if stock.returned > onHand {
            counts.holds.insert(
                Hold(
                    rule: "R9",
                    reason: "\(stock.returned) returned and only \(onHand) on hand: a delivery is missing on record",
                    column: "quantity"), at: 0)
            return
        }
        guard max(counts.certain, counts.units.count) > counts.prepared else { return }
        let excused = counts.excused > 0 ? ", \(counts.excused) excused" : ""
        counts.holds.insert(
            Hold(
                rule: "R9",
                reason:
                    "\(counts.certain) used\(excused) and only \(counts.prepared) prepared: a delivery is missing on record",
                column: "quantity"), at: 0)
    }

    private func countDoses(_ counts: inout Counts, _ share: CodeShares.Share) {
        guard plan.hasDoses, plan.slots != nil else { return }
        counts.doses = share.given
        counts.ceiling = share.given + min(counts.excused * plan.order.dosesPerContainer, share.notGiven)
    }

    private func countFewest(_ counts: inout Counts, _ share: CodeShares.Share, _ code: String) {
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
        counts.fewest = share.fewest
        counts.avoidable = max(0, counts.used - share.fewest)
    }

    private func countReview(_ counts: inout Counts, _ own: [Int], _ all: [FoldedContainer], isMain: Bool) {
        let covered = own.filter { !counts.uncoveredMixtures.contains($0) }
        counts.review = counts.uncoveredMixtures.count + covered.filter { all[$0].counted == .review }.count
        if !plan.hasDoses, let avoidable = counts.avoidable {
            counts.earlyReview = Set(covered.filter { all[$0].isEarly && all[$0].counted != .review }.prefix(avoidable))
            counts.review += counts.earlyReview.count
        }
        if isMain {
            for disposed in fold.unused.review where days.contains(disposed.day) { counts.review += disposed.quantity }
        }
    }

    private func support(
        _ counts: inout Counts, _ own: [Int], _ all: [FoldedContainer], _ code: String, excused: [ServiceUnit]
    ) {
        if plan.hasDoses, plan.slots == nil {
            counts.holds.append(
                Hold(
                    rule: "R2", reason: "cannot assess: the order has neither dose_times nor dose_interval_hours",
                    column: "dose_times"))
            return
        }
        if plan.order.mode != .intermittent, plan.life.seconds == nil, !isSyringe(code) { return }
        let isBySyringe = isSyringe(code)
        let upheld = own.filter { place in
            if all[place].isDoubtful || counts.earlyReview.contains(place) { return false }
            if counts.uncoveredMixtures.contains(place) { return false }
            if isBySyringe || !plan.hasDoses { return all[place].counted != .review }
            return all[place].upheldBy != nil
        }
        counts.units = upheld.map { unit(all[$0]) }
        // Allowance is by syringes used, so one that was not used adds nothing.
        if !isBySyringe { counts.units += excused }
        counts.units.sort { $0.day < $1.day }
        counts.supported = min(counts.units.count, counts.prepared)
    }

    /// The range that unread time and doubtful containers leave open; and what is over.
    private func bound(
        _ counts: inout Counts, _ own: [Int], _ all: [FoldedContainer], _ code: String, isMain: Bool
    ) {
        let unread = isMain ? unknown.count : 0
        let left = max(0, fold.stock.balance(through: days.upperBound))
        let possible = own.count { place in
            guard all[place].isDoubtful else { return false }
            return isSyringe(code) || !plan.hasDoses || all[place].isPossible
        }
        counts.unknown.high = min(unread, left) + possible
        if let supported = counts.supported {
            counts.over = max(0, counts.prepared - supported - counts.review - counts.unknown.high)
        }
    }

    /// What may have been used in unread time of the period.
    var unknown: [UnknownUse] {
        let span = WallSpan(
            days.lowerBound.dayNumber * Seconds.day, days.upperBound.adding(days: 1).dayNumber * Seconds.day)
        return fold.unknown(in: span)
    }

    /// The ids of the containers that a line counts.
    func ids(of code: String) -> ContainerIDs {
        var ids = ContainerIDs()
        ids.reserveCapacity(containers.count)
        var last: (pump: Int, channel: Int, place: String)?
        // By place: a container is large to copy.
        for index in containers.indices where containers[index].isUsed && containerCodes[index] == code {
            guard let part = containers[index].parts.first, let reading = fold.readings[fold.pumps[part.pump]] else {
                continue
            }
            if containers[index].containerID != nil || reading.drafts[part.draft].containerID != nil {
                ids.append(
                    ContainerName.text(containers[index], of: plan.order.id, reading, reading.drafts[part.draft]))
                continue
            }
            let channel = reading.drafts[part.draft].channel
            let place =
                last?.pump == part.pump && last?.channel == channel
                ? last?.place ?? "" : ContainerName.place(reading, reading.drafts[part.draft])
            last = (part.pump, channel, place)
            ids.append(place: place, reading.timeline.records[reading.drafts[part.draft].start].record.key)
        }
        return ids
    }

    // MARK: Rows

    /// The containers of the period as a person reads them, with what the period's own counts make of them.
    func rows(_ judged: [String: Counts]) -> [ContainerUse] {
        let judgement = ContainerJudgement(plan, pumps: fold.pumps, readings: fold.readings)
        return containers.enumerated().compactMap { place, container in
            guard var row = judgement.row(container) else { return nil }
            guard container.isUsed else { return row }
            let code = containerCodes[place]
            if let unpaid = codes.unpaid(container: plan.order.container.rawValue, on: container.day) {
                (row.counted, row.rule, row.reason) = (.no, "R4", "\(unpaid.why); \(row.reason)")
            } else if judged[code]?.uncoveredMixtures.contains(place) == true {
                (row.counted, row.rule) = (.review, "R6")
                row.reason = "one of its two drugs is not covered; \(row.reason)"
            } else if judged[code]?.earlyReview.contains(place) == true {
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
