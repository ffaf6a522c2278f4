/// Which ordered slot each attempt to give a dose served (contract, Counting 4).
///
/// A slot that a person named is that slot. Else it is the nearest free one within half the slot spacing, in the order of
/// time. An attempt that goes on with a dose that was not completed belongs to the same slot. What finds no slot is extra.
struct DoseMatching {
    struct Attempt {
        /// Number of the pump among those of the order, and its channel.
        var pump: Int
        var channel: Int
        var startWall: Int
        var isCompleted: Bool
        /// When its container ran empty.
        var emptiedWall: Int?
        /// Wall seconds of the slot that a person named.
        var attestedSlot: Int?
        /// A run of the pump, not a record of a dose: nothing says that it completed one.
        var isRun: Bool
        /// Places of the order's containers.
        var containers: [Int]
        /// For order among equal times: the log's own.
        var ordinal: Int
    }

    /// How soon after a container has run empty a dose goes on from another one, where the volume needs two.
    static let nextContainerSeconds = 900

    enum Result: Hashable {
        case slot(Int)
        /// The slot that another pump gave already.
        case duplicate(Int)
        case extra
    }

    /// As many as `attempts`, in their order.
    private(set) var results: [Result]
    /// Slots that were given, each with the pump that gave it first.
    private(set) var given: [Int: Int] = [:]

    /// `attempts` in the order of time.
    init(_ attempts: [Attempt], slots: DoseSlots) {
        results = [Result](repeating: .extra, count: attempts.count)
        // By place: an attempt holds an array, and copying it counts its users.
        for index in attempts.indices {
            guard let wall = attempts[index].attestedSlot, let slot = slots.number(at: wall) else { continue }
            results[index] = give(slot, by: attempts[index].pump)
        }
        var last: [Lane: Int] = [:]
        for index in attempts.indices {
            let (pump, start) = (attempts[index].pump, attempts[index].startWall)
            let before = last.updateValue(index, forKey: Lane(pump: pump, channel: attempts[index].channel))
            guard attempts[index].attestedSlot == nil else { continue }
            let nearest = slots.nearest(to: start)
            if let nearest, let before, results[before] == .slot(nearest),
                attempts[index].continues(attempts[before])
            {
                results[index] = .slot(nearest)
            } else if let free = slots.nearest(to: start, where: { given[$0] == nil }) {
                results[index] = give(free, by: pump)
            } else if let nearest, let giver = given[nearest], giver != pump {
                results[index] = .duplicate(nearest)
            }
        }
    }

    private struct Lane: Hashable {
        var pump: Int
        var channel: Int
    }

    private mutating func give(_ slot: Int, by pump: Int) -> Result {
        guard let giver = given[slot], giver != pump else {
            given[slot] = pump
            return .slot(slot)
        }
        return .duplicate(slot)
    }
}

extension DoseMatching.Attempt {
    /// Whether the dose of `before`, near the same slot, may go on with this.
    fileprivate func continues(_ before: DoseMatching.Attempt) -> Bool {
        if !before.isCompleted || before.isRun { return true }
        guard let emptied = before.emptiedWall, containers != before.containers else { return false }
        return (0...DoseMatching.nextContainerSeconds).contains(startWall - emptied)
    }
}
