/// Rule R2 as an assignment: each covered dose instance upholds at most one container, each container at most once, and
/// as many containers are upheld as distinct instances can.
///
/// Maximum bipartite matching by augmenting paths. Containers come in the order of time and take the first free slot that
/// they served, so that what is ordinary is decided as people would. Adding containers never lets an earlier one fall.
struct IntermittentLimit {
    /// Slot to the container that it upholds.
    private var holder: [Int: Int] = [:]
    /// Container to the slot that upholds it.
    private(set) var upheld: [Int: Int] = [:]

    /// Tries to uphold `container` by one of the slots that it served. True where that succeeds.
    mutating func add(_ container: Int, slots: [Int], served: (Int) -> [Int]) -> Bool {
        if let free = slots.first(where: { holder[$0] == nil }) {
            hold(container, by: free)
            return true
        }
        var visited = Set<Int>()
        // Depth first with a stack of its own: a long chain must not end on the program's.
        var path: [(container: Int, slots: [Int], next: Int)] = [(container, slots, 0)]
        while let top = path.last {
            guard top.next < top.slots.count else {
                path.removeLast()
                continue
            }
            path[path.count - 1].next += 1
            let slot = top.slots[top.next]
            guard visited.insert(slot).inserted else { continue }
            guard let other = holder[slot] else {
                for step in path { hold(step.container, by: step.slots[step.next - 1]) }
                return true
            }
            path.append((other, served(other), 0))
        }
        return false
    }

    private mutating func hold(_ container: Int, by slot: Int) {
        holder[slot] = container
        upheld[container] = slot
    }
}
