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
                let last = fill(&roles, slots, from: index)
                open = last < slots.count ? nil : open
                index = last + 1
            } else if isEnd(slot) {
                roles[index] = .programEnd
                if let start = open, index - start <= longBlockCount {
                    for block in start..<index where roles[block] != .missing {
                        roles[block] = .programBlock(nil, of: nil)
                    }
                }
                open = nil
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
    private static func fill(_ roles: inout [MivaSlotRole], _ slots: [MivaSlot?], from begin: Int) -> Int {
        roles[begin] = .programBegin
        guard let count = blockCount(slots, from: begin) else {
            // Cut short by whatever stopped the pump. What follows is kept and left undecided, up to the next frame.
            var index = begin + 1
            while index < slots.count, index <= begin + longBlockCount, !isBegin(slots[index]), !isEnd(slots[index]) {
                if roles[index] == .event { roles[index] = .doubtful }
                index += 1
            }
            return index - 1
        }
        let end = begin + count + 1
        for index in (begin + 1)..<max(begin + 1, min(end, slots.count)) where slots[index] != nil {
            roles[index] = .programBlock(index - begin, of: count)
        }
        if end < slots.count, slots[end] != nil { roles[end] = .programEnd }
        return min(end, slots.count - 1)
    }

    /// How many raw blocks follow the beginning: the end stands right behind them. Nil where it stands nowhere.
    private static func blockCount(_ slots: [MivaSlot?], from begin: Int) -> Int? {
        enum Seen { case end, other, unread }
        func look(_ count: Int) -> Seen {
            let index = begin + count + 1
            guard index < slots.count, let slot = slots[index] else { return .unread }
            return isEnd(slot) ? .end : .other
        }
        return switch (look(shortBlockCount), look(longBlockCount)) {
        // Both: a raw block of a long program looks like an end, or two programs follow each other closely. The end was
        // written in the same breath as the beginning, so the nearer time decides.
        case (.end, .end): nearerEnd(slots, from: begin)
        case (.end, _): shortBlockCount
        case (_, .end): longBlockCount
        case (.unread, .other): shortBlockCount
        case (.other, .unread), (.unread, .unread): longBlockCount
        case (.other, .other): nil
        }
    }

    private static func nearerEnd(_ slots: [MivaSlot?], from begin: Int) -> Int {
        func apart(_ count: Int) -> UInt32 {
            let end = begin + count + 1
            guard begin < slots.count, end < slots.count, let first = slots[begin], let last = slots[end] else {
                return .max
            }
            let (a, b) = (first.timeLittleEndian, last.timeLittleEndian)
            return a > b ? a - b : b - a
        }
        return apart(longBlockCount) < apart(shortBlockCount) ? longBlockCount : shortBlockCount
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
        case .event, .unwritten, .missing: nil
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
