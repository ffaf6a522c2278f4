import PumpCore

/// Which slots are still to be read, newest first, in running numbers of one session.
struct MivaPlan: Hashable, Sendable {
    /// A stretch of neighbouring slots that nobody has stored yet, and how far the reading overlaps what is stored on
    /// either side.
    struct Stretch: Hashable, Sendable {
        enum Purpose: Hashable, Sendable {
            /// The end of the log, down to what the ledger has: what the nurse waits for.
            case newest
            /// Older slots that an earlier visit left out.
            case backfill
        }

        var purpose: Purpose
        /// What is to be stored.
        var wanted: ClosedRange<Int>
        /// What is read: `wanted` and its overlap.
        var read: ClosedRange<Int>
        /// True where nothing older is left in the ring below `read`.
        var reachesTail: Bool
        /// Slots between `wanted` and older stored records that the pump overwrote before anybody read them.
        var lost = 0
    }

    /// As many known slots are read again below a stretch as make its oldest slots certain, and as many once more, so
    /// that what is delivered shares records with what is stored.
    static let overlapBelow = 2 * MivaInfusionData.context
    static let overlapAbove = MivaInfusionData.context

    var stretches: [Stretch]
    /// The newest stored records that are to be seen again in the ring, by running number.
    var anchor: [Int: [UInt8]]
    /// True where the ledger has records of this pump and none of them can be in the ring any more.
    var isOverwritten: Bool

    /// What to read, given the ring and what is stored.
    init(ring: MivaRing, known: KnownLog) {
        let anchor = Self.anchor(ring: ring, newest: known.newest)
        self.anchor = anchor.bytes
        isOverwritten = anchor.isGone
        guard let last = anchor.last else {
            stretches = [Stretch(purpose: .newest, wanted: ring.numbers, read: ring.numbers, reachesTail: true)]
            return
        }
        stretches = []
        if last < ring.head {
            stretches.append(Self.stretch(.newest, (last + 1)...ring.head, ring: ring))
        } else {
            // Nothing new: one slot shows that the log is still the same one.
            stretches.append(
                Stretch(
                    purpose: .newest, wanted: last...last, read: last...last, reachesTail: last == ring.tail))
        }
        for hole in Self.holes(ring: ring, last: last, confirmed: known.confirmed) {
            var stretch = Self.stretch(.backfill, hole.numbers, ring: ring)
            stretch.lost = hole.lost
            stretches.append(stretch)
        }
    }

    static func stretch(_ purpose: Stretch.Purpose, _ wanted: ClosedRange<Int>, ring: MivaRing) -> Stretch {
        let low = max(ring.tail, wanted.lowerBound - overlapBelow)
        let high = min(ring.head, wanted.upperBound + overlapAbove)
        return Stretch(purpose: purpose, wanted: wanted, read: low...high, reachesTail: low == ring.tail)
    }

    /// The newest stored records with neighbouring positions, as far as the ring can still hold them.
    private static func anchor(
        ring: MivaRing, newest: [RawRecord]
    ) -> (bytes: [Int: [UInt8]], last: Int?, isGone: Bool) {
        guard let newestPosition = newest.last?.devicePosition else { return ([:], nil, false) }
        let last = MivaRing.number(at: newestPosition, notAbove: ring.head)
        guard last >= ring.tail else { return ([:], nil, true) }
        var bytes: [Int: [UInt8]] = [:]
        var expected = last
        for record in newest.reversed() {
            guard let position = record.devicePosition, position == MivaRing.position(of: expected),
                expected >= ring.tail, bytes.count < overlapBelow
            else { break }
            bytes[expected] = record.raw
            expected -= 1
        }
        return (bytes, last, false)
    }

    /// The stretches below `last` that are in the ring and not stored, newest first.
    private static func holes(
        ring: MivaRing, last: Int, confirmed: [ClosedRange<Int>]
    ) -> [(numbers: ClosedRange<Int>, lost: Int)] {
        var holes: [(numbers: ClosedRange<Int>, lost: Int)] = []
        /// Everything above it is stored or already among the holes.
        var frontier = last
        for range in inLogOrder(confirmed, last: last).reversed() {
            let high = MivaRing.number(at: range.upperBound, notAbove: frontier)
            if high < frontier, frontier >= ring.tail {
                holes.append((max(high + 1, ring.tail)...frontier, max(0, ring.tail - high - 1)))
            }
            frontier = high - range.count
            if frontier < ring.tail { break }
        }
        if confirmed.isEmpty { frontier = last - 1 }
        if frontier >= ring.tail { holes.append((ring.tail...frontier, 0)) }
        return holes
    }

    /// Ranges in the log's own order, oldest first, the last one ending at the newest stored record. A ledger that
    /// sorts them by position instead is understood too: they are turned to where the log ends.
    private static func inLogOrder(_ confirmed: [ClosedRange<Int>], last: Int) -> [ClosedRange<Int>] {
        let slots = 0...(MivaRing.size - 1)
        let ranges = confirmed.compactMap { $0.overlaps(slots) ? $0.clamped(to: slots) : nil }
        let position = MivaRing.position(of: last)
        guard ranges.last?.upperBound != position, let at = ranges.firstIndex(where: { $0.contains(position) }) else {
            return ranges
        }
        let holder = ranges[at]
        let above = holder.upperBound > position ? [(position + 1)...holder.upperBound] : []
        return above + ranges[(at + 1)...] + ranges[..<at] + [holder.lowerBound...position]
    }
}
