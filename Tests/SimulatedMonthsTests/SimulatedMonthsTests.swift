import Foundation
import PumpCore
import PumpSimulator
import Supplies
import Testing

/// Simulated patient-months judge the counting core: the pump's log goes the way of every log, and the simulator knows
/// what really happened.
///
/// `PUMPLEDGER_PATIENT_MONTHS` says how many are drawn of the plain ones and of the others together (200 each),
/// `PUMPLEDGER_PATIENT_SEED` where the seeds begin (0): a failing seed is repeated with it and with 1 month.
@Suite("Simulated patient-months")
struct SimulatedMonthsTests {
    private static func setting(_ name: String, _ usual: Int) -> Int {
        ProcessInfo.processInfo.environment[name].flatMap { Int($0) } ?? usual
    }

    static let months = setting("PUMPLEDGER_PATIENT_MONTHS", 200)
    static let firstSeed = setting("PUMPLEDGER_PATIENT_SEED", 0)

    private static func outcomes(
        _ kind: PatientMonth.Kind, _ count: Int, _ judge: (Outcome) -> [String]
    ) throws {
        let rules = try RuleBook.shipped
        for seed in firstSeed..<(firstSeed + count) {
            let month = try #require(PatientMonth(seed: UInt64(seed), kind: kind), "\(kind) \(seed)")
            let outcome: Outcome
            do {
                outcome = try Outcome(month, rules: rules)
            } catch {
                Issue.record("\(month): \(error)")
                continue
            }
            let wrong = judge(outcome)
            if !wrong.isEmpty { Issue.record("\(month):\n  \(wrong.joined(separator: "\n  "))") }
        }
    }

    @Test("without mishaps the count is the truth, with width 0, container by container")
    func plain() throws {
        try Self.outcomes(.plain, Self.months) { PlainVerdict($0).wrong }
    }

    @Test("the patients who are drawn have every therapy, every payer of the rule book, and every mishap")
    func everyKind() throws {
        let months = (UInt64(0)..<400).compactMap { PatientMonth(seed: $0, kind: .mishaps) }
        let names = months.map { String($0.scenario.name.prefix { $0 != "#" }.dropLast()) }
        #expect(Set(names) == Set(Scenario.builtInNames))
        #expect(Set(months.map(\.scenario.register.payer)) == Set(try RuleBook.shipped.profiles.keys))
        #expect(Set(months.flatMap(\.scenario.incidents).map(\.kind)) == Set(Incident.Kind.allCases))
        #expect(months.contains { $0.scenario.olderEvents > 0 }, "no ring that went round")
        #expect(Set(months.map(\.build.clock)).count == 2)
        #expect(Set(months.map(\.build.firmware)).count == 2)
    }

    @Test(
        "with mishaps, gaps and unread time the range holds the truth and is no wider than the doubt",
        arguments: PatientMonth.Kind.allCases.filter { $0 != .plain })
    func doubtful(kind: PatientMonth.Kind) throws {
        var widths: [Int] = []
        // A quarter of the months for each of the four kinds.
        try Self.outcomes(kind, max(1, Self.months / 4)) { outcome in
            if outcome.line != nil { widths.append(outcome.width) }
            return RangeVerdict(outcome).wrong
        }
        let mean = Double(widths.reduce(0, +)) / Double(max(1, widths.count))
        print(
            "\(kind.rawValue): \(widths.count) patient-months, mean width \((mean * 100).rounded() / 100), "
                + "widest \(widths.max() ?? 0)")
    }
}

extension PatientMonth: CustomStringConvertible {
    /// Names the month, and says how to see it again.
    var description: String {
        let clock = build.clock == .counter ? "counter" : "calendar"
        return "\(kind.rawValue) seed \(seed) (\(scenario.name), \(scenario.zone.identifier), \(period.lowerBound), "
            + "from \(scenario.from.map(\.description) ?? "?") until \(scenario.until.map(\.description) ?? "-"), "
            + "\(build.firmware.rawValue) \(clock)): PUMPLEDGER_PATIENT_MONTHS=1 PUMPLEDGER_PATIENT_SEED=\(seed) "
            + "swift test --filter SimulatedMonthsTests"
    }
}
