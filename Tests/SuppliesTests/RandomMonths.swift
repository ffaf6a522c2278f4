import Foundation
import PumpCore
import Register
import Supplies
import TestSupport

/// Random months, seeded, and how many of them a test looks at: PUMPLEDGER_MONTHS asks for a multiple.
enum RandomMonths {
    static func count(_ usual: Int) -> Int {
        usual * max(1, ProcessInfo.processInfo.environment["PUMPLEDGER_MONTHS"].flatMap { Int($0) } ?? 1)
    }

    /// An intermittent order of up to eight weeks, given as people give: late, early, twice, not at all, from bags with and
    /// without ids, with alarms, interruptions, stays and dispositions.
    static func intermittent(_ random: inout SeededGenerator) throws -> Clinic {
        var clinic = Clinic()
        let days = Int.random(in: 10...56, using: &random)
        let last = try day("2026-10-01").adding(days: days - 1)
        let hours = [[6, 18], [6, 14, 22], [9], [0, 6, 12, 18]][Int.random(in: 0..<4, using: &random)]
        let perBag = [1, 1, 1, 4][Int.random(in: 0..<4, using: &random)]
        try clinic.order(to: Bool.random(using: &random) ? last.description : nil) {
            $0.schedule = .timesOfDay(hours.map { $0 * 3600 })
            $0.dosesPerContainer = perBag
            $0.coverage = [.kx, .kx, nil].randomElement(using: &random) ?? nil
        }
        let slots = try slots(hours.count * days, hours: hours)
        if Int.random(in: 0..<3, using: &random) == 0 {
            let from = slots[Int.random(in: 0..<slots.count, using: &random)].adding(seconds: -7200)
            let to = from.adding(seconds: Int.random(in: 1...6, using: &random) * 43_200)
            try clinic.stay(
                from.description, Bool.random(using: &random) ? to.description : nil,
                Bool.random(using: &random) ? .emergency : .planned)
        }
        var bags = 0
        for (number, slot) in slots.enumerated() {
            switch Int.random(in: 0..<24, using: &random) {
            case 0: continue
            case 1:
                // Changed in mid-dose, perhaps after an alarm.
                clinic.event(.containerAttached, slot.adding(seconds: -300), id: "b\(number)")
                clinic.event(.doseStarted, slot)
                if Bool.random(using: &random) {
                    clinic.event(.alarm, slot.adding(seconds: 500)) { $0.alarm = .occlusion }
                }
                clinic.event(.containerDetached, slot.adding(seconds: 600))
                clinic.event(.containerAttached, slot.adding(seconds: 700), id: "x\(number)")
                clinic.event(.doseCompleted, slot.adding(seconds: 3600))
                bags += 2
            case 2:
                // An extra dose.
                clinic.dose(slot, id: "b\(number)")
                clinic.dose(slot.adding(seconds: 7200), id: "p\(number)")
                bags += 2
            case 3:
                // Taken off and put back without id, and perhaps with a reset after a power-off.
                clinic.dose(slot, id: nil, late: Int.random(in: -30...90, using: &random))
                if Bool.random(using: &random) {
                    clinic.event(.powerOff, slot.adding(seconds: 9000))
                    clinic.event(.reservoirReset, slot.adding(seconds: 9100))
                }
            default:
                if number % perBag == 0 || Int.random(in: 0..<8, using: &random) == 0 {
                    clinic.dose(slot, id: "b\(number)", late: Int.random(in: -30...90, using: &random))
                    bags += 1
                } else {
                    clinic.event(.doseStarted, slot)
                    clinic.event(.doseCompleted, slot.adding(seconds: 3000))
                }
            }
        }
        var left = bags + Int.random(in: 0...6, using: &random)
        while left > 0 {
            let part = min(left, Int.random(in: 5...60, using: &random))
            let on = try day("2026-10-01").adding(days: Int.random(in: 0...(days / 2), using: &random))
            try clinic.deliver(part, on: on.description)
            left -= part
        }
        if Bool.random(using: &random) {
            let reasons: [Disposition.Reason] = [
                .emergencyAdmission, .drugToxicity, .damaged, .plannedAdmission, .lost,
            ]
            try clinic.dispose(
                Int.random(in: 1...6, using: &random), reasons.randomElement(using: &random) ?? .other,
                on: try day("2026-10-01").adding(days: Int.random(in: 0..<days, using: &random)).description)
        }
        return clinic
    }

    /// An order whose pump, and with it the supply code, changes once to three times; doses from bags with ids.
    static func severalCodes(_ random: inout SeededGenerator) throws -> Clinic {
        var clinic = Clinic()
        let days = Int.random(in: 10...40, using: &random)
        let last = try day("2026-10-01").adding(days: days - 1)
        try clinic.order(to: Bool.random(using: &random) ? last.description : nil, pump: nil) {
            $0.container = [.bag, .cassette, .syringe].randomElement(using: &random) ?? .bag
        }
        let cuts = (0..<Int.random(in: 1...3, using: &random)).map { _ in Int.random(in: 1..<days, using: &random) }
        let borders = [0] + Set(cuts).sorted() + [days]
        for (number, part) in zip(borders, borders.dropFirst()).enumerated() {
            let serial = "M\(number + 1)"
            clinic.pump(serial, ["E0781", "E0784", "none", "K0455"].randomElement(using: &random) ?? "E0781")
            let from = try day("2026-10-01").adding(days: part.0)
            let to = try day("2026-10-01").adding(days: part.1 - 1)
            clinic.assign(
                serial, to: "O1", from: try time(from.description),
                until: part.1 == days && Bool.random(using: &random) ? nil : try time(to.description))
            for (dose, slot) in try slots((part.1 - part.0) * 2, from: from.description).enumerated()
            where Int.random(in: 0..<10, using: &random) > 0 {
                clinic.dose(slot, pump: serial, id: "\(serial)-\(dose)")
            }
            clinic.event(.note, CivilDateTime(to, secondOfDay: 86_399), pump: serial)
        }
        for _ in 0..<Int.random(in: 0...3, using: &random) {
            let on = try day("2026-10-01").adding(days: Int.random(in: -3..<days, using: &random))
            try clinic.deliver(Int.random(in: 1...40, using: &random), on: on.description)
        }
        for _ in 0..<Int.random(in: 0...2, using: &random) {
            try clinic.dispose(
                Int.random(in: 1...4, using: &random),
                [.drugToxicity, .returned, .damaged, .doseChange].randomElement(using: &random) ?? .other,
                on: try day("2026-10-01").adding(days: Int.random(in: 0..<days, using: &random)).description)
        }
        return clinic
    }
}
