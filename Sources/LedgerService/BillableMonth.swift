import Foundation
import Ledger
import PumpCore
import Supplies

/// What can be billed in a period that is open: counted group by group, so that a month of many patients needs the
/// memory of few.
struct BillableMonth {
    let ledger: Ledger
    let context: RequestContext

    func answer(period text: String) throws -> BillableAnswer {
        let period = try context.period(text)
        let rules = try MonthQuery.rules(context)
        do {
            return try inParts(period, rules)
        } catch is RegisterParts.Unreadable {
            // Reading the register whole says which row it is.
            let month = try MonthQuery(ledger: ledger, context: context)
            let findings = try month.findings(period, wantsContainers: false)
            return BillableAnswer(
                heading: try month.remarked(month.heading(findings, period)), lines: BillableLines(findings.lines))
        }
    }

    /// Of a group.
    private struct Found: Sendable {
        var ruleSets: [String]
        var coverage: [CoverageLine]
        var lineCount: Int
        /// Packed.
        var lines: [UInt8]
    }

    private struct Total: Sendable {
        var ruleSets: [String] = []
        var coverage: [CoverageLine] = []
        var lineCount = 0
        var lines: Spool
    }

    func inParts(_ period: Period, _ rules: RuleBook) throws -> BillableAnswer {
        let parts = PackedLines.Parts()
        let folder = URL(filePath: ledger.path).deletingLastPathComponent().path
        let found = try MonthOfParts(ledger: ledger, rules: rules).reduce(
            period.dates, into: Total(lines: Spool(in: folder)),
            finding: { findings in
                Found(
                    ruleSets: findings.ruleSets, coverage: findings.coverage.map(CoverageLine.init),
                    lineCount: findings.lines.count, lines: PackedLines.pack(findings.lines, parts))
            },
            add: { total, group in
                for set in group.ruleSets where !total.ruleSets.contains(set) { total.ruleSets.append(set) }
                total.coverage += group.coverage
                total.lineCount += group.lineCount
                try total.lines.append(group.lines)
            })
        return BillableAnswer(
            heading: try ReportHeading(
                period, ruleSets: found.ruleSets.sorted(), coverage: found.coverage, rules: rules, zone: context.zone
            ).remarked(ledger),
            lines: BillableLines(PackedLines(found.lines, count: found.lineCount, parts)))
    }
}
