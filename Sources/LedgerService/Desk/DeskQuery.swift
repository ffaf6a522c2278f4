import PumpCore
import Register
import Supplies
import Timeline

/// What the biller and the warehouse ask beside the count itself. Everything is made group by group and added up, so that
/// no more than one group's logs have to be at hand.
extension MonthQuery {
    func reconcile(period text: String) throws -> ReconcileAnswer {
        let period = try period(text)
        let count = counting(period)
        let lines = overGroups(count) { count.reconciliation(of: $0, timelines: $1) }
        return ReconcileAnswer(heading: heading(findings(period), period), lines: lines.attentionFirst())
    }

    /// At the start of a day: today where none is named.
    func refillDue(on named: CivilDate?) -> RefillAnswer {
        let day = named ?? today
        let period = Period(from: day, to: day)
        let count = counting(period)
        let lines = overGroups(count) { count.refills(of: $0, timelines: $1) }
        return RefillAnswer(heading: heading(findings(period), period), day: day, lines: lines.soonestFirst())
    }

    func scrub(period text: String) throws -> ScrubAnswer { scrub(try period(text)) }

    func scrub(_ period: Period) -> ScrubAnswer {
        let count = counting(period)
        let findings = overGroups(count) { count.scrub(of: $0, timelines: $1) }
        return ScrubAnswer(
            heading: heading(self.findings(period), period), findings: findings,
            claimLines: register.billed.filter { period.dates.contains($0.from) }.count,
            deliveries: register.deliveries.filter { period.dates.contains($0.date) }.count)
    }

    /// The lines of `reconcile` for one order.
    func stockLines(ofOrder order: String, _ period: Period) -> [ReconcileLine] {
        let count = counting(period)
        return overGroup(ofOrder: order, count) { count.reconciliation(of: $0, timelines: $1) }?
            .filter { $0.order == order } ?? []
    }

    func refillLine(ofOrder order: String, on day: CivilDate) -> RefillLine? {
        let count = counting(Period(from: day, to: day))
        return overGroup(ofOrder: order, count) { count.refills(of: $0, timelines: $1) }?.first { $0.order == order }
    }

    /// Every move of an order's containers up to the end of a day. Nil where nothing is known of the order.
    func account(ofOrder order: String, through day: CivilDate) -> StockAccount? {
        let count = counting(Period(from: day, to: day))
        return overGroup(ofOrder: order, count) { count.account(ofOrder: order, in: $0, timelines: $1) } ?? nil
    }

    // MARK: Groups

    private func counting(_ period: Period) -> MonthCount {
        MonthCount(RegisterIndex(register), rules: rules, period: period.dates)
    }

    /// The day that the caller named, else the day of "now" in the zone of printing.
    private var today: CivilDate {
        context.today ?? (HomeZone(identifier: context.zone) ?? .utc).civil(context.now).date
    }

    private func overGroups<Line>(_ count: MonthCount, _ ask: (PatientGroup, [PumpTimeline]) -> [Line]) -> [Line] {
        let bySerial = Dictionary(timelines.map { ($0.pump.serial, $0) }, uniquingKeysWith: { first, _ in first })
        return count.index.groups().flatMap { group in ask(group, group.pumps.compactMap { bySerial[$0] }) }
    }

    private func overGroup<T>(
        ofOrder order: String, _ count: MonthCount, _ ask: (PatientGroup, [PumpTimeline]) -> T
    ) -> T? {
        guard let patient = count.index.order(order)?.patient,
            let group = count.index.groups().first(where: { $0.patients.contains(patient) })
        else { return nil }
        let wanted = Set(group.pumps)
        return ask(group, timelines.filter { wanted.contains($0.pump.serial) })
    }
}
