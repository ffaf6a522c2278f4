import PumpCore

/// Where a slot stands in the log: an event, or part of the program that the pump copies into its log as raw blocks
/// between two INFUSION_DATA events. A raw block may look like any event and is none.
enum MivaSlotRole: Hashable, Sendable {
    case event
    case programBegin
    /// A raw block; which one of how many, where that is known.
    case programBlock(Int?, of: Int?)
    case programEnd
    /// A beginning without its end stands before it: block or event, nobody can tell.
    case doubtful
    /// Block or event, and a slot that could not be read would tell which. Not stored until it is read: a record keeps
    /// the meaning with which it was stored first.
    case undecided
    case unwritten
    /// It could not be read.
    case missing
}

enum MivaInfusionData {
    static let type = 0
    static let beginSubtype = 1
    static let endSubtype = 2
    static let shortBlockCount = 2
    static let longBlockCount = 16
    /// How many slots a stretch needs on one side before what it begins with is certain: a whole long program less its
    /// end.
    static let context = longBlockCount + 1

    /// The subtype of a frame event: its first byte, as the maker's reader takes it, or the second where the first is 0.
    private static func frameSubtype(_ slot: MivaSlot) -> Int? {
        guard slot.type == type else { return nil }
        return slot.subtypeHigh != 0 ? slot.subtypeHigh : slot.subtypeLow
    }

    static func isBegin(_ slot: MivaSlot?) -> Bool { slot.flatMap(frameSubtype) == beginSubtype }
    static func isEnd(_ slot: MivaSlot?) -> Bool { slot.flatMap(frameSubtype) == endSubtype }

    /// The roles of neighbouring slots, oldest first; nil is a slot that could not be read.
    ///
    /// The stretch may begin or end inside a program. Its first `context` slots are certain only where it holds them, so
    /// a caller who reads part of a log reads `context` more and drops them.
    static func roles(of slots: [MivaSlot?]) -> [MivaSlotRole] {
        var roles = slots.map(plainRole)
        /// The first slot after the last one that is known not to belong to what follows.
        var open: Int? = 0
        var index = 0
        while index < slots.count {
            let slot = slots[index]
            if slot == nil {
                open = index + 1
                index += 1
            } else if isBegin(slot) {
                switch extent(slots, from: index, open: open) {
                case .blocks(let count):
                    index = fill(&roles, slots, from: index, count: count) + 1
                    open = nil
                case .cutShort: index = leaveDoubtful(&roles, slots, from: index, as: .doubtful) + 1
                case .unreadEnd:
                    index = leaveDoubtful(&roles, slots, from: index, as: .undecided) + 1
                    open = nil
                case .contradicted(let first):
                    let last = min(index + longBlockCount + 1, slots.count - 1)
                    for slot in first...last where roles[slot] == .event { roles[slot] = .doubtful }
                    index = last + 1
                    open = nil
                }
            } else if isEnd(slot) {
                roles[index] = .programEnd
                // Its beginning lies before the stretch, so all up to here is one program, whatever it looks like.
                if let start = open, index - start <= longBlockCount {
                    // A beginning among them makes it doubtful which of the two frames is a raw block.
                    let isDoubtful = roles[start..<index].contains(.programBegin)
                    for block in start..<index where roles[block] != .missing {
                        roles[block] = isDoubtful ? .doubtful : .programBlock(nil, of: nil)
                    }
                } else {
                    open = nil
                }
                index += 1
            } else {
                index += 1
            }
        }
        return roles
    }

    private static func plainRole(_ slot: MivaSlot?) -> MivaSlotRole {
        guard let slot else { return .missing }
        return slot.isUnwritten ? .unwritten : .event
    }

    /// Marks the program that begins at `begin`; returns the index of its last slot.
    private static func fill(
        _ roles: inout [MivaSlotRole], _ slots: [MivaSlot?], from begin: Int, count: Int
    ) -> Int {
        roles[begin] = .programBegin
        let end = begin + count + 1
        for index in (begin + 1)..<max(begin + 1, min(end, slots.count)) where slots[index] != nil {
            roles[index] = .programBlock(index - begin, of: count)
        }
        if end < slots.count, slots[end] != nil { roles[end] = .programEnd }
        return min(end, slots.count - 1)
    }

    /// A program that was cut short by whatever stopped the pump, or a raw block that looks like a beginning. What
    /// follows is kept and left undecided, up to the next frame; returns its last index.
    private static func leaveDoubtful(
        _ roles: inout [MivaSlotRole], _ slots: [MivaSlot?], from begin: Int, as doubt: MivaSlotRole
    ) -> Int {
        roles[begin] = .programBegin
        var index = begin + 1
        while index < slots.count, index <= begin + longBlockCount, !isBegin(slots[index]), !isEnd(slots[index]) {
            if roles[index] == .event { roles[index] = doubt }
            index += 1
        }
        return index - 1
    }

    private enum Extent {
        /// So many raw blocks follow, and the end stands right behind them or is out of sight.
        case blocks(Int)
        /// No end stands where one belongs.
        case cutShort
        /// The slot where a short program ends could not be read, and no end of a long one is in sight: blocks of a long
        /// program follow, or events.
        case unreadEnd
        /// The end is out of sight and another one in sight: one of the two frames is a raw block, and nobody can tell
        /// which. Everything from this slot on is doubtful.
        case contradicted(from: Int)
    }

    private static func extent(_ slots: [MivaSlot?], from begin: Int, open: Int?) -> Extent {
        enum Seen { case end, other, unread }
        func look(_ count: Int) -> Seen {
            let index = begin + count + 1
            guard index < slots.count, let slot = slots[index] else { return .unread }
            return isEnd(slot) ? .end : .other
        }
        return switch (look(shortBlockCount), look(longBlockCount)) {
        // A raw block of a long program may look like an end; a real one was written in the same breath as the beginning.
        case (.end, .end):
            secondsApart(slots, begin, longBlockCount) < secondsApart(slots, begin, shortBlockCount)
                ? .blocks(longBlockCount) : .blocks(shortBlockCount)
        case (.end, .unread) where secondsApart(slots, begin, shortBlockCount) <= breath: .blocks(shortBlockCount)
        case (.end, .other), (.unread, .other): .blocks(shortBlockCount)
        // Far behind the beginning it is the end of another program.
        case (.unread, .end) where secondsApart(slots, begin, longBlockCount) > breath: .unreadEnd
        case (_, .end): .blocks(longBlockCount)
        case (_, .unread): outOfSight(slots, from: begin, open: open)
        case (.other, .other): .cutShort
        }
    }

    /// How long a pump takes to copy a program into its log, at the very most.
    private static let breath: UInt32 = 60

    private static func outOfSight(_ slots: [MivaSlot?], from begin: Int, open: Int?) -> Extent {
        func isHole(_ index: Int) -> Bool { index < slots.count && slots[index] == nil }
        let shortEnd = begin + shortBlockCount + 1
        let inside = begin + 1..<max(begin + 1, min(begin + 1 + longBlockCount, slots.count))
        guard let end = inside.first(where: { isEnd(slots[$0]) }), let first = slots[begin], let last = slots[end]
        else { return isHole(shortEnd) ? .unreadEnd : .blocks(longBlockCount) }
        if isHole(shortEnd) { return .unreadEnd }
        if secondsApart(first, last) <= breath { return .cutShort }
        // The other end can be a true one only if its program began before the stretch.
        guard let open, end - open <= longBlockCount else { return .blocks(longBlockCount) }
        return .contradicted(from: open)
    }

    private static func secondsApart(_ slots: [MivaSlot?], _ begin: Int, _ count: Int) -> UInt32 {
        let end = begin + count + 1
        guard begin < slots.count, end < slots.count, let first = slots[begin], let last = slots[end] else {
            return .max
        }
        return secondsApart(first, last)
    }

    /// In either clock: both count seconds in their lowest bits, so neighbours in time are near in one of them.
    private static func secondsApart(_ first: MivaSlot, _ last: MivaSlot) -> UInt32 {
        func difference(_ a: UInt32, _ b: UInt32) -> UInt32 { a > b ? a - b : b - a }
        return min(
            difference(first.timeLittleEndian, last.timeLittleEndian),
            difference(first.timeBigEndian, last.timeBigEndian))
    }

    /// What a slot of a program says, for a person who reads the log. Never an event that counts.
    static func event(_ slot: MivaSlot, _ role: MivaSlotRole) -> PumpEvent? {
        switch role {
        case .programBegin: PumpEvent(.note) { $0.label = "infusion program begins" }
        case .programEnd: PumpEvent(.note) { $0.label = "infusion program ends" }
        case .programBlock(1?, of: shortBlockCount?): firstShortBlock(slot)
        case .programBlock(2?, of: shortBlockCount?): secondShortBlock(slot)
        case .programBlock(let number?, of: let count?):
            PumpEvent(.setting) { $0.label = "infusion program, block \(number) of \(count)" }
        case .programBlock: PumpEvent(.setting) { $0.label = "infusion program, raw block" }
        case .doubtful:
            PumpEvent(.unknown) { $0.label = "after the beginning of an infusion program that has no end" }
        case .event, .undecided, .unwritten, .missing: nil
        }
    }

    /// Name, continuous rate, volume to be infused, starting dose: four numbers of 4 bytes.
    private static func firstShortBlock(_ slot: MivaSlot) -> PumpEvent {
        let names: [UInt32: String] = [2: "Daily 1", 3: "Nightly", 4: "Daily 2"]
        let id = slot.uint32(0)
        let rate = milliliters(slot.uint32(4)).map { ", \($0.number) mL/h" } ?? ""
        let starting = milliliters(slot.uint32(12)).map { ", starting dose \($0)" } ?? ""
        return PumpEvent(.setting) {
            $0.label = "infusion program \(names[id] ?? "\(id)")\(rate)\(starting)"
            $0.programmed = milliliters(slot.uint32(8))
        }
    }

    /// Extra dose and lockout.
    private static func secondShortBlock(_ slot: MivaSlot) -> PumpEvent {
        PumpEvent(.setting) {
            let extra = milliliters(slot.uint32(0))
            $0.label = "infusion program, extra dose \(extra?.description ?? "unknown"), lockout \(slot.uint32(4))"
            $0.programmed = extra
        }
    }

    private static func milliliters(_ bits: UInt32) -> Quantity? {
        Quantity(Double(Float(bitPattern: bits)), .milliliters)
    }
}
