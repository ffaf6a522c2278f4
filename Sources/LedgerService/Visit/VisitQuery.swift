import Ledger
import PumpCore
import Register
import Supplies
import Timeline

/// The nurse's one screen: folds the pump's patients from the day of the last visit to today, and leaves a mark.
struct VisitQuery {
    let ledger: Ledger
    let context: RequestContext
    let caller: Caller

    func visit(pump serial: String?, dryRun: Bool) throws -> VisitAnswer {
        let pump = try pump(serial)
        let fold = try GroupFold(ledger: ledger, rules: try MonthQuery.rules(context))
        let group =
            fold.groups.first { $0.pumps.contains(pump.serial) } ?? PatientGroup(patients: [], pumps: [pump.serial])
        let timelines = try fold.timelines(of: group)
        guard let timeline = timelines.first(where: { $0.pump.serial == pump.serial }) else {
            throw Self.noPump(pump.serial)
        }
        let last = try ledger.visits(of: pump).last
        let course = try ledger.readingCourse(of: pump)
        let view = VisitView(timeline: timeline, fold: fold, last: last, course: course, context: context)
        let answer = VisitStory(view: view, group: group, timelines: timelines, by: caller.user, isDryRun: dryRun)
            .answer()
        // A mark over an unread part would hide it from the next visit.
        if !dryRun, answer.isComplete {
            try ledger.append(
                visit: VisitMark(
                    at: context.now, by: LedgerPerson(user: caller.user, uid: caller.uid),
                    records: timeline.records.count, newest: timeline.records.last?.record.key,
                    through: timeline.completeThrough), of: pump)
        }
        return answer
    }

    // MARK: Which pump

    /// How long ago a pump was read that a nurse means who names none.
    private static let justRead = 3600

    /// The one that is named; without a name the only one, or the only one that was read within the hour. A mark on the
    /// wrong pump would hide what is new on it, so anything else is asked.
    private func pump(_ serial: String?) throws -> PumpIdentity {
        let pumps = try ledger.pumpIdentities()
        if let serial {
            guard let pump = pumps.first(where: { $0.serial == serial }) else { throw Self.noPump(serial) }
            return pump
        }
        if let only = pumps.first, pumps.count == 1 { return only }
        guard !pumps.isEmpty else {
            throw ServiceError(
                .badInput, "no pump was ever read into this ledger",
                remedy: "Plug it in and wait until it is read, then: pumpledger visit")
        }
        let summaries = try ledger.pumps()
        let fresh = summaries.filter { summary in
            summary.lastReadAt.map { (0...Self.justRead).contains(context.now.seconds(since: $0)) } ?? false
        }
        if let one = fresh.first, fresh.count == 1 { return one.pump }
        let names = (fresh.isEmpty ? summaries : fresh).prefix(12).map(\.pump.serial)
        throw ServiceError(
            .usage,
            fresh.isEmpty
                ? "there are \(pumps.count) pumps, and none was read within the hour"
                : "\(fresh.count) pumps were read within the hour",
            remedy:
                "Say which one: pumpledger visit PUMP (\(names.joined(separator: ", "))\(names.count < pumps.count && fresh.isEmpty ? ", …" : ""))"
        )
    }

    private static func noPump(_ serial: String) -> ServiceError {
        ServiceError(
            .badInput, "no pump \(serial) is in this ledger", remedy: "See which ones are: pumpledger pumps")
    }
}

/// What a visit looks at: the log since the last one.
struct VisitView {
    let timeline: PumpTimeline
    let fold: GroupFold
    let last: VisitMark?
    let course: ReadingCourse?
    let context: RequestContext
    /// The wall clock of whoever has the pump now.
    let zone: HomeZone
    /// Records that came after the newest one of the last visit.
    let new: ArraySlice<TimedRecord>
    let olderRecords: Int
    /// The older ones of them.
    let late: [TimedRecord]

    init(
        timeline: PumpTimeline, fold: GroupFold, last: VisitMark?, course: ReadingCourse?, context: RequestContext
    ) {
        self.timeline = timeline
        self.fold = fold
        self.last = last
        self.course = course
        self.context = context
        zone =
            fold.index.zoneSpans(ofPump: timeline.pump.serial).last?.zone ?? HomeZone(identifier: context.zone) ?? .utc
        let records = timeline.records
        let newest = last?.newest.flatMap { key in records.lastIndex { $0.record.key == key } }
        let after = records[(newest.map { $0 + 1 } ?? 0)...]
        new = after
        // The log only grows: what it gained and what is not after the mark was found before it.
        let older = last.map { max(0, records.count - $0.records - after.count) } ?? 0
        olderRecords = older
        late = Self.lastArrived(older, of: records[..<after.startIndex], course)
    }

    /// The sessions say in which order records came, whatever the clocks said.
    private static func lastArrived(
        _ number: Int, of records: ArraySlice<TimedRecord>, _ course: ReadingCourse?
    ) -> [TimedRecord] {
        guard number > 0 else { return [] }
        let order = Dictionary((course?.sessions ?? []).enumerated().map { ($1, $0) }, uniquingKeysWith: { $1 })
        let arrived = records.indices.sorted {
            (order[records[$0].record.session] ?? 0, $0) < (order[records[$1].record.session] ?? 0, $1)
        }
        return arrived.suffix(number).sorted().map { records[$0] }
    }

    var now: CivilDateTime { zone.civil(context.now) }
    var today: CivilDate { context.today ?? now.date }

    /// Where the last visit's knowledge ended; on a first visit, nil.
    var since: CivilDateTime? {
        guard let last else { return nil }
        if let through = last.through { return zone.civil(through) }
        let newest = last.newest.flatMap { key in timeline.records.last { $0.record.key == key } }
        return newest?.civil ?? zone.civil(last.at)
    }

    /// The days that have to be counted.
    var period: Period {
        let known = since == nil ? timeline.records : late
        let first = [since?.date, known.compactMap { $0.civil?.date }.min()].compactMap { $0 }.min() ?? today
        let last = max(today, timeline.completeThroughCivil?.date ?? today)
        return Period(from: min(first, last), to: last)
    }

    func isNew(_ civil: CivilDateTime?) -> Bool {
        guard let civil else { return last == nil }
        return since.map { $0 < civil } ?? true
    }
}
