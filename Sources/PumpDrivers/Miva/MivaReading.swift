import PumpCore

/// The reading of the ring: which slot comes next, which batch is complete, what is lost. It asks nobody itself: `next`
/// says what is wanted, and the answer is told by the method that belongs to it.
struct MivaReading: Sendable {
    /// On the first visit to a pump the nurse waits for this many events, two minutes of wire; a month of therapy has
    /// fewer. The rest is read while there is time, now or at the next visit.
    static let newestOnFirstVisit = 1_024
    /// A pump that writes events faster than they are read is left to the next visit.
    static let lateRounds = 8
    private static let readingsBetweenProgress = 32

    enum Want: Hashable, Sendable {
        /// The slot at this ring position: answer with `took`.
        case slot(Int)
        /// Does the ring still hold what was read? Answer with `saw`.
        case ring
        /// Answer with `stored`.
        case stored(LogBatch)
        /// Say it, and ask for `next` again.
        case said(SessionOutput)
        case nothing
    }

    private enum Phase: Hashable, Sendable {
        case betweenStretches
        case inWindow
        case windowRead
        case handingOver
        case finished
    }

    private var phase = Phase.betweenStretches
    private var ring: MivaRing
    private let known: KnownLog
    private var plan: MivaPlan
    private var stretch: MivaPlan.Stretch?
    private var window: MivaWindow?
    private var delivery: MivaDelivery
    private var parcels: [MivaDelivery.Parcel] = []
    private var toSay: [SessionOutput] = []
    /// How many records of the batch that is being stored should be known already.
    private var overlapExpected = 0
    /// The greatest running number that is read or planned.
    private var covered: Int
    /// The lowest running number that this stretch has read, and that the ring still held when it was read.
    private var lowestRead = 0
    private var roundsLeft = Self.lateRounds
    private var slotsRead = 0
    private var slotsPlanned: Int
    private var maySayUnplug = true

    init(ring: MivaRing, known: KnownLog, format: MivaTimeFormat, meaning: MivaMeaning) {
        self.ring = ring
        self.known = known
        plan = MivaPlan(ring: ring, known: known)
        delivery = MivaDelivery(format: format, meaning: meaning)
        covered = ring.head
        slotsPlanned = plan.stretches.reduce(0) { $0 + $1.read.count }
        toSay = [progress]
    }

    mutating func next() -> Want {
        while true {
            if !toSay.isEmpty { return .said(toSay.removeFirst()) }
            switch phase {
            case .betweenStretches: openStretch()
            case .inWindow:
                guard let slot = window?.next else {
                    phase = .windowRead
                    continue
                }
                return .slot(MivaRing.position(of: slot))
            case .windowRead: return .ring
            case .handingOver: if let batch = handOver() { return .stored(batch) }
            case .finished: return .nothing
            }
        }
    }

    // MARK: Answers

    /// What came of reading the slot; nil where all attempts failed.
    mutating func took(_ slot: MivaSlot?) {
        window?.take(slot)
        if let done = window?.readingsDone, done.isMultiple(of: Self.readingsBetweenProgress) { toSay.append(progress) }
    }

    /// The ring as it is now. Slots that the pump wrote anew while they were read hold newer events, or torn ones.
    mutating func saw(_ later: MivaRing) {
        ring.move(to: later)
        guard phase == .windowRead, let window else { return }
        phase = .handingOver
        slotsRead += window.numbers.count
        let kept = max(window.numbers.lowerBound, ring.tail)
        lowestRead = min(lowestRead, kept)
        if !isStillTheLog(window) { loseConnection(below: window.numbers.lowerBound) }
        guard let stretch, kept <= window.numbers.upperBound else { return }
        let isLowest = kept <= max(stretch.read.lowerBound, ring.tail)
        parcels = delivery.deliver(
            (kept...window.numbers.upperBound).map(window.confirmed), numbers: kept...window.numbers.upperBound,
            isCertain: isLowest && (stretch.reachesTail || kept == ring.tail), wanted: stretch.wanted)
    }

    mutating func stored(_ receipt: BatchReceipt) {
        defer { overlapExpected = 0 }
        guard overlapExpected > 0, receipt.known == 0, receipt.superseded == 0, !receipt.reachedKnown else { return }
        // What should have been stored before was new: the ring holds another log below than the ledger does.
        loseConnection(below: window?.numbers.lowerBound)
    }

    // MARK: Stretches

    private mutating func openStretch() {
        stretch = nil
        window = nil
        if ring.head > covered, roundsLeft > 0 {
            // Written while we read: newest first.
            roundsLeft -= 1
            let late = MivaPlan.stretch(.newest, (covered + 1)...ring.head, ring: ring)
            covered = ring.head
            plan.stretches.insert(late, at: 0)
            slotsPlanned += late.read.count
        } else if !plan.stretches.contains(where: { $0.purpose == .newest }) {
            sayUnplug()
        }
        while !plan.stretches.isEmpty {
            var next = plan.stretches.removeFirst()
            guard next.wanted.upperBound >= ring.tail else { continue }
            if next.read.lowerBound < ring.tail {
                next.read = ring.tail...next.read.upperBound
                next.reachesTail = true
            }
            stretch = next
            lowestRead = next.read.upperBound + 1
            delivery.beginStretch()
            return openWindow(below: lowestRead)
        }
        phase = .finished
        toSay.append(.progress(done: slotsPlanned, total: slotsPlanned))
    }

    private mutating func openWindow(below top: Int) {
        guard let stretch else { return }
        let low = max(stretch.read.lowerBound, ring.tail)
        guard top > low else { return closeStretch() }
        window = MivaWindow(max(low, top - MivaWindow.slots)...(top - 1))
        phase = .inWindow
    }

    private mutating func closeStretch() {
        phase = .betweenStretches
        guard let stretch else { return }
        let isWholeRing = plan.isOverwritten && stretch.purpose == .newest
        let lost = stretch.lost + max(0, lowestRead - stretch.wanted.lowerBound)
        guard isWholeRing || lost > 0 else { return }
        let newest = known.newest.last { $0.deviceTime != nil }
        toSay.append(
            .gap(
                delivery.overwritten(
                    since: isWholeRing ? newest?.deviceTime : nil, missing: isWholeRing ? nil : lost)))
        plan.isOverwritten = false
    }

    // MARK: Another log than the ledger's

    /// False where a slot that the ledger knows holds other bytes now.
    private func isStillTheLog(_ window: MivaWindow) -> Bool {
        window.numbers.allSatisfy { number in
            guard let bytes = plan.anchor[number], let slot = window.confirmed(number) else { return true }
            return slot.bytes == bytes
        }
    }

    /// The ring went round, or holds another log: nothing below is what the ledger has, so all of it is read.
    private mutating func loseConnection(below low: Int?) {
        guard let low, !plan.isOverwritten, var current = stretch else { return }
        plan.isOverwritten = true
        plan.anchor = [:]
        slotsPlanned -= plan.stretches.reduce(0) { $0 + $1.read.count }
        plan.stretches = []
        slotsPlanned += max(0, min(low, current.read.lowerBound) - ring.tail)
        current.purpose = .newest
        current.wanted = ring.tail...current.wanted.upperBound
        current.read = ring.tail...current.read.upperBound
        current.reachesTail = true
        stretch = current
    }

    // MARK: Handing over

    /// The next batch to store; nil when the window is handed over and the next one is open.
    private mutating func handOver() -> LogBatch? {
        while !parcels.isEmpty {
            switch parcels.removeFirst() {
            case .gap(let gap):
                toSay += [.gap(gap), .fault(SessionFault(.garbled, gap.sentence, isFatal: false))]
            case .batch(let batch, let overlap):
                overlapExpected = overlap
                return batch
            }
        }
        guard let window else { return nil }
        toSay.append(progress)
        if known.newest.isEmpty, slotsRead >= Self.newestOnFirstVisit { sayUnplug() }
        openWindow(below: window.numbers.lowerBound)
        return nil
    }

    private mutating func sayUnplug() {
        if maySayUnplug { toSay.append(.mayUnplug) }
        maySayUnplug = false
    }

    /// In slots, each of which is read twice.
    private var progress: SessionOutput {
        let halves = phase == .inWindow ? window.map { min($0.readingsDone, 2 * $0.numbers.count) } ?? 0 : 0
        return .progress(done: min(slotsPlanned, slotsRead + halves / 2), total: slotsPlanned)
    }
}

extension LogGap {
    /// What a person is told when the gap is found.
    fileprivate var sentence: String {
        let events = missing.map { $0 == 1 ? "One event" : "\($0) events" } ?? "Some events"
        return "\(events) could not be read reliably (\(detail ?? reason.rawValue)). They are tried again at the next "
            + "reading."
    }
}
