import Ledger
import PumpCore
import Register
import Supplies
import Timeline

/// Turns what a visit looks at into what it says.
struct VisitStory {
    let view: VisitView
    let group: PatientGroup
    let timelines: [PumpTimeline]
    let by: String
    let isDryRun: Bool

    /// A dose that began so many minutes after its slot is called late. No payer and no rule of counting uses it [D].
    static let lateMinutes = 60

    func answer() -> VisitAnswer {
        let serial = view.timeline.pump.serial
        var count = view.fold.count(view.period)
        count.wantsAccounts = true
        let findings = count.findings(of: group, timelines: timelines)
        let refills = view.fold.count(Period(from: view.today, to: view.today)).refills(of: group, timelines: timelines)
        let uses = findings.containers.filter { use in
            use.pump == serial && view.isNew((use.attached ?? use.firstFlow ?? use.ended)?.civil)
        }
        let lateKeys = Set(view.late.map(\.record.key))
        let lateContainers = findings.containers.count { use in
            use.pump == serial && !view.isNew((use.attached ?? use.firstFlow ?? use.ended)?.civil)
                && use.records.contains(where: lateKeys.contains)
        }
        let volumes = uses.compactMap(\.volume)
        var answer = VisitAnswer(
            pump: view.timeline.pump, pumpHcpcs: view.fold.index.pump(serial)?.hcpcs, at: view.context.now, by: by,
            zone: view.zone.identifier, isDryRun: isDryRun, incomplete: incomplete(),
            lastReadAt: view.course?.lastReadAt,
            last: view.last.map { VisitAnswer.LastVisit(at: $0.at, by: $0.by.user) }, since: view.since,
            completeThrough: view.timeline.completeThrough,
            completeThroughCivil: view.timeline.completeThroughCivil, newRecords: view.new.count,
            olderRecords: view.olderRecords,
            late: VisitAnswer.Late(containers: lateContainers, alarms: alarms(in: view.late)), orders: [],
            containers: uses.map { use in
                VisitAnswer.Container(
                    id: use.id, order: use.order, hung: (use.firstFlow ?? use.attached)?.civil, isUsed: use.isUsed,
                    counted: use.counted, reason: use.reason)
            },
            reseats: uses.reduce(0) { $0 + $1.reseats },
            volume: volumes.first.flatMap { first in
                volumes.allSatisfy { $0.unit == first.unit }
                    ? Quantity(thousandths: volumes.reduce(0) { $0 + $1.thousandths }, first.unit) : nil
            },
            alarms: alarms(in: Array(view.new)), battery: battery(), lowBattery: lowBattery(), clock: clock(),
            gaps: gaps(), attention: [], advice: [])
        answer.orders = orders(serial).map { order in
            VisitAnswer.Order(
                id: order.id, patient: order.patient, drug: order.drug, mode: order.mode.rawValue,
                container: order.container.rawValue, ended: lastDay(order),
                doses: findings.accounts.first { $0.order == order.id }.flatMap(doses),
                supplies: refills.filter { $0.order == order.id }.map { line in
                    VisitAnswer.Supply(
                        hcpcs: line.hcpcs, onHand: line.onHand, daysLeft: line.daysLeft, lastDay: line.expectedEnd,
                        earliestContact: line.earliestContact, earliestDelivery: line.earliestDelivery,
                        unknown: line.unknown)
                })
        }
        let words = VisitWords(answer: answer, today: view.today, now: view.now)
        answer.attention = words.attention()
        answer.advice = words.advice()
        return answer
    }

    /// Orders that the pump served at some time since the last visit, or serves now; else the last one that it served.
    private func orders(_ serial: String) -> [TherapyOrder] {
        let served = ordersSince(serial)
        guard served.isEmpty else { return served }
        let last = view.fold.register.assignments.filter {
            $0.pump == serial && $0.from.civilStart(in: view.zone) <= view.now
        }.max { $0.from.civilStart(in: view.zone) < $1.from.civilStart(in: view.zone) }
        return [last.flatMap { view.fold.index.order($0.order) }].compactMap { $0 }
    }

    private func lastDay(_ order: TherapyOrder) -> CivilDate? {
        guard let end = order.ends?.civilEnd(in: view.zone), end <= view.now else { return nil }
        return end.adding(seconds: -1).date
    }

    private func ordersSince(_ serial: String) -> [TherapyOrder] {
        let from = view.since ?? CivilDateTime(view.period.from)
        var seen: Set<String> = []
        return view.fold.register.assignments.filter { row in
            row.pump == serial && (row.to.map { from < $0.civilEnd(in: view.zone) } ?? true)
                && row.from.civilStart(in: view.zone) <= view.now
        }.compactMap { row in
            guard seen.insert(row.order).inserted, let order = view.fold.index.order(row.order) else { return nil }
            return order.ends.map { from < $0.civilEnd(in: view.zone) } ?? true ? order : nil
        }
    }

    // MARK: Doses

    private func doses(_ account: OrderAccount) -> VisitAnswer.Doses? {
        let known = view.timeline.completeThroughCivil ?? view.now
        let slots = account.slots.filter { slot in
            guard view.isNew(slot.at) else { return false }
            // A dose that was due a moment ago may still begin.
            return slot.fate == .given || slot.fate == .unknown && slot.at <= view.now
                || slot.at.adding(seconds: Self.lateMinutes * 60) <= min(known, view.now)
        }
        guard !slots.isEmpty else { return nil }
        let given = slots.filter { $0.fate == .given }
        return VisitAnswer.Doses(
            due: slots.count, given: given.count, late: late(given.map(\.at), spacing: spacing(account.slots)),
            missed: slots.filter { $0.fate == .missed }.map(\.at),
            unknown: slots.count { $0.fate == .unknown }, inpatient: slots.count { $0.fate == .inpatient },
            excused: slots.count { $0.fate == .excused })
    }

    /// Half the shortest way between two slots: a start farther away belongs to another one.
    private func spacing(_ slots: [OrderAccount.Slot]) -> Int {
        let walls = slots.map(\.at.wallSeconds).sorted()
        return (zip(walls, walls.dropFirst()).map { $1 - $0 }.filter { $0 > 0 }.min() ?? 86_400) / 2
    }

    private func late(_ slots: [CivilDateTime], spacing: Int) -> [VisitAnswer.LateDose] {
        let starts = timelines.flatMap(\.records).filter { $0.record.event.kind == .doseStarted && !$0.isDoubtful }
        return slots.compactMap { slot in
            let named = starts.first { $0.record.event.doseSlot == slot }?.civil
            let near = starts.filter { $0.record.event.doseSlot == nil }.compactMap(\.civil)
                .filter { abs($0.wallSeconds - slot.wallSeconds) <= spacing }
                .min { abs($0.wallSeconds - slot.wallSeconds) < abs($1.wallSeconds - slot.wallSeconds) }
            guard let start = named ?? near else { return nil }
            let minutes = (start.wallSeconds - slot.wallSeconds) / 60
            return minutes > Self.lateMinutes ? VisitAnswer.LateDose(slot: slot, minutes: minutes) : nil
        }
    }

    // MARK: The pump itself

    private func alarms(in records: [TimedRecord]) -> [VisitAnswer.Alarm] {
        var alarms: [VisitAnswer.Alarm] = []
        for record in records {
            let event = record.record.event
            let kind: String
            switch event.kind {
            case .alarm: kind = event.alarm?.rawValue ?? PumpEvent.Alarm.other.rawValue
            case .containerEmpty: kind = PumpEvent.Alarm.emptyContainer.rawValue
            case .containerLow: kind = PumpEvent.Alarm.lowContainer.rawValue
            default: continue
            }
            if let known = alarms.firstIndex(where: {
                $0.kind == kind && $0.label == event.label && $0.code == event.code
            }) {
                alarms[known].times += 1
                alarms[known].last = record.civil ?? alarms[known].last
            } else {
                alarms.append(
                    VisitAnswer.Alarm(kind: kind, label: event.label, code: event.code, times: 1, last: record.civil))
            }
        }
        return alarms.sorted { ($0.urgency, $1.last ?? .distantPast) < ($1.urgency, $0.last ?? .distantPast) }
    }

    private func battery() -> String? {
        // Its amount is what the pump has given in all, and says nothing of the battery.
        guard let event = timelineEvents.last(where: { $0.kind == .battery }) else { return nil }
        let parts = [event.label, event.note].compactMap { $0 }
        return parts.isEmpty ? nil : parts.joined(separator: ", ")
    }

    private func lowBattery() -> VisitAnswer.LowBattery? {
        (view.late + view.new).last { record in
            let event = record.record.event
            if event.kind == .alarm { return event.alarm == .battery }
            return event.kind == .battery && Self.lowWords.contains { event.label?.contains($0) == true }
        }.map { VisitAnswer.LowBattery(at: $0.civil) }
    }

    /// What pumps call a battery that will not last, in the labels of their drivers.
    private static let lowWords = [" low", "low ", "depleted", "empty", "under its limit"]

    private func incomplete() -> String? {
        switch view.course?.last {
        case .open:
            "NOT COMPLETE: this pump's log is not read whole. Leave its data cable in, wait for YOU MAY UNPLUG in "
                + "pumpledger status, then run visit again."
        case .brokeOff:
            "NOT COMPLETE: the last reading broke off; what is older or newer is still only in the pump. "
                + "Plug its data cable in again, wait for YOU MAY UNPLUG in pumpledger status, then run visit again."
        case .finished, nil: nil
        }
    }

    private var timelineEvents: [PumpEvent] { view.timeline.records.suffix(2000).map(\.record.event) }

    private func clock() -> VisitAnswer.Clock {
        VisitAnswer.Clock(
            aheadSeconds: view.timeline.clockAheadSeconds,
            changes: view.new.count { $0.record.event.kind == .clockChanged },
            hasJumped: view.timeline.gaps.contains { $0.reason == .clockJump && isNew($0) },
            isUncorrected: view.timeline.completeThrough == nil && !view.timeline.records.isEmpty)
    }

    private func gaps() -> [GapLine] {
        view.timeline.gaps.filter { $0.reason != .clockJump && isNew($0) }.map(GapLine.init)
    }

    private func isNew(_ gap: TimedGap) -> Bool { view.last == nil || view.isNew(gap.toCivil ?? gap.fromCivil) }
}

extension VisitAnswer.Alarm {
    /// 0 is first on the screen.
    var urgency: Int {
        switch PumpEvent.Alarm(rawValue: kind) {
        case .occlusion, .leak, .air, .noDelivery: 0
        case .reset, .battery: 1
        case .emptyContainer: 2
        case .other, nil: 3
        case .lowContainer: 4
        }
    }
}

extension CivilDateTime {
    fileprivate static var distantPast: CivilDateTime { CivilDateTime(CivilDate(dayNumber: 0)) }
}
