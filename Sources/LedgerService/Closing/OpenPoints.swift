import PumpCore
import Register
import Supplies

/// What a person should settle before a period is closed: logs that are not read to its end, holes in them, and counts that
/// need a person. A shelf that nobody counted is no such thing: it is NOT COUNTED, and stays so.
struct OpenPoints {
    private let register: SupplyRegister
    private let index: RegisterIndex
    private let heading: ReportHeading
    private let findings: MonthFindings

    init(register: SupplyRegister, heading: ReportHeading, findings: MonthFindings) {
        self.register = register
        self.heading = heading
        self.findings = findings
        index = RegisterIndex(register)
    }

    func list(_ reconciliation: [ReconcileLine]) -> [OpenPoint] {
        pumps() + lines() + containersOfNobody() + shelves(reconciliation)
    }

    private var period: Period { heading.period }

    // MARK: Logs

    /// An assignment on the patient's wall clock, as far as it lies in the period.
    private struct Use {
        var order: String
        var end: CivilDateTime
    }

    /// By pump.
    private var uses: [String: [Use]] {
        let (first, last) = (CivilDateTime(period.from), CivilDateTime(period.to.adding(days: 1)))
        var uses: [String: [Use]] = [:]
        for assignment in register.assignments {
            guard let order = index.order(assignment.order), let zone = index.patient(order.patient)?.homeZone else {
                continue
            }
            let start = max(assignment.from.civilStart(in: zone), order.starts.civilStart(in: zone))
            let ends = [assignment.to, order.ends].compactMap { $0?.civilEnd(in: zone) }
            let end = min(ends.min() ?? last, last)
            // With the order or the assignment over, nothing more was to be read.
            guard start < end, first < end else { continue }
            uses[assignment.pump, default: []].append(Use(order: order.id, end: end))
        }
        return uses
    }

    private func pumps() -> [OpenPoint] {
        let uses = uses
        let through = Dictionary(
            findings.coverage.map { ($0.pump, $0.completeThroughCivil) }, uniquingKeysWith: { first, _ in first })
        let uncertain = Set(findings.lines.filter { $0.unknown.high > 0 }.flatMap(\.pumps))
        return heading.coverage.flatMap { line -> [OpenPoint] in
            guard let own = uses[line.pump], let needed = own.map(\.end).max() else { return [] }
            let orders = Set(own.map(\.order)).sorted().joined(separator: ", ")
            let gaps = line.gaps.filter { $0.reason != "never-read" }.map { gap in
                OpenPoint(
                    kind: .gap, order: orders, pump: line.pump, hcpcs: nil,
                    what: "pump \(line.pump): a hole in its log, from \(gap.from ?? "its beginning") to "
                        + "\(gap.to ?? "its end"): \(gap.reason)" + (gap.detail.map { " (\($0))" } ?? ""),
                    remedy: "Read the pump again while it still holds these records, or accept the range.")
            }
            let known = through[line.pump] ?? nil
            // The last hours of the last day matter only where something could have happened in them.
            if let known, known >= needed { return gaps }
            if let known, known.date >= needed.adding(seconds: -1).date, !uncertain.contains(line.pump) { return gaps }
            let unread = OpenPoint(
                kind: .unread, order: orders, pump: line.pump, hcpcs: nil,
                what: known.map { "pump \(line.pump) is read only to \($0), and was in use to \(needed)" }
                    ?? "pump \(line.pump) was never read",
                remedy: "Read the pump, or accept that what it would say comes later as an adjustment.")
            return [unread] + gaps
        }
    }

    // MARK: Counts

    private func lines() -> [OpenPoint] {
        findings.lines.compactMap { line in
            guard line.review > 0 else { return nil }
            return OpenPoint(
                kind: .review, order: line.order, pump: line.pump, hcpcs: line.hcpcs,
                what: "order \(line.order), \(line.hcpcs): \(line.review) to be reviewed",
                remedy: "See why: pumpledger explain "
                    + LineID(period: period, order: line.order, hcpcs: line.hcpcs).description)
        }
    }

    private func containersOfNobody() -> [OpenPoint] {
        let counted = Set(findings.lines.filter { $0.review > 0 }.map(\.order))
        return findings.containers.compactMap { use in
            guard use.counted == .review, !(use.order.map(counted.contains) ?? false) else { return nil }
            return OpenPoint(
                kind: .review, order: use.order, pump: use.pump, hcpcs: nil,
                what: "container \(use.id)" + (use.order.map { " of order \($0)" } ?? " of no order")
                    + ": \(use.reason)",
                remedy: "See why: pumpledger explain \(use.id)")
        }
    }

    private func shelves(_ lines: [ReconcileLine]) -> [OpenPoint] {
        lines.compactMap { line in
            guard line.status == .review else { return nil }
            return OpenPoint(
                kind: .review, order: line.order, pump: nil, hcpcs: line.hcpcs,
                what: "order \(line.order), \(line.hcpcs), reconciliation: " + line.notes.joined(separator: "; "),
                remedy: "See the moves: pumpledger reconcile --period \(period.from)..\(period.to)")
        }
    }
}
