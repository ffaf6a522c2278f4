import PumpCore
import PumpSimulator

/// What a payer pays for of a simulated month without mishaps, from the truth and the payers' own words, once more and
/// without a line of the counting core. Sources: `docs/rules.md`.
struct TruthPayable {
    let units: Int

    init(_ truth: TruthCount, _ scenario: Scenario, firstDay: CivilDate) {
        let entry = scenario.register
        let isA4222 = entry.container != "syringe"
        switch entry.payer {
        case "nhia-per-diem", "bcbsnd-per-diem":
            // The day's rate holds the supplies.
            units = 0
        case "medicare-dme":
            // Neither cefazolin nor parenteral nutrition is in the drug policy; every order that is drawn has its KX.
            units = entry.drugHcpcs.isEmpty ? 0 : truth.supported
        case "texas-medicaid" where entry.pumpHcpcs != "E0784":
            // A set every 72 hours.
            let from = max(truth.period.lowerBound, firstDay)
            let to = min(truth.period.upperBound, scenario.until ?? truth.period.upperBound)
            let days = max(0, to.dayNumber - from.dayNumber + 1)
            units = min(truth.supported, (days + 2) / 3)
        case "florida-medicaid" where isA4222:
            // 365 in a calendar year.
            let before = truth.uses.count { use in
                use.isUpheld && use.day < truth.period.lowerBound && use.day.year == truth.period.lowerBound.year
            }
            units = max(0, min(truth.supported, 365 - before))
        default: units = truth.supported
        }
    }
}
