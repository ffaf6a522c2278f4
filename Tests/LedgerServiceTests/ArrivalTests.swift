import Foundation
import LedgerService
import PumpCore
import Supplies
import TestSupport
import Testing

/// Many random patient-months in one ledger: how their records come in changes nothing.
@Suite("How records arrive")
struct ArrivalTests {
    private static let patients =
        40 * max(1, ProcessInfo.processInfo.environment["PUMPLEDGER_MONTHS"].flatMap { Int($0) } ?? 1)

    private struct Months {
        var register: [InputFile] = []
        var rows: [String] = []
    }

    /// A week or two of each patient: missed and late doses, a container changed in mid-dose, lost records, a re-seat.
    private static func months(_ random: inout SeededGenerator) throws -> Months {
        var month = ImportedMonth()
        month.patients = (0..<patients).map { "P\($0)" }
        (month.pumps, month.orders, month.assignments, month.deliveries) = ([], [], [], [])
        for number in 0..<patients {
            let pump = "M\(number)"
            var order = ImportedMonth.twiceADay
            let days = Int.random(in: 4...12, using: &random)
            order["ends_at"] = "2026-10-\(String(format: "%02d", days))"
            if Int.random(in: 0..<4, using: &random) == 0 { order["container"] = "cassette" }
            month.pumps.append((pump, "E0781"))
            month.orders.append(("O\(number)", order))
            month.assignments.append("\(pump),1,O\(number),2026-10-01,")
            month.deliveries.append(("A4222", "2026-10-01", Int.random(in: 0...26, using: &random), "O\(number)"))
            for (place, slot) in try ImportedMonth.slots(days * 2).enumerated() {
                switch Int.random(in: 0..<12, using: &random) {
                case 0: continue
                case 1: month.lose(Int.random(in: 1...5, using: &random), pump: pump)
                case 2:
                    month.event(slot, "container-attached", pump: pump, id: "x\(place)")
                    month.event(slot.adding(seconds: 60), "dose-started", pump: pump)
                    month.event(slot.adding(seconds: 600), "alarm", pump: pump, note: "occlusion")
                    month.event(slot.adding(seconds: 900), "container-attached", pump: pump, id: "y\(place)")
                    month.event(slot.adding(seconds: 3000), "dose-completed", pump: pump)
                case 3:
                    // Two records with one content, numbers apart.
                    month.event(slot, "note", pump: pump)
                    month.event(slot, "note", pump: pump)
                    fallthrough
                default:
                    let late = Int.random(in: -20...60, using: &random)
                    month.dose(slot.adding(seconds: 1800), pump: pump, id: "b\(place)", late: late)
                }
            }
        }
        return Months(register: month.register, rows: month.events)
    }

    private func counted(_ ledger: ScratchLedger) throws -> (lines: [BillableLine], containers: [ContainerUse]) {
        (try ledger.lines("2026-10"), try ledger.containers("2026-10"))
    }

    @Test(
        "nothing changes when records arrive in another order, twice, in other batches, on other days, from other files"
    )
    func arrival() throws {
        let seed: UInt64 = 70_000
        var random = SeededGenerator(seed: seed)
        let months = try Self.months(&random)
        let first = try ScratchLedger()
        try first.importRegister(months.register)
        try first.importEvents(months.rows)
        let expected = try counted(first)
        #expect(expected.lines.filter { $0.hcpcs == "A4222" }.count == Self.patients)
        #expect(expected.lines.contains { !$0.unknown.isZero } && expected.lines.contains { $0.review > 0 })

        // Every row twice or more, in ten files, none in the order of time, the register last.
        let second = try ScratchLedger()
        var batches = [[String]](repeating: [], count: 10)
        for row in months.rows {
            for _ in 0..<Int.random(in: 2...3, using: &random) {
                batches[Int.random(in: 0..<batches.count, using: &random)].append(row)
            }
        }
        for (number, batch) in batches.enumerated() {
            let day = 10 + number * 2
            try second.importEvents(
                batch.shuffled(using: &random), file: "hub-\(number % 3)-\(number).csv", now: "2026-11-\(day)T08:00:00Z"
            )
        }
        try second.importRegister(months.register)
        let found = try counted(second)
        #expect(found.lines.count == expected.lines.count, "seed \(seed)")
        for (a, b) in zip(expected.lines, found.lines) { #expect(a == b, "seed \(seed) \(a.order)") }
        #expect(found.containers == expected.containers, "seed \(seed)")

        // And once more changes nothing.
        try second.importEvents(months.rows.reversed())
        try second.importRegister(months.register)
        #expect(try counted(second).lines == expected.lines, "seed \(seed)")
    }
}
