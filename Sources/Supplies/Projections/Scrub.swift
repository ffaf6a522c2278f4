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
            let patient = PatientLines(builder: entry.builder, folds: entry.folds)
            var sheets = entry.folds.map { fold -> ScrubSheet in
                var sheet = ScrubSheet(fold.plan, entry.builder.profile)
                ClaimScrub(fold: fold, patient: patient, index: index, period: period).scrub(&sheet)
                DeliveryScrub(fold: fold, builder: entry.builder, countedCodes: containerCodes, period: period)
                    .scrub(&sheet)
                episodes(fold, &sheet)
                mode(fold.plan, &sheet)
                return sheet
            }
            WeekScrub(patient: patient, index: index, period: period).scrub(&sheets)
            return sheets.flatMap(\.findings)
        }
    }

    /// Rule R1: under 8 h is intermittent, discrete doses of 8 to 23 h are prolonged, the rest is continuous.
    private func mode(_ plan: OrderPlan, _ sheet: inout ScrubSheet) {
        let span = WallSpan(
            period.lowerBound.dayNumber * Seconds.day, period.upperBound.adding(days: 1).dayNumber * Seconds.day)
        guard let hours = plan.order.doseHours, hours > 0, plan.span.overlaps(span) else { return }
        let fitting: TherapyOrder.Mode =
            hours < Self.longEpisodeHours ? .intermittent : hours < 24 ? .prolongedDose : .continuous
        guard plan.order.mode != fitting else { return }
        sheet.add(
            .warning, "R1", ScrubSubject(plan.order, on: period.upperBound),
            "the order says \(plan.order.mode.rawValue), and its doses take \(hours.formattedHours) h",
            fix: "\(fitting.rawValue) is what such doses are; correct mode or dose_hours with the pharmacist")
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

extension Double {
    /// `46`, `7.5`.
    fileprivate var formattedHours: String { self == rounded() && abs(self) < 1e9 ? String(Int(self)) : String(self) }
}
