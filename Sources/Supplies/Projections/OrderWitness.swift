package import PumpCore
import Register
package import Timeline

/// What stands beside an order's numbers in a period, so that each of them can be followed to what it rests on.
package struct OrderWitness: Hashable, Codable, Sendable {
    /// A stretch of the patient's wall clock, cut to the period; its end lies outside it.
    package struct Stretch: Hashable, Codable, Sendable {
        package var from: CivilDateTime
        package var to: CivilDateTime
        /// Nil for what belongs to no pump.
        package var pump: String?
        /// Plain words: `not read yet`, `gap in the log (overwritten)`, `emergency stay`.
        package var reason: String
    }

    /// A container that nobody used and that counts all the same (rule R8).
    package struct Excused: Hashable, Codable, Sendable {
        /// The day of the dose or hang that it was for.
        package var day: CivilDate
        package var file: String
        /// Of the disposition that excuses it.
        package var line: Int
    }

    /// Assigned time of which no log says anything.
    package var unread: [Stretch]
    package var stays: [Stretch]
    /// First days of the weeks of catheter maintenance that count in the period (rule R5), and of those that may.
    package var weeks: [CivilDate]
    package var possibleWeeks: [CivilDate]
    package var excused: [Excused]
    /// The period's deliveries of containers.
    package var refills: [RefillRecord]
}

extension MonthCount {
    /// Nil for an order that the group does not have.
    package func witness(
        of order: String, in group: PatientGroup, timelines: [PumpTimeline]
    ) -> OrderWitness? {
        let folded = patientFolds(group, timelines, horizon: period.upperBound)
        guard let entry = folded.first(where: { $0.folds.contains { $0.plan.order.id == order } }),
            let fold = entry.folds.first(where: { $0.plan.order.id == order })
        else { return nil }
        let days = WallSpan(
            period.lowerBound.dayNumber * Seconds.day, period.upperBound.adding(days: 1).dayNumber * Seconds.day)
        func stretch(_ span: WallSpan, pump: String?, _ reason: String) -> OrderWitness.Stretch? {
            let cut = span.clipped(to: days)
            guard !cut.isEmpty else { return nil }
            return OrderWitness.Stretch(
                from: CivilDateTime(wallSeconds: cut.from), to: CivilDateTime(wallSeconds: cut.to), pump: pump,
                reason: reason)
        }
        let weeks = CatheterWeeks(entry.folds, through: period.upperBound).windows(in: period)
        return OrderWitness(
            unread: fold.unread.intervals.compactMap { stretch($0.span, pump: $0.pump, $0.reason) },
            stays: fold.plan.stays.entries.compactMap { stretch($0.span, pump: nil, "\($0.kind.rawValue) stay") },
            weeks: weeks.low, possibleWeeks: weeks.high,
            excused: fold.unused.excused.filter { period.contains($0.day) }.map { excused in
                let origin = fold.plan.dispositions[excused.row].origin
                return OrderWitness.Excused(day: excused.day, file: origin.file, line: origin.line)
            },
            refills: fold.refillRecords(period, containerCodes, entry.builder.profile))
    }
}
