import Ledger
import PumpCore
import Register
import Supplies
import Timeline

/// The counting core over what the ledger holds: the logs with corrected times, the register, the rules in force.
///
/// Logs are read and counted group by group (`RegisterIndex.groups`), so that a month of many patients needs the memory
/// of few.
struct MonthQuery {
    let context: RequestContext
    let register: SupplyRegister
    let index: RegisterIndex
    let rules: RuleBook
    /// On record, by serial, then driver.
    let pumps: [PumpIdentity]
    let pieces: CountingPieces
    let ledger: Ledger

    init(ledger: Ledger, context: RequestContext) throws {
        self.context = context
        self.ledger = ledger
        rules = try Self.rules(context)
        register = try LogQuery(ledger: ledger).register()
        index = RegisterIndex(register)
        pumps = try ledger.pumpIdentities()
        pieces = CountingPieces(index, pumps: pumps)
    }

    func usage(period text: String, order: String?) throws -> UsageAnswer {
        let period = try period(text)
        if let order, !register.orders.contains(where: { $0.id == order }) {
            throw ServiceError(
                .badInput, "no order \(order) is in the register",
                remedy: "Check its id in orders.csv, then: pumpledger import register DIR")
        }
        let findings = try findings(period)
        return UsageAnswer(
            heading: try remarked(heading(findings, period)),
            lines: findings.containers.filter { order == nil || $0.order == order })
    }

    /// Of everybody, or of the groups that `part` names.
    func findings(
        _ period: Period, wantsAccounts: Bool = false, wantsContainers: Bool = true, of part: MonthPart = .everybody
    ) throws -> MonthFindings {
        try reduce(
            period, wantsAccounts: wantsAccounts, wantsContainers: wantsContainers, of: part,
            into: MonthFindings(period: period.dates)
        ) { $0.add($1) }
    }

    /// Adds up the findings of one group after the other, in the order of `RegisterIndex.groups`, then those of each pump
    /// that is assigned to nobody, by serial. Nothing of a group is kept but what `add` keeps.
    func reduce<Total: Sendable>(
        _ period: Period, wantsAccounts: Bool = false, wantsContainers: Bool = true, of part: MonthPart = .everybody,
        into total: Total, _ add: @Sendable (inout Total, MonthFindings) throws -> Void
    ) throws -> Total {
        var count = MonthCount(index, rules: rules, period: period.dates)
        count.wantsAccounts = wantsAccounts
        count.wantsContainers = wantsContainers
        return try GroupwiseCount(ledger: ledger, count: count).reduce(pieces.of(part), into: total, add)
    }

    /// The logs of a part, with corrected times.
    func timelines(of part: MonthPart) throws -> [PumpTimeline] {
        try pieces.of(part).flatMap(\.logs).compactMap { try ledger.log(of: $0) }.map {
            LogQuery.timeline($0, index: index)
        }
    }

    func heading(_ findings: MonthFindings, _ period: Period) -> ReportHeading {
        ReportHeading(
            period, ruleSets: findings.ruleSets, coverage: findings.coverage.map(CoverageLine.init), rules: rules,
            zone: context.zone)
    }

    func remarked(_ heading: ReportHeading) throws -> ReportHeading { try heading.remarked(ledger) }

    func period(_ text: String) throws(ServiceError) -> Period { try context.period(text) }

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
}

extension ReportHeading {
    /// Says which closed periods share days with the one that is counted here from what the ledger holds now.
    func remarked(_ ledger: Ledger) throws -> ReportHeading {
        var heading = self
        heading.remarks = try ledger.closings(touching: period.dates).filter { $0.days != period.dates }.map {
            closing in
            let (from, to) = (closing.days.lowerBound, closing.days.upperBound)
            return
                "\(from) to \(to) is closed, and these dates share days with it without being the same: they are "
                + "counted anew from what the ledger holds now, not from what was frozen. What was frozen: --period \(from)..\(to)"
        }
        return heading
    }
}
