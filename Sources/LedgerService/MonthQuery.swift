import Crypto
import Foundation
import Ledger
import PumpCore
import Register
import Supplies
import Timeline

/// The counting core over what the ledger holds: the logs with corrected times, the register, the rules in force.
struct MonthQuery {
    let context: RequestContext
    let register: SupplyRegister
    let timelines: [PumpTimeline]
    let rules: RuleBook

    init(ledger: Ledger, context: RequestContext) throws {
        self.context = context
        rules = try Self.rules(context)
        let logs = LogQuery(ledger: ledger)
        register = try logs.register()
        timelines = try logs.timelines(register)
    }

    func usage(period text: String, order: String?) throws -> UsageAnswer {
        let period = try period(text)
        if let order, !register.orders.contains(where: { $0.id == order }) {
            throw ServiceError(
                .badInput, "no order \(order) is in the register",
                remedy: "Check its id in orders.csv, then: pumpledger import register DIR")
        }
        let findings = findings(period)
        return UsageAnswer(
            heading: heading(findings, period),
            lines: findings.containers.filter { order == nil || $0.order == order })
    }

    func billable(period text: String) throws -> BillableAnswer {
        let period = try period(text)
        let findings = findings(period)
        return BillableAnswer(heading: heading(findings, period), lines: findings.lines)
    }

    func findings(_ period: Period, wantsAccounts: Bool = false) -> MonthFindings {
        var count = MonthCount(RegisterIndex(register), rules: rules, period: period.dates)
        count.wantsAccounts = wantsAccounts
        return count.findings(timelines)
    }

    func heading(_ findings: MonthFindings, _ period: Period) -> ReportHeading {
        let simulated = Set(timelines.filter(\.pump.isSimulated).map(\.pump.serial))
        return ReportHeading(
            period: period, zone: context.zone, rules: findings.rules.nilIfEmpty ?? "none: no order in this period",
            rulesDigest: Self.digest(rules),
            coverage: findings.coverage.map { coverage in
                CoverageLine(
                    pump: coverage.pump, isSimulated: simulated.contains(coverage.pump),
                    completeThrough: coverage.completeThrough,
                    gaps: coverage.gaps.map { gap in
                        GapLine(
                            pump: coverage.pump, from: gap.from?.description ?? gap.fromCivil?.description,
                            to: gap.to?.description ?? gap.toCivil?.description, reason: gap.reason,
                            detail: gap.missing.map { "\($0) records" })
                    }
                        + (coverage.isUnread
                            ? [GapLine(pump: coverage.pump, from: nil, to: nil, reason: "never-read")] : []))
            })
    }

    /// "Today" is the day that the caller named, else the day of "now" in the zone of printing.
    func period(_ text: String) throws(ServiceError) -> Period {
        let zone = HomeZone(identifier: context.zone) ?? .utc
        return try Period(text, today: context.today ?? zone.civil(context.now).date)
    }

    static func rules(_ context: RequestContext) throws(ServiceError) -> RuleBook {
        do {
            guard let replacements = context.rules else { return try RuleBook.shipped }
            var files = RuleBook.shippedFiles
            for file in replacements { files[file.name] = file.bytes }
            return try RuleBook(files: files)
        } catch {
            throw ServiceError(.badInput, "the rules cannot be used: \(error)")
        }
    }

    private static func digest(_ rules: RuleBook) -> String {
        "sha256:" + SHA256.hash(data: Data(rules.canonicalBytes)).map { $0 }.hex
    }
}
