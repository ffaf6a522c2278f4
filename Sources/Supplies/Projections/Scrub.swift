import PumpCore
import Register
package import Timeline

extension MonthCount {
    /// Everything about claims and deliveries of the period that would not stand (contract, Counting 25).
    package func scrub(_ timelines: [PumpTimeline]) -> [ScrubFinding] {
        let bySerial = Dictionary(timelines.map { ($0.pump.serial, $0) }, uniquingKeysWith: { first, _ in first })
        return index.groups().flatMap { group in
            scrub(of: group, timelines: group.pumps.compactMap { bySerial[$0] })
        }
    }

    package func scrub(of group: PatientGroup, timelines: [PumpTimeline]) -> [ScrubFinding] {
        // A claim line may span days behind the period.
        let billed = group.patients.flatMap { index.plans(of: $0) }.flatMap { index.billed(ofOrder: $0.order.id) }
        let last = billed.filter { period.contains($0.from) }.map(\.to).max() ?? period.upperBound
        return patientFolds(group, timelines, horizon: max(last, period.upperBound)).flatMap { entry in
            entry.folds.flatMap { fold -> [ScrubFinding] in
                var sheet = ScrubSheet(fold.plan, entry.builder.profile)
                ClaimScrub(fold: fold, builder: entry.builder, index: index, period: period).scrub(&sheet)
                DeliveryScrub(fold: fold, builder: entry.builder, countedCodes: containerCodes, period: period)
                    .scrub(&sheet)
                episodes(fold, &sheet)
                return sheet.findings
            }
        }
    }

    /// E0780 is "only capable of a single infusion cycle of less than 8 hours" (A52507).
    private func episodes(_ fold: OrderFold, _ sheet: inout ScrubSheet) {
        let plan = fold.plan
        let isLong = plan.order.mode != .intermittent || (plan.order.doseHours ?? 0) >= Self.longEpisodeHours
        let span = WallSpan(
            period.lowerBound.dayNumber * Seconds.day, period.upperBound.adding(days: 1).dayNumber * Seconds.day)
        guard isLong, plan.span.overlaps(span) else { return }
        for time in plan.assignments
        where time.span.overlaps(span) && index.pump(time.pump)?.hcpcs == Self.shortEpisodePump {
            sheet.add(
                .error, "R4", ScrubSubject(plan.order, on: period.upperBound),
                "pump \(time.pump) is an E0780, for episodes of less than 8 hours, and the order's are longer",
                fix: "assign an E0779, E0781 or E0791")
        }
    }

    private static let longEpisodeHours = 8.0
    private static let shortEpisodePump = "E0780"
}
