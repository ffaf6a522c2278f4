/// The log as the pump keeps it: a ring of 169 flash pages of 4,096 bytes, 16 bytes an event.
///
/// A flash page is erased whole: when the newest event enters a page that was written in an earlier round, all 256 events
/// of it are gone, and the tail stands at the next page. (The page size is the maker's; that it is the unit of erasing is
/// an assumption, the usual one for flash.)
struct MivaRing: Sendable {
    static let slots = 43_264
    static let slotsOfPage = 256
    private static let unwritten: UInt8 = 0xFF

    private var memory = [UInt8](repeating: unwritten, count: slots * MivaEvent.byteCount)
    /// Index of the newest event, inclusive. Nil: nothing was ever written.
    private(set) var head: Int?
    /// Index of the oldest event.
    private(set) var tail = 0

    /// How many events there are to read.
    var count: Int {
        guard let head else { return 0 }
        return (head - tail + Self.slots) % Self.slots + 1
    }

    mutating func append(_ event: [UInt8]) {
        let index = head.map { ($0 + 1) % Self.slots } ?? 0
        if index % Self.slotsOfPage == 0 { enterPage(at: index) }
        memory.replaceSubrange(range(of: index), with: event)
        head = index
    }

    private mutating func enterPage(at index: Int) {
        guard head != nil, memory[index * MivaEvent.byteCount] != Self.unwritten else { return }
        let bytes = range(of: index).lowerBound..<range(of: index + Self.slotsOfPage - 1).upperBound
        memory.replaceSubrange(bytes, with: repeatElement(Self.unwritten, count: bytes.count))
        tail = (index + Self.slotsOfPage) % Self.slots
    }

    private func range(of index: Int) -> Range<Int> {
        index * MivaEvent.byteCount..<(index + 1) * MivaEvent.byteCount
    }

    /// The 16 bytes at an index of the ring; nil outside it.
    func slot(_ index: Int) -> [UInt8]? {
        (0..<Self.slots).contains(index) ? Array(memory[range(of: index)]) : nil
    }

    /// All slots by index, written or not.
    var dump: [UInt8] { memory }

    /// The events that there are, oldest first.
    var log: [UInt8] {
        guard head != nil else { return [] }
        return (0..<count).flatMap { memory[range(of: (tail + $0) % Self.slots)] }
    }
}
