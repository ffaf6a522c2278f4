import PumpCore
import Register

/// Rule R6, and the pump that a drug needs (rule R4): whether a policy lists an order's drug and indication.
struct DrugGate {
    struct Verdict: Hashable {
        /// Nil where everything is listed.
        var hold: Hold?
        /// What a person should know although it is listed.
        var note: String?
        /// Of two drugs in one container, one is not listed.
        var isUncoveredMixture = false
    }

    let drugs: DrugTable

    func judge(_ order: TherapyOrder, pump: String?, on date: CivilDate) -> Verdict {
        let entries: [[DrugTable.Drug]] =
            order.drugHcpcs.isEmpty
            ? [drugs.entries(name: order.drug)]
            : order.drugHcpcs.map { drugs.entries(code: $0, name: order.drug) }
        var verdict = Verdict()
        for (index, known) in entries.enumerated() {
            let name =
                order.drugHcpcs.indices.contains(index) ? "\(order.drug) (\(order.drugHcpcs[index]))" : order.drug
            let listed = known.filter { $0.isInForce(on: date) }
            guard !listed.isEmpty else {
                verdict.hold = Hold(
                    rule: "R6",
                    reason: known.isEmpty
                        ? "\(name) is not among the drugs of \(drugs.list): denied as not medically necessary (CO-50); "
                            + "GA with a signed notice, else GZ"
                        : "\(name) is not among the drugs of \(drugs.list) on \(date)",
                    column: "drug_hcpcs")
                break
            }
            if let hold = pumpHold(listed, name, pump) ?? indicationHold(listed, name, order) {
                verdict.hold = hold
                break
            }
        }
        if verdict.hold?.rule == "R6", order.drugHcpcs.count > 1 { verdict.isUncoveredMixture = true }
        if verdict.hold == nil, order.indication == nil {
            verdict.note = "R6: no indication is given, so the drug alone was judged"
        }
        return verdict
    }

    private func pumpHold(_ listed: [DrugTable.Drug], _ name: String, _ pump: String?) -> Hold? {
        guard let pump, pump != PumpCode.none, !listed.contains(where: { $0.pumps.contains(pump) }) else { return nil }
        let allowed = Array(Set(listed.flatMap(\.pumps))).sorted()
        return Hold(
            rule: "R4",
            reason: "\(drugs.list) covers \(name) with \(allowed.joined(separator: ", ")), not with \(pump)",
            column: "hcpcs")
    }

    private func indicationHold(_ listed: [DrugTable.Drug], _ name: String, _ order: TherapyOrder) -> Hold? {
        guard let indication = order.indication else { return nil }
        let wanted = Set(listed.flatMap(\.criteria))
        let fits =
            switch drugs.indication(indication) {
            case .criterion(let id): wanted.contains(id)
            case .words(let ids): !wanted.isDisjoint(with: ids)
            case .unknown: false
            }
        if fits { return nil }
        return Hold(
            rule: "R6",
            reason: "\(drugs.list) does not list \"\(indication)\" for \(name): denied as not medically necessary "
                + "(CO-50); if it is one of \(wanted.sorted().joined(separator: ", ")), write that",
            column: "indication")
    }
}
