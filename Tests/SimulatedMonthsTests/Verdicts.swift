import PumpCore
import PumpSimulator
import Supplies

/// What is wrong with the count of a month in which nothing happened out of the ordinary; empty if nothing is.
struct PlainVerdict {
    private(set) var wrong: [String] = []

    init(_ outcome: Outcome) {
        let truth = outcome.truth
        guard let line = outcome.line else {
            expect("used, with no line", 0, truth.used)
            return
        }
        expect("used", line.used, truth.used)
        expect("supported", line.supported, truth.supported)
        expect("doses", line.doses, truth.doses)
        let scenario = outcome.month.scenario
        let firstDay = scenario.from ?? truth.period.lowerBound
        expect("payable", line.payable, TruthPayable(truth, scenario, firstDay: firstDay).units)
        expect("review", line.review, 0)
        for line in outcome.findings.lines where !line.unknown.isZero {
            wrong.append("\(line.hcpcs) has an unknown range of \(line.unknown)")
        }
        for hold in line.holds where ["R2", "R3", "R9"].contains(hold.rule) { wrong.append(hold.reason) }
        compareContainers(outcome)
    }

    /// Whether a container was put in place, or began to flow, when the count says. Of the two passes of a repeated hour
    /// a wall clock does not say which one it is, unless the records around it do (contract, Counting 1).
    private static func isHis(_ shown: Moment, _ container: Truth.Container, _ zone: HomeZone) -> Bool {
        func isBetween<T: Comparable>(_ moment: T, _ from: T, _ to: T) -> Bool { from <= moment && moment <= to }
        let (from, to) = (container.attachedAt.adding(seconds: -5), container.firstFlowAt.adding(seconds: 5))
        if let utc = shown.utc, isBetween(utc, from, to) { return true }
        guard case .twice = zone.read(shown.civil) else { return false }
        return isBetween(shown.civil, zone.civil(from), zone.civil(to))
    }

    private mutating func expect(_ name: String, _ counted: Int?, _ real: Int?) {
        if counted != real {
            let say = { (number: Int?) in number.map(String.init) ?? "nil" }
            wrong.append("\(name): counted \(say(counted)), really \(say(real))")
        }
    }

    /// Every container of the count is the one that really hung then, and served the same slots.
    private mutating func compareContainers(_ outcome: Outcome) {
        let counted = outcome.findings.containers.filter(\.isUsed)
        let real = outcome.truth.ofPeriod.map(\.container)
        for (row, container) in zip(counted, real) {
            // A reservoir pump logs the first bolus, not the first drop of basal insulin.
            let shown = outcome.month.scenario.family == .paradigm ? row.attached : row.firstFlow
            let isHis = shown.map { Self.isHis($0, container, outcome.month.scenario.zone) } ?? false
            // What a reservoir pump gives by its basal rate has no record of its own.
            if outcome.month.scenario.family == .miva, let infused = container.infused, let shown = row.volume,
                abs(infused.thousandths - shown.thousandths) > max(1500, infused.thousandths / 20)
            {
                wrong.append("\(container.id) gave \(infused), and \(shown) is counted")
                return
            }
            guard isHis, row.slots == container.slots || row.doses == nil else {
                wrong.append(
                    "\(container.id) hung \(container.firstFlowAt) for \(container.slots.map(\.description)), and "
                        + "\(row.firstFlow?.utc?.description ?? "-") for \(row.slots.map(\.description)): \(row.reason)"
                )
                return
            }
        }
    }
}

/// What is wrong with the range of a month with mishaps or holes; empty if nothing is.
struct RangeVerdict {
    private(set) var wrong: [String] = []

    init(_ outcome: Outcome) {
        let truth = outcome.truth.supported
        guard let line = outcome.line else {
            if truth != 0 { wrong.append("no line, and \(truth) in truth") }
            return
        }
        guard line.supported != nil else {
            wrong.append("supported is null: \(line.holds.map(\.reason))")
            return
        }
        let said = outcome.incidents.map { "\($0.what.rawValue) \(outcome.month.scenario.zone.civil($0.at))" }
        let range = "\(outcome.low)...\(outcome.high)"
        if truth < outcome.low || outcome.high < truth {
            wrong.append("\(range) does not hold the truth, \(truth), of \(outcome.truth.used) used; \(said)")
        }
        if outcome.width > outcome.doubtfulEvents {
            wrong.append("\(range) is wider than \(outcome.doubtfulEvents) doubtful events; truth \(truth); \(said)")
        }
    }
}
