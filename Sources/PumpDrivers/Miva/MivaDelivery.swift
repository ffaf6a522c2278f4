import PumpCore

/// Turns windows of one stretch, newest first, into batches that can be stored. What a window begins with may lie inside
/// a program whose beginning is older, so its oldest slots wait for the next window.
struct MivaDelivery: Sendable {
    /// One thing to hand over. The session waits for the receipt of each batch before the next.
    enum Parcel: Hashable, Sendable {
        case batch(LogBatch, overlap: Int)
        case gap(LogGap)
    }

    let format: MivaTimeFormat
    let meaning: MivaMeaning?
    /// The slots above the next window, oldest first: those that wait, then those that are delivered and serve to tell
    /// what the others are.
    private var above: [MivaSlot?] = []
    private var waiting = 0
    /// The lowest number that was delivered in this stretch, while nothing is missing below it.
    private var lowestDelivered: Int?
    private var oldestTime: DeviceTime?

    init(format: MivaTimeFormat, meaning: MivaMeaning?) {
        self.format = format
        self.meaning = meaning
    }

    mutating func beginStretch() {
        above = []
        waiting = 0
        lowestDelivered = nil
        oldestTime = nil
    }

    /// - Parameters:
    ///   - slots: The window's slots, oldest first; nil where no two readings agreed.
    ///   - numbers: Their running numbers, directly below the window before.
    ///   - isCertain: True where nothing older than this window is in the ring, so that nothing has to wait.
    ///   - wanted: What is not stored yet; the rest is overlap.
    mutating func deliver(
        _ slots: [MivaSlot?], numbers: ClosedRange<Int>, isCertain: Bool, wanted: ClosedRange<Int>
    ) -> [Parcel] {
        let read = slots + above
        let roles = MivaInfusionData.roles(of: read)
        // What an unread slot leaves undecided is as good as unread itself.
        let all = zip(read, roles).map { $1 == .undecided ? nil : $0 }
        let held = isCertain ? 0 : min(MivaInfusionData.context, slots.count)
        let top = slots.count + waiting
        var parcels: [Parcel] = []
        var run: [(number: Int, record: RawRecord?)] = []
        for index in (held..<max(held, top)).reversed() {
            let number = numbers.lowerBound + index
            if all[index] == nil {
                close(&run, into: &parcels, wanted: wanted)
                let missing = all[held..<index].reversed().prefix { $0 == nil }.count + 1
                // One gap for neighbouring holes: said at the newest of them.
                if index + 1 >= top || all[index + 1] != nil {
                    parcels.append(
                        .gap(gap(numbers: (number - missing + 1)...number, all: all, below: index, roles: roles)))
                }
                lowestDelivered = nil
                continue
            }
            let record = all[index].flatMap {
                MivaDecoder.record(
                    $0, roles[index], format: format, meaning: meaning, position: MivaRing.position(of: number))
            }
            run.append((number, record))
        }
        close(&run, into: &parcels, wanted: wanted)
        above = Array(read.prefix(held + MivaInfusionData.context))
        waiting = held
        return parcels
    }

    private mutating func close(
        _ run: inout [(number: Int, record: RawRecord?)], into parcels: inout [Parcel], wanted: ClosedRange<Int>
    ) {
        defer { run = [] }
        guard let newest = run.first?.number, let oldest = run.last?.number else { return }
        let follows = lowestDelivered.map { $0 == newest + 1 } ?? false
        let records = run.reversed().compactMap(\.record)
        lowestDelivered = oldest
        guard !records.isEmpty else { return }
        oldestTime = records.first { $0.deviceTime != nil }?.deviceTime ?? oldestTime
        parcels.append(
            .batch(
                LogBatch(records: records, adjacency: follows ? .precedesPrevious : .unknown),
                overlap: run.count { $0.record != nil && $0.number < wanted.lowerBound }))
    }

    private func gap(
        numbers: ClosedRange<Int>, all: [MivaSlot?], below index: Int, roles: [MivaSlotRole]
    ) -> LogGap {
        let older = all.indices.prefix(index).reversed().first { roles[$0] == .event }
        let from = older.flatMap { all[$0] }.flatMap(format.time(of:))
        return LogGap(
            after: nil, before: nil, from: from, to: oldestTime, reason: .failedCheck, missing: numbers.count,
            detail: "no two of three readings agreed on ring slots \(MivaRing.position(of: numbers.lowerBound)) to "
                + "\(MivaRing.position(of: numbers.upperBound))")
    }

    /// The hole between what is stored and the oldest slot of the stretch just delivered.
    func overwritten(since known: DeviceTime?, missing: Int?) -> LogGap {
        LogGap(
            after: nil, before: nil, from: known, to: oldestTime, reason: .overwritten, missing: missing,
            detail: "the pump's ring went round before these events were read")
    }
}
