import Foundation
import Ledger
import PumpCore
import Supplies
import TestSupport
import Testing

@testable import LedgerService

@Suite("Closed periods")
struct ClosingTests {
    private func month(_ days: ClosedRange<Int> = 1...30, delivered: Int = 60) throws -> OneMonth {
        let month = try OneMonth(delivered: delivered)
        month.doses(days)
        month.end()
        try month.importRegister()
        try month.importEvents()
        return month
    }

    private func error(_ body: () throws -> Void) -> ServiceError? {
        do {
            try body()
            return nil
        } catch { return error as? ServiceError }
    }

    // MARK: Frozen

    @Test("a closed period says what the open one said, in every line and field, and who closed it")
    func frozen() throws {
        let month = try month()
        let open = try month.billable()
        let used = try month.usage()
        let closed = try month.close()
        #expect(closed.open.isEmpty)
        #expect(closed.closing?.closedBy == "ann")
        let answer = try month.billable()
        #expect(answer.lines == open.lines)
        #expect(answer.heading.coverage == open.heading.coverage)
        #expect(answer.heading.rulesDigest == open.heading.rulesDigest)
        #expect(open.heading.closing == nil)
        #expect(answer.heading.closing?.closedAt == OneMonth.closedAt)
        #expect(answer.heading.closing?.uid == 1001)
        #expect(answer.heading.closing?.adjustments == [])
        #expect(try month.usage().lines == used.lines)
        #expect(try month.usage(order: "O1").lines == used.lines)
        #expect(error { _ = try month.usage(order: "O9") }?.kind == .badInput)
    }

    @Test("dates that share days with a closed period are counted anew, and every report of them says so")
    func overlapping() throws {
        let month = try month()
        #expect(try month.billable().heading.remarks.isEmpty)
        try month.close()
        #expect(try month.billable().heading.remarks.isEmpty)
        for request in [
            Request.billable(period: "2026-09-10..2026-10-05"), .usage(period: "2026-09-10..2026-10-05", order: nil),
            .reconcile(period: "2026-09-10..2026-10-05"),
        ] {
            let heading: ReportHeading
            switch try month.answer(request) {
            case .billable(let answer): heading = answer.heading
            case .usage(let answer): heading = answer.heading
            case .reconciled(let answer): heading = answer.heading
            default: throw OneMonth.Unexpected()
            }
            #expect(heading.closing == nil)
            #expect(heading.remarks.count == 1)
            #expect(heading.remarks.first?.hasPrefix("2026-09-01 to 2026-09-30 is closed") == true)
        }
        guard case .billable(let beside) = try month.answer(.billable(period: "2026-10")) else { return }
        #expect(beside.heading.remarks.isEmpty)
    }

    @Test("random ledgers freeze and come back, whatever payers, pumps and holes they have", arguments: 0..<5)
    func anything(seed: Int) throws {
        let random = try RandomLedger(seed: UInt64(seed + 500))
        func billable() throws -> BillableAnswer? {
            guard case .billable(let answer) = try random.answer(.billable(period: "2026-10")) else { return nil }
            return answer
        }
        func usage() throws -> UsageAnswer? {
            guard case .usage(let answer) = try random.answer(.usage(period: "2026-10", order: nil)) else { return nil }
            return answer
        }
        let (lines, containers) = (try billable()?.lines, try usage()?.lines)
        let ledger = try random.open()
        let context = RandomLedger.context
        let fold = try GroupFold(ledger: ledger, rules: try MonthQuery.rules(context))
        let count = fold.count(try context.period("2026-10"))
        let shelves = try fold.groups.flatMap { count.reconciliation(of: $0, timelines: try fold.timelines(of: $0)) }
        ledger.close()
        guard case .closed(let closed) = try random.answer(.close(period: "2026-10", accept: "all of it")) else {
            return
        }
        #expect(closed.closing != nil)
        #expect(try billable()?.lines == lines, "seed \(seed)")
        #expect(try usage()?.lines == containers, "seed \(seed)")
        let reopened = try random.open()
        defer { reopened.close() }
        #expect(
            try ClosedMonths(ledger: reopened, context: context).reconciliation(period: "2026-10")?.lines == shelves)
        #expect(try reopened.verify().problems == [])
    }

    @Test("nothing is counted for a closed period: rules that nobody could count by are not even read")
    func noFold() throws {
        let month = try month()
        try month.close()
        let broken = [InputFile(name: "medicare-dme.json", bytes: Array("{".utf8))]
        #expect(try month.billable(rules: broken).containers?.supported == 60)
        try month.reopen()
        #expect(error { _ = try month.billable(rules: broken) }?.kind == .badInput)
    }

    // MARK: Late arrivals

    @Test("a record that comes later is a dated entry beside the closed lines, said once, with its records")
    func lateRecord() throws {
        let month = try OneMonth()
        let doses = month.doses(1...30)
        month.end()
        let late = Set(doses[41])
        try month.importRegister()
        try month.importEvents(without: late)
        let before = try month.close(accept: "read by hand")
        #expect(Set(before.open.map(\.kind)).contains(.gap))
        let frozen = try month.billable().lines
        #expect(try month.billable().containers?.used == 59)
        try month.importEvents(at: "2026-10-09T02:00:00Z")
        let answer = try month.billable("2026-10-20T12:00:00Z")
        #expect(answer.lines == frozen)
        let entry = try #require(answer.heading.closing?.adjustments.first)
        #expect(answer.heading.closing?.adjustments.count == 1)
        // 02:00Z on the 9th is the 8th where the patient lives.
        #expect(entry.on == CivilDate("2026-10-08"))
        #expect(entry.order == "O1")
        #expect(entry.hcpcs == "A4222")
        #expect(entry.used == 1)
        #expect(entry.supported == 1)
        #expect(entry.payable == 1)
        #expect(entry.records.count == 4)
        #expect(entry.reason.contains("pump M1"))
        #expect(entry.reason.contains("used 59 to 60"))
        #expect(try month.billable("2026-10-21T12:00:00Z").heading.closing == answer.heading.closing)
        #expect(try month.usage().heading.closing == answer.heading.closing)
        // The same events again are no arrival that changes anything.
        try month.importEvents(at: "2026-10-22T02:00:00Z")
        #expect(try month.billable().heading.closing == answer.heading.closing)
    }

    @Test("a register row that comes later is an entry too, and one that takes it back another, with the other sign")
    func lateRow() throws {
        let month = try month(delivered: 58)
        try month.close(accept: "more used than delivered")
        #expect(try month.billable().containers?.supported == 58)
        let header = "delivery_id,order_id,hcpcs,date,quantity\n"
        try month.importRegister(
            ["deliveries.csv": header + "D1,O1,A4222,2026-09-01,60\n"], at: "2026-10-05T12:00:00Z")
        try month.importRegister(
            ["deliveries.csv": header + "D1,O1,A4222,2026-09-01,60\nD2,O1,A4222,2026-10-01,7\n"],
            at: "2026-10-06T12:00:00Z")
        let first = try #require(try month.billable().heading.closing?.adjustments)
        #expect(first.map(\.supported) == [2])
        #expect(first.map(\.rows) == [["deliveries D1, version 2", "deliveries D2"]])
        #expect(first.map(\.on) == [CivilDate("2026-10-06")])
        try month.importRegister(
            ["deliveries.csv": header + "D1,O1,A4222,2026-09-01,57\n"], at: "2026-10-08T12:00:00Z")
        let both = try #require(try month.billable().heading.closing?.adjustments)
        #expect(both.first == first.first)
        #expect(both.map(\.supported) == [2, -3])
        #expect(both.map(\.prepared) == [2, -3])
        #expect(both.map(\.records) == [[], []])
        #expect(try month.billable().containers?.supported == 58)
    }

    @Test("what arrives for another patient, or after the period, leaves no entry")
    func elsewhere() throws {
        let month = try month()
        try month.close()
        for day in 1...3 { month.event("2026-10-0\(day)T06:00", "battery") }
        try month.importEvents(at: "2026-10-04T12:00:00Z")
        try month.importRegister(
            [
                "patients.csv":
                    "patient_id,home_zone,payer\nP1,America/New_York,medicare-dme\nP2,America/Denver,medicare-dme\n"
            ],
            at: "2026-10-05T12:00:00Z")
        #expect(try month.billable().heading.closing?.adjustments == [])
    }

    @Test("late arrivals are counted by the rules that the period was closed with")
    func frozenRules() throws {
        let month = try OneMonth()
        let doses = month.doses(1...30)
        month.end()
        try month.importRegister()
        try month.importEvents(without: Set(doses[10]))
        try month.close(accept: "gap")
        try month.importEvents(at: "2026-10-09T12:00:00Z")
        let broken = [InputFile(name: "medicare-dme.json", bytes: Array("{".utf8))]
        #expect(try month.billable(rules: broken).heading.closing?.adjustments.map(\.supported) == [1])
    }

    @Test(
        "closed lines and their entries sum to what is counted anew, in whatever order things arrive", arguments: 0..<4)
    func sums(seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed + 77))
        let month = try OneMonth(delivered: Int.random(in: 50...64, using: &random))
        let doses = month.doses(1...30)
        month.end()
        var missing = Set(doses.shuffled(using: &random).prefix(Int.random(in: 1...6, using: &random)).flatMap { $0 })
        try month.importRegister()
        try month.importEvents(without: missing)
        try month.close(accept: "as it is")
        let closed = try month.billable()
        var seen = 0
        for day in 3...6 {
            if Bool.random(using: &random) {
                try month.importRegister(
                    [
                        "deliveries.csv":
                            "delivery_id,order_id,hcpcs,date,quantity\nD1,O1,A4222,2026-09-01,\(Int.random(in: 40...70, using: &random))\n"
                    ],
                    at: "2026-10-0\(day)T12:00:00Z")
            } else {
                missing = Set(missing.shuffled(using: &random).dropFirst(missing.count / 2))
                try month.importEvents(without: missing, at: "2026-10-0\(day)T12:00:00Z")
            }
            guard Bool.random(using: &random) else { continue }
            let now = try #require(try month.billable().heading.closing?.adjustments)
            #expect(now.count >= seen, "seed \(seed): an entry is gone")
            seen = now.count
        }
        let entries = try #require(try month.billable().heading.closing?.adjustments)
        #expect(try month.billable().lines == closed.lines, "seed \(seed)")
        try month.reopen()
        let anew = try #require(try month.billable().containers)
        let line = try #require(closed.containers)
        func sum(_ value: KeyPath<Adjustment, Int?>) -> Int { entries.reduce(0) { $0 + ($1[keyPath: value] ?? 0) } }
        #expect((line.used ?? 0) + sum(\.used) == anew.used, "seed \(seed)")
        #expect((line.supported ?? 0) + sum(\.supported) == anew.supported, "seed \(seed)")
        #expect((line.payable ?? 0) + sum(\.payable) == anew.payable, "seed \(seed)")
        #expect((line.prepared ?? 0) + sum(\.prepared) == anew.prepared, "seed \(seed)")
    }

    // MARK: What is refused

    @Test("a pump that is not read to the end, a hole and a review are open, and nothing is closed over them")
    func open() throws {
        let month = try OneMonth()
        let doses = month.doses(1...20)
        month.event("2026-09-21T06:00", "container-attached", container: "X")
        month.event("2026-09-21T06:00", "dose-started", container: "X")
        month.event("2026-09-21T06:10", "alarm", note: "occlusion")
        month.event("2026-09-21T06:20", "container-detached", container: "X")
        month.event("2026-09-21T06:21", "container-attached", container: "Y")
        month.event("2026-09-21T06:22", "dose-started", container: "Y")
        month.event("2026-09-21T06:59", "dose-completed", container: "Y")
        try month.importRegister()
        try month.importEvents(without: Set(doses[5]))
        let answer = try month.close()
        #expect(answer.closing == nil)
        let kinds = Dictionary(grouping: answer.open, by: \.kind)
        #expect(kinds[.unread]?.map(\.pump) == ["M1"])
        #expect(kinds[.gap]?.count == 1)
        #expect(kinds[.review]?.isEmpty == false)
        #expect(answer.open.allSatisfy { !$0.what.isEmpty && !$0.remedy.isEmpty })
        #expect(try month.billable().heading.closing == nil)
        #expect(error { try month.close(accept: "  ") }?.kind == .usage)
        let accepted = try month.close(accept: "pump lost on the 21st")
        #expect(accepted.closing?.accepted == "pump lost on the 21st")
        #expect(accepted.open == answer.open)
        #expect(try month.billable().heading.closing?.accepted == "pump lost on the 21st")
    }

    @Test("hours of the last day in which nothing could happen do not hold a closing up")
    func lastEvening() throws {
        let month = try OneMonth()
        month.doses(1...30)
        try month.importRegister()
        try month.importEvents()
        #expect(try month.close().open.isEmpty)
    }

    @Test("a period is closed once, with no day in two closings, and only when it is over where the patient lives")
    func refusals() throws {
        let month = try month()
        #expect(error { try month.close(at: "2026-10-01T03:59:59Z") }?.kind == .usage)
        #expect(try month.close(at: "2026-10-01T12:00:00Z").closing != nil)
        let again = try #require(error { try month.close() })
        #expect(again.kind == .periodClosed)
        #expect(again.message.contains("closed already, by ann"))
        #expect(again.remedy?.contains("pumpledger reopen --period 2026-09-01..2026-09-30") == true)
        for period in ["2026-09-30..2026-10-01", "2026-09-10", "2026-08-01..2026-09-01"] {
            #expect(error { try month.close(period) }?.kind == .periodClosed, "\(period)")
        }
        #expect(error { try month.close("2026-08") }?.kind == .badInput)
    }

    @Test("a reopened period is counted anew, can be closed again, and both are on record")
    func reopened() throws {
        let month = try month()
        #expect(error { try month.reopen() }?.kind == .badInput)
        try month.close()
        #expect(error { try month.reopen(reason: " ") }?.kind == .usage)
        let answer = try month.reopen(reason: "claim denied")
        #expect(answer.closing.closedBy == "ann")
        #expect(try month.billable().heading.closing == nil)
        #expect(error { try month.reopen() }?.kind == .badInput)
        try month.close()
        let ledger = try Ledger.open(at: month.path)
        defer { ledger.close() }
        #expect(try ledger.closings().map(\.reopening?.reason) == ["claim denied", nil])
    }

    @Test("an explanation of a closed line says what was frozen before it counts from what the ledger holds now")
    func explained() throws {
        let month = try month()
        let id = "l:2026-09-01..2026-09-30:O1:A4222"
        func sentence() throws -> String? {
            guard case .explanation(let answer) = try month.answer(.explain(id: id)) else { return nil }
            return answer.sentences.first
        }
        #expect(try sentence()?.contains("closed") == false)
        try month.close()
        #expect(try sentence()?.contains("closed by ann") == true)
        #expect(try sentence()?.contains("supported 60") == true)
    }
}
