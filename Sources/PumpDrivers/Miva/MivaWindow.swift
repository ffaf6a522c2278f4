/// A batch of ring slots on its way: every slot is read twice, in two passes, and a third time where the two differ.
/// The sum of a frame has eight bits, so one reading proves nothing.
struct MivaWindow: Sendable {
    /// Slots a batch: 32 s of wire in two passes.
    static let slots = 256
    private static let passes = 2

    let numbers: ClosedRange<Int>
    private var readings: [Int: [MivaSlot]] = [:]
    /// Slots of this pass that are still to be read, the next one last.
    private var pending: [Int]
    private var pass = 1
    private(set) var readingsDone = 0

    init(_ numbers: ClosedRange<Int>) {
        self.numbers = numbers
        pending = Array(numbers)
    }

    /// The slot to read next, newest first; nil when the batch is complete.
    var next: Int? { pending.last }

    /// What came of reading `next`; nil where all attempts failed.
    mutating func take(_ slot: MivaSlot?) {
        guard let number = pending.popLast() else { return }
        if let slot { readings[number, default: []].append(slot) }
        readingsDone += 1
        guard pending.isEmpty else { return }
        pass += 1
        if pass <= Self.passes {
            pending = Array(numbers)
        } else if pass == Self.passes + 1 {
            pending = numbers.filter { confirmed($0) == nil }
        }
    }

    /// What two readings agree on; nil where no two do.
    func confirmed(_ number: Int) -> MivaSlot? {
        let seen = readings[number] ?? []
        return seen.first { slot in seen.count { $0 == slot } >= Self.passes }
    }
}
