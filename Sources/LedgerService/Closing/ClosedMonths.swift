import Ledger
import PumpCore
import Supplies

/// The reports of a closed period: the frozen lines, and beside them what arrived later. Nothing is folded unless something
/// arrived. Each is nil for a period that is not closed.
struct ClosedMonths {
    let ledger: Ledger
    let context: RequestContext

    func billable(period text: String) throws -> BillableAnswer? {
        try frozen(text) { month in BillableAnswer(heading: try heading(month), lines: try month.lines())
        }
    }

    func usage(period text: String, order: String?) throws -> UsageAnswer? {
        try frozen(text) { month in
            let containers = try month.containers()
            if let order, !containers.contains(where: { $0.order == order }),
                try !month.lines().contains(where: { $0.order == order })
            {
                throw ServiceError(
                    .badInput, "no order \(order) is in the closed period \(try month.heading().period)",
                    remedy: "See which are: pumpledger billable --period \(month.closing.days.lowerBound).."
                        + "\(month.closing.days.upperBound)")
            }
            return UsageAnswer(
                heading: try heading(month, order: order),
                lines: order == nil ? containers : containers.filter { $0.order == order })
        }
    }

    /// The heading and the lines of the reconciliation.
    func reconciliation(period text: String) throws -> (heading: ReportHeading, lines: [ReconcileLine])? {
        try frozen(text) { month in (try heading(month), try month.reconciliation()) }
    }

    /// An explanation counts from what the ledger holds now; of a closed line it says what was frozen.
    func remarked(_ explanation: ExplanationAnswer) throws -> ExplanationAnswer {
        if let id = StockLineID(explanation.id) { return try remarked(explanation, id) }
        guard let id = LineID(explanation.id), let closing = try ledger.closing(of: id.period.dates) else {
            return explanation
        }
        let line = try FrozenMonth(ledger: ledger, closing: closing).lines()
            .first { $0.order == id.order && $0.hcpcs == id.hcpcs }
        var remarked = explanation
        remarked.sentences.insert(
            "The period was closed by \(closing.by.user) at \(closing.closedAt)"
                + (line.map {
                    ", with supported \($0.supported.map(String.init) ?? "–") and payable "
                        + "\($0.payable.map(String.init) ?? "–") in this line"
                } ?? ", without this line")
                + "; what follows is counted from what the ledger holds now.", at: 0)
        return remarked
    }

    private func remarked(_ explanation: ExplanationAnswer, _ id: StockLineID) throws -> ExplanationAnswer {
        guard let closing = try ledger.closing(of: id.period.dates) else { return explanation }
        let line = try FrozenMonth(ledger: ledger, closing: closing).reconciliation()
            .first { $0.order == id.order && $0.hcpcs == id.hcpcs }
        var remarked = explanation
        remarked.sentences.insert(
            "The period was closed by \(closing.by.user) at \(closing.closedAt)"
                + (line.map {
                    ", with expected \($0.expected), counted \($0.counted.map(String.init) ?? "–") and billed "
                        + "\($0.billed) in this line"
                } ?? ", without this line")
                + "; what follows is counted from what the ledger holds now.", at: 0)
        return remarked
    }

    private func frozen<Report>(_ text: String, _ report: (FrozenMonth) throws -> Report) throws -> Report? {
        guard let closing = try ledger.closing(of: try context.period(text).dates) else { return nil }
        return try report(FrozenMonth(ledger: ledger, closing: closing))
    }

    private func heading(_ month: FrozenMonth, order: String? = nil) throws -> ReportHeading {
        var heading = try month.heading()
        heading.zone = context.zone
        let adjustments = try LateArrivals(ledger: ledger, context: context).adjustments(of: month.closing)
        heading.closing = ClosingNote(
            month.closing, order == nil ? adjustments : adjustments.filter { $0.order == order })
        return heading
    }
}
