import PumpCore
import Timeline

/// A pump's log after inference: containers and attempts at doses, put together by the order that they belong to. It never
/// changes, and it is looked up for every container, so it is shared and not copied.
final class PumpReading: Sendable {
    let timeline: PumpTimeline
    let coverage: PumpCoverage
    let drafts: [UseDraft]
    let attempts: [DoseAttempt]
    /// By number of the plan; nil for what belongs to no order.
    let draftsOfPlan: [Int?: [Int]]
    let attemptsOfPlan: [Int: [Int]]

    init(_ timeline: PumpTimeline, index: RegisterIndex) {
        self.timeline = timeline
        coverage = PumpCoverage(timeline)
        var inference = ContainerInference(timeline, index: index)
        inference.run()
        drafts = inference.drafts
        attempts = inference.attempts
        draftsOfPlan = Dictionary(grouping: inference.drafts.indices) { inference.drafts[$0].plan }
        attemptsOfPlan = Dictionary(grouping: inference.attempts.indices) { inference.attempts[$0].plan }
    }

    var serial: String { timeline.pump.serial }

    /// The days on which somebody read this pump's records first.
    func readDays(zone: HomeZone) -> Set<CivilDate> {
        var days: Set<CivilDate> = []
        var last: Instant?
        for record in timeline.records {
            guard let read = record.record.readAt, read != last else { continue }
            last = read
            days.insert(zone.civil(read).date)
        }
        return days
    }

    func moment(_ record: Int?) -> Moment? {
        guard let record, timeline.records.indices.contains(record) else { return nil }
        let timed = timeline.records[record]
        guard let civil = timed.civil ?? timed.correctedAt?.utc else { return nil }
        return Moment(utc: timed.correctedAt, civil: civil)
    }
}
