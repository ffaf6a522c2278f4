import PumpCore
import Register
import Timeline

/// What lies on a patient's shelf, every move booked on its own day: what the warehouse sees, whatever is billed for it.
struct PhysicalStock {
    let delivered: DatedSum
    /// Containers from which something flowed, by the day on which they were hung; in hospital too.
    let used: DatedSum
    /// Those of them that a named person attests.
    let attested: DatedSum
    let wasted: DatedSum
    let returned: DatedSum
    let lost: DatedSum

    init(_ fold: OrderFold, countedCodes: Set<String>) {
        let plan = fold.plan
        delivered = DatedSum(plan.deliveries.filter { countedCodes.contains($0.hcpcs) }.map { ($0.date, $0.quantity) })
        func day(_ wall: Int) -> CivilDate { CivilDateTime(wallSeconds: wall).date }
        let gone = fold.containers.filter { $0.hasFlow && !$0.isBeforeLog }
        used = DatedSum(gone.filter { !fold.isAttested($0) }.map { (day($0.hungWall), 1) })
        attested = DatedSum(gone.filter { fold.isAttested($0) }.map { (day($0.hungWall), 1) })
        func disposed(_ isIncluded: (Disposition.Reason) -> Bool) -> DatedSum {
            DatedSum(plan.dispositions.filter { isIncluded($0.reason) }.map { ($0.date, $0.quantity) })
        }
        wasted = disposed { $0 != .returned && $0 != .lost }
        returned = disposed { $0 == .returned }
        lost = disposed { $0 == .lost }
    }

    func gone(through day: CivilDate) -> Int {
        [used, attested, wasted, returned, lost].reduce(0) { $0 + $1.sum(through: day) }
    }

    func balance(through day: CivilDate) -> Int { delivered.sum(through: day) - gone(through: day) }
}

extension OrderFold {
    /// Whether a named person stands for the use of a container, instead of a log that a pump wrote.
    func isAttested(_ container: FoldedContainer) -> Bool {
        container.parts.contains { part in
            guard let reading = readings[pumps[part.pump]] else { return false }
            let draft = reading.drafts[part.draft]
            return [draft.firstFlow, draft.start].contains { record in
                record.map { reading.timeline.records[$0].record.record.event.by != nil } ?? false
            }
        }
    }
}
