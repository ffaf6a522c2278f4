import PumpCore
import Register

/// What makes payable 0 although the counts stay: drug (R6), pairing (R4), modifier (R7). Each unit is judged by its own
/// date of service (rule R11).
struct PayableGates {
    let rules: RuleBook
    let profile: PayerProfile

    struct Verdict {
        var holds: [Hold] = []
        var notes: [String] = []
        var isUncoveredMixture = false
    }

    /// `pump`: its HCPCS code, or nil where none is known. `code`: the supply code of the line.
    func judge(_ order: TherapyOrder, pump: String?, code: String, on date: CivilDate) -> Verdict {
        var verdict = Verdict()
        if let perDiem = profile.perDiem, perDiem.isInForce(on: date), perDiem.covers.contains(code) {
            verdict.holds.append(Hold(rule: "R13", reason: "supplies are inside the per diem of \(profile.title)"))
        }
        if profile.gate(.drugList, on: date) != nil {
            let drug = DrugGate(drugs: rules.drugs).judge(order, pump: pump, on: date)
            if let hold = drug.hold { verdict.holds.append(hold) }
            if let note = drug.note { verdict.notes.append(note) }
            verdict.isUncoveredMixture = drug.isUncoveredMixture
        }
        if profile.gate(.pairing, on: date) != nil { pair(&verdict, pump: pump, code: code, on: date) }
        if let gate = profile.gate(.modifier, on: date) {
            let accepts = gate.accepts ?? []
            if !(order.coverage.map { accepts.contains($0.rawValue) } ?? false) {
                let said =
                    order.coverage.map { "the order says \($0.rawValue.uppercased())" } ?? "the order says nothing"
                verdict.holds.append(
                    Hold(
                        rule: gate.rule,
                        reason:
                            "from \(gate.from?.description ?? "the beginning") a line needs KX, GA or GZ, and is paid "
                            + "with \(accepts.map { $0.uppercased() }.joined(separator: ", ")); \(said)",
                        column: "coverage"))
            }
        }
        return verdict
    }

    private func pair(_ verdict: inout Verdict, pump: String?, code: String, on date: CivilDate) {
        guard let pump else {
            verdict.holds.append(
                Hold(rule: "R4", reason: "no pump is assigned, or its code is not in pumps.csv", column: "hcpcs"))
            return
        }
        guard let pairing = rules.codes.pairing(pump: pump, on: date), pairing.codes.contains(code) else {
            verdict.holds.append(
                Hold(
                    rule: "R4",
                    reason: pump == PumpCode.none
                        ? "\(code) goes with a durable pump, and the register says that this one has no code: "
                            + "incorrect coding"
                        : "\(code) is not billed with \(pump): incorrect coding"))
            return
        }
    }
}
