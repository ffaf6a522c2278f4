import PumpCore
import PumpSimulator
import Register
import Supplies
import Timeline

/// A simulated month, counted, beside the truth.
struct Outcome {
    let month: PatientMonth
    let truth: TruthCount
    let incidents: [Truth.Doubt]
    let findings: MonthFindings
    /// The line of the containers; nil where the order is over before the period.
    let line: BillableLine?
    let download: Download
    let wholeTruth: Truth
    let readAt: Instant
    /// Between the last record before what was lost and the first one behind it.
    private let hole: Range<Instant>?

    init(_ month: PatientMonth, rules: RuleBook) throws {
        self.month = month
        let later = try month.simulation(endsAt: month.now)
        readAt = Self.quiet(month.readAt, later.truth, month.scenario.zone)
        let read = readAt == month.now ? later : try month.simulation(endsAt: readAt)
        let register = try SupplyRegister(later.register)
        let index = RegisterIndex(register)
        let before = try month.visits.map { try Download(month.simulation(endsAt: $0), readAt: $0) }
        download = try Download(read, readAt: readAt, lost: month.lost).behind(before)
        let timeline = download.timeline(index)
        findings = MonthCount(index, rules: rules, period: month.period).findings([timeline])
        hole = Self.hole(in: timeline, month)
        wholeTruth = later.truth
        truth = TruthCount(later.truth, month.scenario, period: month.period)
        incidents = later.truth.incidents
        line = findings.lines.first { ["A4222", "K0552", "A4225"].contains($0.hcpcs) }
    }

    /// Containers that were certainly used and that a person has to judge: what is supported may grow by them.
    var toJudge: Int {
        findings.containers.count { $0.isUsed && $0.counted == .review && $0.containerClass != .doubtful }
    }

    var low: Int { (line?.supported ?? 0) + (line?.unknown.low ?? 0) }
    var high: Int { (line?.supported ?? 0) + (line?.unknown.high ?? 0) + toJudge }
    var width: Int { high - low }

    /// What a reader of the log alone can be in doubt of: each mishap; and in time of which nothing was read, each dose,
    /// each hang, really or by the order's plan, and the container that was in place when it began.
    var doubtfulEvents: Int { incidents.count + unread.reduce(0) { $0 + lost(in: $1) } }

    private var unread: [Range<Instant>] {
        switch month.kind {
        case .plain: return []
        case .mishaps:
            // A counter that begins anew says nothing of what it counted before, unless somebody had read it since it
            // began.
            guard month.scenario.family == .miva, month.build.clock == .counter else { return [] }
            let resets = incidents.filter { $0.what == .clockReset }.map(\.at)
            return zip([Instant(secondsSince1970: 0)] + resets, resets).map { $0..<$1 }.filter { stretch in
                !month.visits.contains { stretch.contains($0) }
            }
        case .unreadEnd: return [readAt..<month.now.adding(seconds: 86_400)]
        case .gap, .lateBeginning: return hole.map { [$0] } ?? []
        }
    }

    /// What lies before the end of a log was read (contract, Counting 2), so nobody reads between a slot and its late dose.
    private static func quiet(_ moment: Instant, _ truth: Truth, _ zone: HomeZone) -> Instant {
        truth.doses.first { dose in
            dose.startedAt.map { zone.instant(dose.slot) <= moment && moment < $0 } ?? false
        }?.startedAt?.adding(seconds: 1) ?? moment
    }

    private static func hole(in timeline: PumpTimeline, _ month: PatientMonth) -> Range<Instant>? {
        guard let lost = month.lost else { return nil }
        guard let end = timeline.records.last?.correctedAt else { return lost.lowerBound..<month.now }
        if month.kind == .lateBeginning {
            return lost.lowerBound..<(timeline.records.first?.correctedAt ?? month.now)
        }
        guard let gap = timeline.gaps.first(where: { $0.reason == .unread }), let from = gap.from else {
            // All that came after was lost.
            return end < lost.upperBound ? end..<month.now : nil
        }
        return from..<max(from, gap.to ?? month.now)
    }

    private func lost(in unread: Range<Instant>) -> Int {
        let inPlace = wholeTruth.containers.contains { container in
            container.firstFlowAt < unread.lowerBound && (container.endedAt ?? month.now) >= unread.lowerBound
        }
        if month.scenario.register.mode == "continuous" {
            let hung = wholeTruth.containers.count { unread.contains($0.firstFlowAt) }
            // What hangs at either edge of it was hung, or is changed, at a time that nobody knows.
            return max(hung, planned(in: unread)) + (inPlace ? 1 : 0) + (month.kind == .lateBeginning ? 1 : 0)
        }
        let zone = month.scenario.zone
        // A dose may be an hour off its time and still be taken for one that lies in there.
        let reach = 3600
        let doses = wholeTruth.doses.count { dose in
            let slot = zone.instant(dose.slot)
            let from = min(slot, dose.startedAt ?? slot).adding(seconds: -reach)
            let to = max(slot, dose.endedAt ?? slot).adding(seconds: reach)
            return month.period.contains(dose.slot.date) && from < unread.upperBound && unread.lowerBound <= to
        }
        return doses + (inPlace ? 1 : 0)
    }

    /// How often the order plans a change in the unread part of the period: what a reader has to reckon with.
    private func planned(in unread: Range<Instant>) -> Int {
        let zone = month.scenario.zone
        let from = max(unread.lowerBound, zone.instant(CivilDateTime(month.period.lowerBound)))
        let to = min(unread.upperBound, zone.instant(CivilDateTime(month.period.upperBound.adding(days: 1))))
        let entry = month.scenario.register
        guard from < to, let limit = entry.hangLimitHours else { return 0 }
        var hours = Double(limit)
        if case .bags(let program) = month.scenario.therapy, let most = entry.maxConcentrationMgPerMl,
            let daily = entry.drugMgPerDay
        {
            hours = min(hours, program.usable.value * most / daily * 24)
        }
        let life = max(24, Int(hours) / 24 * 24) * 3600
        return (to.seconds(since: from) + life - 1) / life
    }
}
