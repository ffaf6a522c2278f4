package import PumpCore
package import Register
package import Timeline

/// One move of containers onto a patient's shelf or off it, booked on its own day.
package struct StockMove: Hashable, Codable, Sendable {
    package enum Kind: String, Hashable, Codable, Sendable, CaseIterable {
        case delivered
        /// A container from which the pump's own log shows flow.
        case used
        /// A container whose use a named person attests.
        case attested
        case wasted
        case returned
        case lost
    }

    /// What stands behind it.
    package enum Source: Hashable, Codable, Sendable {
        /// Id of a container: `c:…`.
        case container(String)
        case row(RowOrigin)
    }

    package var day: CivilDate
    package var kind: Kind
    package var quantity: Int
    package var source: Source

    /// What it adds to the shelf.
    package var change: Int { kind == .delivered ? quantity : -quantity }
}

/// Every move of an order's containers up to the end of a period: what the numbers of `reconcile` and `refill-due` are
/// made of.
package struct StockAccount: Hashable, Codable, Sendable {
    package var order: String
    /// In the order of time.
    package var moves: [StockMove]

    package func sum(_ kind: StockMove.Kind, in days: ClosedRange<CivilDate>) -> Int {
        moves.reduce(0) { $0 + ($1.kind == kind && days.contains($1.day) ? $1.quantity : 0) }
    }

    /// Of one kind, through the end of a day.
    package func sum(_ kind: StockMove.Kind, through day: CivilDate) -> Int {
        moves.reduce(0) { $0 + ($1.kind == kind && $1.day <= day ? $1.quantity : 0) }
    }

    package func balance(through day: CivilDate) -> Int {
        moves.reduce(0) { $0 + ($1.day <= day ? $1.change : 0) }
    }
}

extension MonthCount {
    /// The account of one order, from the logs of its patient's group. Nil where the group has no such order.
    package func account(ofOrder id: String, in group: PatientGroup, timelines: [PumpTimeline]) -> StockAccount? {
        guard let patient = index.order(id)?.patient else { return nil }
        var own = group
        own.patients = [patient]
        let folds = patientFolds(own, timelines, horizon: period.upperBound).flatMap(\.folds)
        guard let fold = folds.first(where: { $0.plan.order.id == id }) else { return nil }
        let judgement = ContainerJudgement(fold.plan, pumps: fold.pumps, readings: fold.readings)
        let moves = PhysicalStock.moves(of: fold, countedCodes: containerCodes).compactMap { move -> StockMove? in
            let source: StockMove.Source
            switch move.source {
            case .container(let place):
                guard let row = judgement.row(fold.containers[place]) else { return nil }
                source = .container(row.id)
            case .row(let origin): source = .row(origin)
            }
            return StockMove(day: move.day, kind: move.kind, quantity: move.quantity, source: source)
        }
        return StockAccount(order: id, moves: moves.filter { $0.day <= period.upperBound })
    }
}
