import Foundation
import Ledger
import PumpCore
import TestSupport
import Testing

@testable import LedgerService

@Suite("The nurse's visit")
struct VisitTests {
    @Test("a first visit tells the whole log: given, late, missed, containers, alarms, supplies")
    func first() throws {
        let month = try OneMonth(delivered: 30)
        month.doses(1...3)
        month.dose(4, 6)
        month.dose(4, 18, lateBy: 125)
        // The 5th at 6 is missed.
        month.dose(5, 18)
        month.event("2026-09-06T05:00", "alarm", note: "occlusion")
        month.event("2026-09-06T05:05", "alarm", note: "occlusion")
        month.dose(6, 6)
        try month.importRegister()
        try month.importEvents()
        let visit = try month.visit("2026-09-06T12:00:00Z")
        #expect(visit.last == nil)
        #expect(visit.orders.map(\.id) == ["O1"])
        let doses = try #require(visit.orders.first?.doses)
        #expect(doses.due == 11)
        #expect(doses.given == 10)
        #expect(doses.missed == [CivilDateTime("2026-09-05T06:00")])
        #expect(doses.late.map(\.minutes) == [125])
        #expect(doses.late.map(\.slot) == [CivilDateTime("2026-09-04T18:00")])
        #expect(doses.unknown == 0)
        #expect(visit.containers.count { $0.isUsed } == 10)
        #expect(visit.volume == .milliliters(thousandths: 1_000_000))
        #expect(visit.alarms.map(\.times) == [2])
        #expect(visit.alarms.map(\.kind) == ["occlusion"])
        let supply = try #require(visit.orders.first?.supplies.first)
        #expect(supply.onHand == 30 - 9)
        #expect(visit.attention.first?.hasPrefix("Occlusion") == true)
        #expect(visit.attention.contains { $0.contains("missed: Sep 5 06:00") })
        #expect(visit.advice.contains { $0.contains("site") })
    }

    @Test("the next visit tells only what came since, and one without anything new says so")
    func since() throws {
        let month = try OneMonth()
        month.doses(1...5)
        try month.importRegister()
        try month.importEvents()
        _ = try month.visit("2026-09-06T01:00:00Z")
        let nothing = try month.visit("2026-09-06T02:00:00Z")
        #expect(nothing.newRecords == 0)
        #expect(nothing.containers.isEmpty)
        #expect(nothing.last?.by == "ann")
        #expect(nothing.last?.at == OneMonth.at("2026-09-06T01:00:00Z"))
        month.doses(6...7)
        try month.importEvents()
        let next = try month.visit("2026-09-08T01:00:00Z")
        #expect(next.newRecords == 16)
        #expect(next.orders.first?.doses?.due == 4)
        #expect(next.orders.first?.doses?.given == 4)
        #expect(next.containers.map(\.isUsed) == [true, true, true, true])
        #expect(next.last?.at == OneMonth.at("2026-09-06T02:00:00Z"))
    }

    @Test("a dry run tells the same and leaves no mark")
    func dryRun() throws {
        let month = try OneMonth()
        month.doses(1...5)
        try month.importRegister()
        try month.importEvents()
        let dry = try month.visit("2026-09-06T01:00:00Z", dryRun: true)
        #expect(dry.isDryRun)
        let wet = try month.visit("2026-09-06T02:00:00Z")
        #expect(wet.last == nil)
        #expect(wet.newRecords == dry.newRecords)
        let ledger = try Ledger.open(at: month.path)
        defer { ledger.close() }
        #expect(try ledger.visits(of: PumpIdentity(serial: "M1", driver: "attested")).count == 1)
    }

    @Test("records from before the last visit that come in later are told as such, and their hole before them")
    func olderRecords() throws {
        let month = try OneMonth()
        let doses = month.doses(1...5)
        try month.importRegister()
        try month.importEvents(without: Set(doses[4]))
        let before = try month.visit("2026-09-06T01:00:00Z")
        #expect(before.gaps.count == 1)
        #expect(before.orders.first?.doses?.unknown == 1)
        #expect(before.attention.contains { $0.contains("hole") })
        try month.importEvents()
        let after = try month.visit("2026-09-06T02:00:00Z")
        #expect(after.newRecords == 0)
        #expect(after.olderRecords == 4)
        #expect(after.gaps.isEmpty)
    }

    @Test("an alarm and a container from before the last visit that came in since are named, whatever the clocks say")
    func late() throws {
        let month = try OneMonth()
        month.doses(1...2)
        let alarm = month.event("2026-09-03T05:00", "alarm", note: "occlusion")
        let dose = month.dose(3, 6)
        month.doses(4...5)
        try month.importRegister()
        try month.importEvents(without: Set(dose).union([alarm]))
        let before = try month.visit("2026-09-06T01:00:00Z")
        #expect(before.alarms.isEmpty && before.late.alarms.isEmpty && before.late.containers == 0)
        month.doses(6...6)
        try month.importEvents()
        let after = try month.visit("2026-09-07T02:00:00Z")
        #expect(after.olderRecords == 5)
        #expect(after.late.containers == 1)
        #expect(after.late.alarms.map(\.kind) == ["occlusion"])
        #expect(after.alarms.isEmpty)
        #expect(after.containers.count == 2)
    }

    @Test("visits never change a count, and are no arrival for a closed period")
    func countsStay() throws {
        let month = try OneMonth()
        month.doses(1...30)
        month.end()
        try month.importRegister()
        try month.importEvents()
        let before = try month.billable()
        for hour in 1...3 { _ = try month.visit("2026-10-02T0\(hour):00:00Z") }
        #expect(try month.billable().lines == before.lines)
        try month.close()
        _ = try month.visit("2026-10-03T01:00:00Z")
        #expect(try month.billable().lines == before.lines)
        #expect(try month.billable().heading.closing?.adjustments == [])
    }

    @Test("a pump is named, or is the only one, or the only one that was read within the hour; else it is asked")
    func whichPump() throws {
        let random = try RandomLedger(seed: 4242)
        let ledger = try random.open()
        let pumps = try ledger.pumps()
        ledger.close()
        try #require(pumps.count > 1)
        func visit(_ pump: String?, at now: Instant) throws -> VisitAnswer? {
            let service = try LedgerService.open(path: random.path, for: .visit(pump: pump, dryRun: true))
            defer { service.close() }
            let context = RequestContext(now: now, zone: "America/New_York")
            guard case .visit(let answer) = try service.answer(.visit(pump: pump, dryRun: true), context) else {
                return nil
            }
            return answer
        }
        let longAfter = RandomLedger.now.adding(seconds: 90 * 86_400)
        do {
            _ = try visit(nil, at: longAfter)
            Issue.record("a pump was guessed")
        } catch let error as ServiceError {
            #expect(error.kind == .usage)
            #expect(error.remedy?.contains(pumps[0].pump.serial) == true)
        }
        for pump in pumps { #expect(try visit(pump.pump.serial, at: longAfter)?.pump.serial == pump.pump.serial) }
        #expect(throws: ServiceError.self) { try visit("NOBODY", at: longAfter) }
    }

    @Test("random ledgers, with holes and clocks that jump, are told without a failure", arguments: 0..<4)
    func anything(seed: Int) throws {
        let random = try RandomLedger(seed: UInt64(seed + 900))
        let ledger = try random.open()
        let pumps = try ledger.pumpIdentities()
        ledger.close()
        for pump in pumps {
            for _ in 0..<2 {
                guard case .visit(let visit) = try random.answer(.visit(pump: pump.serial, dryRun: false)) else {
                    continue
                }
                #expect(visit.olderRecords == 0)
                for doses in visit.orders.compactMap(\.doses) {
                    let told = doses.given + doses.missed.count + doses.unknown + doses.inpatient + doses.excused
                    #expect(told == doses.due, "seed \(seed), pump \(pump.serial)")
                }
            }
        }
    }
}
