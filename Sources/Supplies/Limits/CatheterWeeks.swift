import PumpCore
import Register

/// Rule R5: weeks of catheter maintenance, one line a patient (contract, Counting 15).
///
/// Windows of 7 civil days run from the first covered day and are never anchored anew. One counts when it touches a day
/// of use, or one of the first 28 days after the last use; it belongs to the month of its first day. Days in hospital
/// touch nothing.
struct CatheterWeeks {
    static let window = 7
    /// At most 4 weeks an episode between uses.
    static let afterUse = 28

    private let stays: InpatientStays?
    /// Day numbers, merged and ascending: days of use, and days on which there may have been use.
    private let certain: [ClosedRange<Int>]
    private let possible: [ClosedRange<Int>]
    /// The first day of the first window; nil without any use.
    let anchor: Int?

    init(_ folds: [OrderFold], through last: CivilDate) {
        stays = folds.first?.plan.stays
        certain = Self.merged(folds.flatMap { Self.daysOfUse($0, through: last) })
        let unread = folds.flatMap { fold in
            fold.unread.intervals.compactMap { Self.days($0.span, through: last) }
        }
        possible = Self.merged(certain + unread)
        anchor = possible.first?.lowerBound
    }

    /// Windows whose first day lies in `days`: those that count, and those that count at most.
    func windows(in days: ClosedRange<CivilDate>) -> (low: [CivilDate], high: [CivilDate]) {
        guard let anchor else { return ([], []) }
        var first = anchor
        if days.lowerBound.dayNumber > anchor {
            first = anchor + (days.lowerBound.dayNumber - anchor + Self.window - 1) / Self.window * Self.window
        }
        var low: [CivilDate] = []
        var high: [CivilDate] = []
        while first <= days.upperBound.dayNumber {
            let day = CivilDate(dayNumber: first)
            if counts(first, certain) { low.append(day) }
            if counts(first, possible) { high.append(day) }
            first += Self.window
        }
        return (low, high)
    }

    /// Whether anything can still count after `day`.
    func isOver(after day: CivilDate) -> Bool {
        (possible.last.map { $0.upperBound + Self.afterUse } ?? Int.min) <= day.dayNumber
    }

    func isUsed(_ day: CivilDate) -> Bool { certain.contains { $0.contains(day.dayNumber) } }

    private func counts(_ first: Int, _ uses: [ClosedRange<Int>]) -> Bool {
        (first..<first + Self.window).contains { day in
            guard let last = uses.last(where: { $0.lowerBound <= day }), day <= last.upperBound + Self.afterUse else {
                return false
            }
            return !(stays?.coverWholly(CivilDate(dayNumber: day)) ?? false)
        }
    }

    // MARK: Days of use

    /// Days on which something was infused at home, as far as the logs show.
    static func daysOfUse(_ fold: OrderFold, through last: CivilDate) -> [ClosedRange<Int>] {
        let stays = fold.plan.stays
        var found: [ClosedRange<Int>] = []
        if fold.plan.hasDoses, let slots = fold.plan.slots {
            found = fold.given.map { slots.wall($0) }.compactMap { days(WallSpan($0, $0 + 1), through: last) }
        }
        if fold.plan.hasDoses {
            for index in fold.containers.indices where fold.containers[index].isUsed {
                let hung = fold.containers[index].hungWall
                if let day = days(WallSpan(hung, hung + 1), through: last) { found.append(day) }
            }
            return found
        }
        let used = fold.containers.filter { $0.isUsed }
        for (place, container) in used.enumerated() {
            let next = place + 1 < used.count ? used[place + 1].hungWall : Int.max
            let known =
                container.endWall ?? max(container.lastFlowWall ?? container.hungWall, fold.logEnd(of: container))
            let end = min(known, next, fold.plan.span.to)
            let span = WallSpan(container.hungWall, max(end, container.hungWall + 1))
            found += span.subtracting(stays.spans).compactMap { days($0, through: last) }
        }
        return found
    }

    private static func days(_ span: WallSpan, through last: CivilDate) -> ClosedRange<Int>? {
        guard !span.isEmpty, span.from != Int.min else { return nil }
        let from = floorDivide(span.from, Seconds.day)
        let to = min(span.to == Int.max ? last.dayNumber : floorDivide(span.to - 1, Seconds.day), last.dayNumber)
        return from <= to ? from...to : nil
    }

    static func merged(_ ranges: [ClosedRange<Int>]) -> [ClosedRange<Int>] {
        var merged: [ClosedRange<Int>] = []
        for range in ranges.sorted(by: { ($0.lowerBound, $0.upperBound) < ($1.lowerBound, $1.upperBound) }) {
            if let last = merged.last, range.lowerBound <= last.upperBound + 1 {
                merged[merged.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
            } else {
                merged.append(range)
            }
        }
        return merged
    }
}

extension OrderFold {
    /// Up to when the log of its last pump is known, for a container that is still in place there; bounded by the cycle,
    /// where the order is given in cycles.
    func logEnd(of container: FoldedContainer) -> Int {
        guard let part = container.parts.last, let reading = readings[pumps[part.pump]] else {
            return container.hungWall
        }
        let end = reading.coverage.last ?? container.hungWall
        guard let cycle = plan.cycleSeconds else { return end }
        return min(end, container.hungWall + cycle)
    }
}
