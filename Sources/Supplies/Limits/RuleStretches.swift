import PumpCore

/// Stretches of days in which no rule begins or ends: within one, a verdict depends on pump and order alone.
struct RuleStretches: Hashable, Sendable {
    /// Day numbers on which something changes, ascending.
    let borders: [Int]

    /// What decides whether a unit is payable.
    init(_ codes: CodeTable, _ drugs: DrugTable, _ profile: PayerProfile) {
        var found = Self.borders(of: codes.pairings)
        found.formUnion(Self.borders(of: codes.weekly))
        found.formUnion(Self.borders(of: drugs.drugs))
        found.formUnion(Self.borders(of: profile.gates))
        if let perDiem = profile.perDiem { found.formUnion(Self.borders(of: [perDiem])) }
        borders = found.sorted()
    }

    /// The number of the stretch in which a day lies.
    func number(of day: CivilDate) -> Int { borders.partition(from: day.dayNumber + 1) }

    /// The first day of each stretch that touches `days`, the first one cut to them.
    func firstDays(in days: ClosedRange<CivilDate>) -> [CivilDate] {
        let inside = borders[
            borders.partition(
                from: days.lowerBound.dayNumber + 1)..<borders.partition(from: days.upperBound.dayNumber + 1)]
        return [days.lowerBound] + inside.map { CivilDate(dayNumber: $0) }
    }

    static func borders(of entries: [some RuleEntry]) -> Set<Int> {
        var found: Set<Int> = []
        for entry in entries {
            if let from = entry.from { found.insert(from.dayNumber) }
            if let to = entry.to { found.insert(to.dayNumber + 1) }
        }
        return found
    }
}
