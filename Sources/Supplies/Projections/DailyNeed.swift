import PumpCore
import Register

/// How many containers an order needs a day, as a fraction of whole numbers.
struct DailyNeed {
    /// `containers` in `seconds` of wall-clock time.
    let containers: Int
    let seconds: Int

    /// Nil where an input is missing; `missing` names the columns.
    static func of(_ plan: OrderPlan) -> DailyNeed? {
        let order = plan.order
        if plan.hasDoses || plan.cycleSeconds != nil {
            guard let schedule = order.schedule else { return nil }
            let each: Int
            if let cycle = plan.cycleSeconds {
                guard let life = plan.life.seconds else { return nil }
                each = (cycle + life - 1) / life
            } else {
                each = 1
            }
            switch schedule {
            case .timesOfDay(let times):
                guard !times.isEmpty else { return nil }
                return DailyNeed(containers: times.count * each, seconds: Seconds.day * max(1, order.dosesPerContainer))
            case .everyHours(let hours):
                let step = Seconds.hours(hours)
                guard step > 0 else { return nil }
                return DailyNeed(containers: each, seconds: step * max(1, order.dosesPerContainer))
            }
        }
        if let life = plan.life.seconds { return DailyNeed(containers: 1, seconds: life) }
        guard order.container == .syringe, let interval = order.changeIntervalHours, interval > 0 else { return nil }
        return DailyNeed(containers: 1, seconds: max(1, Seconds.hours(min(interval, 876_000))))
    }

    static func missing(_ plan: OrderPlan) -> [String] {
        plan.hasDoses ? ["dose_times"] : plan.life.missing
    }

    /// Whole days for which `onHand` lasts.
    func days(of onHand: Int) -> Int { max(0, onHand) * seconds / (containers * Seconds.day) }

    /// Whole containers that `days` need at most.
    func containers(in days: Int) -> Int { (days * Seconds.day * containers + seconds - 1) / seconds }
}
