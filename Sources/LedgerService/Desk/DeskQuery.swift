import PumpCore
import Register
import Supplies
import Timeline

/// What the biller and the warehouse ask beside the count itself. Everything is made group by group and added up, so that
/// no more than one group's logs have to be at hand.
extension MonthQuery {
    func reconcile(period text: String) throws -> ReconcileAnswer {
        let period = try period(text)
        let found = try project(period) { $0.reconciliation(of: $1, timelines: $2) }
        return ReconcileAnswer(heading: try remarked(heading(found.findings, period)), lines: found.lines)
    }

    /// At the start of a day: today where none is named.
    func refillDue(on named: CivilDate?) throws -> RefillAnswer {
        let day = named ?? today
        let period = Period(from: day, to: day)
        let found = try project(period) { $0.refills(of: $1, timelines: $2) }
        return RefillAnswer(heading: heading(found.findings, period), day: day, lines: found.lines.soonestFirst())
    }

    func scrub(period text: String) throws -> ScrubAnswer { try scrub(try period(text)) }

    func scrub(_ period: Period) throws -> ScrubAnswer {
        let found = try project(period) { $0.scrub(of: $1, timelines: $2) }
        return ScrubAnswer(
            heading: try remarked(heading(found.findings, period)), findings: found.lines,
            claimLines: register.billed.filter { period.dates.contains($0.from) }.count,
            deliveries: register.deliveries.filter { period.dates.contains($0.date) }.count)
    }

    /// What `billable` and `usage` say of a period, and what `reconcile` says of it: each log is read once.
    func findingsAndShelves(_ period: Period) throws -> (findings: MonthFindings, shelves: [ReconcileLine]) {
        let count = MonthCount(index, rules: rules, period: period.dates)
        let groupwise = GroupwiseCount(ledger: ledger, count: count)
        let found = try groupwise.reduce(
            pieces.of(.everybody), into: Projected<ReconcileLine>(findings: MonthFindings(period: period.dates)),
            finding: { piece, timelines in
                Projected(
                    findings: groupwise.findings(of: piece, timelines),
                    lines: piece.group.map { count.reconciliation(of: $0, timelines: timelines) } ?? [])
            },
            { total, found in
                total.findings.add(found.findings)
                total.lines += found.lines
            })
        return (found.findings, found.lines)
    }

    // MARK: One order

    /// The lines of `reconcile` for one order.
    func stockLines(ofOrder order: String, _ period: Period) throws -> [ReconcileLine] {
        try lines(ofOrder: order, period) { $0.reconciliation(of: $1, timelines: $2) }.filter { $0.order == order }
    }

    func refillLine(ofOrder order: String, on day: CivilDate) throws -> RefillLine? {
        try lines(ofOrder: order, Period(from: day, to: day)) { $0.refills(of: $1, timelines: $2) }
            .first { $0.order == order }
    }

    /// Every move of an order's containers up to the end of a day. Nil where nothing is known of the order.
    func account(ofOrder order: String, through day: CivilDate) throws -> StockAccount? {
        try lines(ofOrder: order, Period(from: day, to: day)) { count, group, timelines in
            count.account(ofOrder: order, in: group, timelines: timelines).map { [$0] } ?? []
        }.first
    }

    // MARK: Groups

    /// What a report says, and what its heading is made of.
    private struct Projected<Line: Sendable>: Sendable {
        var findings: MonthFindings
        var lines: [Line] = []
    }

    private typealias Projection<Line> = @Sendable (MonthCount, PatientGroup, [PumpTimeline]) -> [Line]

    /// The day that the caller named, else the day of "now" in the zone of printing.
    private var today: CivilDate {
        context.today ?? (HomeZone(identifier: context.zone) ?? .utc).civil(context.now).date
    }

    private func project<Line: Sendable>(
        _ period: Period, _ ask: @escaping Projection<Line>
    ) throws -> Projected<Line> {
        let count = counting(period)
        let groupwise = GroupwiseCount(ledger: ledger, count: count)
        return try groupwise.reduce(
            pieces.of(.everybody), into: Projected(findings: MonthFindings(period: period.dates)),
            finding: { piece, timelines in
                var findings = groupwise.findings(of: piece, timelines)
                // A heading needs the rules and how far the logs go.
                findings.lines = []
                return Projected(
                    findings: findings, lines: piece.group.map { ask(count, $0, timelines) } ?? [])
            },
            { total, found in
                total.findings.add(found.findings)
                total.lines += found.lines
            })
    }

    private func lines<Line: Sendable>(
        ofOrder order: String, _ period: Period, _ ask: @escaping Projection<Line>
    ) throws -> [Line] {
        let count = counting(period)
        return try GroupwiseCount(ledger: ledger, count: count).reduce(
            pieces.of(.only(orders: [order], pumps: [])), into: [],
            finding: { piece, timelines in piece.group.map { ask(count, $0, timelines) } ?? [] }, { $0 += $1 })
    }

    private func counting(_ period: Period) -> MonthCount {
        var count = MonthCount(index, rules: rules, period: period.dates)
        count.wantsContainers = false
        return count
    }
}
