import PumpCore
package import Register
import Timeline

/// What lies on a patient's shelf, every move booked on its own day: what the warehouse sees, whatever is billed for it.
struct PhysicalStock {
    private let sums: [StockMove.Kind: DatedSum]

    init(_ fold: OrderFold, countedCodes: Set<String>) {
        let moves = Dictionary(grouping: Self.moves(of: fold, countedCodes: countedCodes), by: \.kind)
        sums = moves.mapValues { DatedSum($0.map { ($0.day, $0.quantity) }) }
    }

    private subscript(kind: StockMove.Kind) -> DatedSum { sums[kind] ?? DatedSum([]) }

    var delivered: DatedSum { self[.delivered] }
    /// Containers from which something flowed, by the day on which they were hung; in hospital too.
    var used: DatedSum { self[.used] }
    /// Those of them that a named person attests.
    var attested: DatedSum { self[.attested] }
    var wasted: DatedSum { self[.wasted] }
    var returned: DatedSum { self[.returned] }
    var lost: DatedSum { self[.lost] }

    func gone(through day: CivilDate) -> Int {
        sums.reduce(0) { $0 + ($1.key == .delivered ? 0 : $1.value.sum(through: day)) }
    }

    func balance(through day: CivilDate) -> Int { delivered.sum(through: day) - gone(through: day) }

    // MARK: Moves

    struct Move {
        enum Source {
            /// Its place among the containers of the fold.
            case container(Int)
            case row(RowOrigin)
        }

        var day: CivilDate
        var kind: StockMove.Kind
        var quantity: Int
        var source: Source
    }

    /// Every move, in the order of time. A container is gone on the day on which it was hung, in hospital too; one that
    /// hung before the log begins was never seen to leave the shelf.
    static func moves(of fold: OrderFold, countedCodes: Set<String>) -> [Move] {
        let plan = fold.plan
        var moves = plan.deliveries.filter { countedCodes.contains($0.hcpcs) }.map {
            Move(day: $0.date, kind: .delivered, quantity: $0.quantity, source: .row($0.origin))
        }
        for (place, container) in fold.containers.enumerated() where container.hasFlow && !container.isBeforeLog {
            moves.append(
                Move(
                    day: CivilDateTime(wallSeconds: container.hungWall).date,
                    kind: fold.isAttested(container) ? .attested : .used, quantity: 1, source: .container(place)))
        }
        moves += plan.dispositions.map {
            Move(day: $0.date, kind: $0.reason.stockMove, quantity: $0.quantity, source: .row($0.origin))
        }
        // Moves of one day stay as they were added.
        return moves.enumerated().sorted { ($0.element.day, $0.offset) < ($1.element.day, $1.offset) }.map(\.element)
    }
}

extension Disposition.Reason {
    /// Wasted is everything but returned and lost (contract, Counting 24).
    package var stockMove: StockMove.Kind {
        switch self {
        case .returned: .returned
        case .lost: .lost
        case .emergencyAdmission, .drugToxicity, .plannedAdmission, .doseChange, .damaged, .expired, .other: .wasted
        }
    }
}

extension OrderFold {
    /// Whether a named person stands for the use of a container, instead of a log that a pump wrote.
    func isAttested(_ container: FoldedContainer) -> Bool {
        container.parts.contains { part in
            guard let reading = readings[pumps[part.pump]] else { return false }
            let draft = reading.drafts[part.draft]
            return [draft.firstFlow, draft.start].contains { record in
                record.map { reading.timeline.records[$0].record.record.event.by != nil } ?? false
            }
        }
    }
}
