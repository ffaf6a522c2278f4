import PumpCore
import PumpSimulator

/// What the rules uphold of what really happened: rules R2 and R3 over the simulator's truth, a second time and in the
/// simplest words.
struct TruthCount {
    struct Use: Equatable {
        var container: Truth.Container
        /// The day by which it belongs to a period.
        var day: CivilDate
        var isUpheld: Bool
    }

    /// Containers that gave something, of all times, in the order in which they were hung.
    private(set) var uses: [Use] = []
    /// Ordered doses of the period that were given, whole or in part; nil for continuous infusion.
    private(set) var doses: Int?

    let period: ClosedRange<CivilDate>

    init(_ truth: Truth, _ scenario: Scenario, period: ClosedRange<CivilDate>) {
        self.period = period
        let isContinuous = scenario.register.mode == "continuous"
        let isSyringe = scenario.register.container == "syringe"
        var taken: Set<CivilDateTime> = []
        for container in truth.containers {
            // Each dose upholds one container: the first free one of those that it served.
            let slot = container.slots.first { !taken.contains($0) }
            if let slot { taken.insert(slot) }
            let day =
                isContinuous
                ? scenario.zone.civil(container.firstFlowAt).date
                : (slot ?? container.slots.first ?? scenario.zone.civil(container.attachedAt)).date
            uses.append(Use(container: container, day: day, isUpheld: isContinuous || isSyringe || slot != nil))
        }
        if !isContinuous {
            doses = truth.doses.count { $0.outcome != .missed && period.contains($0.slot.date) }
        }
    }

    var ofPeriod: [Use] { uses.filter { period.contains($0.day) } }
    var used: Int { ofPeriod.count }
    var supported: Int { ofPeriod.count { $0.isUpheld } }
}
