import Foundation
import Ledger
import PumpCore
import Supplies
import Synchronization

/// What can be billed in a period that is open: counted group by group, so that a month of many patients needs the
/// memory of few.
struct BillableMonth {
    let ledger: Ledger
    let context: RequestContext

    func answer(period text: String) throws -> BillableAnswer {
        let period = try context.period(text)
        do {
            return try inParts(period)
        } catch is RegisterParts.Unreadable {
            // Reading the register whole says which row it is.
            let month = try MonthQuery(ledger: ledger, context: context)
            let findings = try month.findings(period, wantsContainers: false)
            return BillableAnswer(
                heading: try month.remarked(month.heading(findings, period)), lines: BillableLines(findings.lines))
        }
    }

    /// The rules are read beside the register: for few patients either takes longer than what is counted.
    private func rulesAndMonth() throws -> (RuleBook, MonthOfParts) {
        let found = Mutex<(rules: Result<RuleBook, any Error>?, groups: Result<MonthOfParts.Groups, any Error>?)>(
            (nil, nil))
        DispatchQueue.concurrentPerform(iterations: 2) { number in
            if number == 0 {
                let groups = Result { try MonthOfParts.Groups(ledger) }
                found.withLock { $0.groups = groups }
            } else {
                let rules = Result { try MonthQuery.rules(context) as RuleBook }
                found.withLock { $0.rules = rules }
            }
        }
        let (rules, groups) = found.withLock { $0 }
        // Of two errors that of the rules is said, whichever came first.
        guard let rules = try rules?.get(), let groups = try groups?.get() else { throw RegisterParts.Unreadable() }
        return (rules, MonthOfParts(ledger: ledger, rules: rules, groups))
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

    func inParts(_ period: Period) throws -> BillableAnswer {
        let parts = PackedLines.Parts()
        let folder = URL(filePath: ledger.path).deletingLastPathComponent().path
        let (rules, month) = try rulesAndMonth()
        let found = try month.reduce(
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
