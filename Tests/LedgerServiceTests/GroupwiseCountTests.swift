import Foundation
import Ledger
import PumpCore
import Register
import Supplies
import TestSupport
import Testing
import Timeline

@testable import LedgerService

/// A month is counted group by group, on several cores: nobody may see it in the numbers.
@Suite("Counting group by group")
struct GroupwiseCountTests {
    static let count = 12 * max(1, ProcessInfo.processInfo.environment["PUMPLEDGER_MONTHS"].flatMap { Int($0) } ?? 1)

    private func json(_ findings: MonthFindings) throws -> [String] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        func text(_ value: some Encodable) throws -> String {
            String(decoding: try encoder.encode(value), as: UTF8.self)
        }
        return try findings.coverage.map(text) + findings.lines.map(text) + findings.containers.map(text)
            + findings.accounts.map(text) + findings.ruleSets
    }

    @Test("a month in pieces is the month of everybody at once", arguments: 0..<count)
    func pieces(seed: Int) throws {
        let random = try RandomLedger(seed: UInt64(seed))
        let ledger = try random.open()
        defer { ledger.close() }
        let month = try MonthQuery(ledger: ledger, context: RandomLedger.context)
        let all = try ledger.pumpIdentities().compactMap { try ledger.log(of: $0) }.map {
            LogQuery.timeline($0, index: month.index)
        }
        for text in ["2026-10", "2026-09-15..2026-10-12", "2026q4"] {
            let period = try month.period(text)
            var count = MonthCount(month.index, rules: month.rules, period: period.dates)
            count.wantsAccounts = true
            let whole = try json(count.findings(all))
            #expect(!whole.isEmpty)
            #expect(try json(month.findings(period, wantsAccounts: true)) == whole, "seed \(seed), \(text)")
            count.wantsAccounts = false
            for (workers, records) in [(1, 1), (4, 1), (3, 100)] {
                var pieces = GroupwiseCount(ledger: ledger, count: count)
                (pieces.ahead.workers, pieces.ahead.recordsALook) = (workers, records)
                let found = try pieces.reduce(
                    CountingPieces(month.index, pumps: month.pumps).of(.everybody),
                    into: MonthFindings(period: period.dates)
                ) { $0.add($1) }
                #expect(try json(found) == json(count.findings(all)), "seed \(seed), \(text), \(workers) workers")
            }
        }
    }

    @Test("what is explained of one order, pump or container is what the whole ledger says", arguments: 0..<count)
    func parts(seed: Int) throws {
        let random = try RandomLedger(seed: UInt64(seed + 1000))
        let ledger = try random.open()
        defer { ledger.close() }
        let month = try MonthQuery(ledger: ledger, context: RandomLedger.context)
        let period = try month.period("2026-10")
        let whole = try month.findings(period)
        for order in month.register.orders {
            let part = try month.findings(period, of: .only(orders: [order.id], pumps: []))
            #expect(part.lines.filter { $0.order == order.id } == whole.lines.filter { $0.order == order.id })
        }
        let explainer = try Explainer(ledger: ledger, context: RandomLedger.context)
        for container in whole.containers.prefix(6) {
            let explained = try explainer.explain(container.id)
            #expect(explained.sentences == ContainerSentences.long(container), "seed \(seed), \(container.id)")
            #expect(Set(explained.records.map(\.line.record.key)) == Set(container.records))
            #expect(explained.records.allSatisfy { !$0.seenBy.isEmpty })
            let record = try #require(container.records.first)
            let named = try explainer.explain(record.text).parts.map(\.id)
            #expect(named.contains(container.id), "seed \(seed), \(record)")
        }
        for line in whole.lines.prefix(4) {
            let id = LineID(period: period, order: line.order, hcpcs: line.hcpcs)
            #expect(try explainer.explain(id.description).sentences.starts(with: LineSentences.of(line)))
        }
    }
}
