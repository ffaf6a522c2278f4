import Register

/// How long one container may hang at most (rule R3): the shorter of its hang limit and the time for which its usable
/// volume lasts at the highest concentration, rounded down to a multiple of the change interval where it is at least
/// one. Nothing is assumed: without the pharmacist's figures there is no answer.
struct ContainerLife: Hashable {
    /// Nil where an input is missing.
    let seconds: Int?
    /// Columns of `orders.csv` that are missing, or 0.
    let missing: [String]

    static let defaultChangeIntervalHours = 24.0
    /// Figures are decimals: 100 mL × 0.2 mg/mL ÷ 10 mg a day is two days, whatever binary arithmetic makes of it.
    private static let roundingHours = 1e-6

    init(_ order: TherapyOrder) {
        func positive(_ value: Double?) -> Double? { value.flatMap { $0 > 0 && $0.isFinite ? $0 : nil } }
        let hang = positive(order.hangLimitHours)
        let volume = positive(order.usableMilliliters)
        let concentration = positive(order.maxConcentrationMgPerMl)
        let drug = positive(order.drugMgPerDay)
        missing = [
            ("hang_limit_hours", hang), ("usable_ml", volume), ("max_concentration_mg_per_ml", concentration),
            ("drug_mg_per_day", drug),
        ].filter { $0.1 == nil }.map(\.0)
        guard let hang, let volume, let concentration, let drug else {
            seconds = nil
            return
        }
        var hours = min(hang, volume * concentration / drug * 24)
        let interval = positive(order.changeIntervalHours) ?? Self.defaultChangeIntervalHours
        let intervals = ((hours + Self.roundingHours) / interval).rounded(.down)
        if intervals >= 1, intervals < 1_000_000 { hours = intervals * interval }
        // A century hangs nothing; and it keeps sums in range.
        let whole = Seconds.hours(min(hours, 876_000))
        seconds = max(whole, 60)
    }
}
