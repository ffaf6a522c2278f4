import PumpCore
import Register

/// One unit of a line: what its day of service and the pump that it hung on decide.
struct ServiceUnit {
    var day: CivilDate
    /// Serial; nil where no pump was assigned.
    var pump: String?
}

/// The gates of one line. Each unit is judged by its own pump and its own day (contract, Counting 20); the verdict is
/// made once for each pump code and stretch of rules.
final class LineGates {
    private let gates: PayableGates
    private let stretches: RuleStretches
    private let order: TherapyOrder
    private let code: String
    private let pumpCode: (String) -> String?

    private struct Key: Hashable {
        var pump: String?
        var stretch: Int
    }
    private var verdicts: [Key: PayableGates.Verdict] = [:]

    init(_ builder: LineBuilder, _ order: TherapyOrder, _ code: String) {
        gates = PayableGates(rules: builder.rules, profile: builder.profile)
        stretches = builder.stretches
        self.order = order
        self.code = code
        pumpCode = { [index = builder.index] in index.pump($0)?.hcpcs }
    }

    /// Its texts may name another day of the same stretch.
    private func verdict(_ unit: ServiceUnit) -> PayableGates.Verdict {
        let key = key(unit)
        if let known = verdicts[key] { return known }
        let verdict = gates.judge(order, pump: key.pump, code: code, on: unit.day)
        verdicts[key] = verdict
        return verdict
    }

    private func key(_ unit: ServiceUnit) -> Key {
        Key(pump: unit.pump.flatMap(pumpCode), stretch: stretches.number(of: unit.day))
    }

    func isUncoveredMixture(_ unit: ServiceUnit) -> Bool { verdict(unit).isUncoveredMixture }

    func passes(_ unit: ServiceUnit) -> Bool { verdict(unit).holds.isEmpty }

    /// Each hold once, with the first unit that it is for; and what else should be known. `units` in the order of time.
    func statements(_ units: [ServiceUnit]) -> (holds: [Hold], notes: [String]) {
        var holds: [Hold] = []
        var notes: [String] = []
        var seen: Set<Key> = []
        var stated: Set<[String?]> = []
        for unit in units where seen.insert(key(unit)).inserted {
            let verdict = gates.judge(order, pump: unit.pump.flatMap(pumpCode), code: code, on: unit.day)
            for hold in verdict.holds where stated.insert([hold.rule, hold.column]).inserted {
                holds.append(
                    Hold(rule: hold.rule, reason: "\(hold.reason); first \(place(of: unit))", column: hold.column))
            }
            for note in verdict.notes where !notes.contains(note) { notes.append(note) }
        }
        return (holds, notes)
    }

    private func place(of unit: ServiceUnit) -> String {
        guard let pump = unit.pump else { return "on \(unit.day), without a pump" }
        return "on \(unit.day), pump \(pump) (\(pumpCode(pump) ?? "not in pumps.csv"))"
    }
}
