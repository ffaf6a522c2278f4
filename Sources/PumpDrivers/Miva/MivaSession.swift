package import PumpCore

/// Downloads a MIVA's event ring: who it is, what its clock says, then the newest events, then what earlier visits left
/// out. One question is under way at a time, and the next one is sent with the last byte of the reply.
package struct MivaSession: DownloadSession {
    /// On the first visit to a pump the nurse waits for this many events, two minutes of wire; a month of therapy has
    /// fewer. The rest is read while there is time, now or at the next visit.
    static let newestOnFirstVisit = 1_024
    /// This many slots in a row that nobody answers for, and the line is taken for dead.
    static let failedSlotsInARow = 3
    /// A pump that writes events faster than they are read is left to the next visit.
    static let lateRounds = 8

    private enum State: Hashable, Sendable {
        case idle
        /// Before the identity: these questions are still to be put.
        case introducing([MivaCommand])
        case readingClock
        case waitingForKnown
        case readingIndexes
        case readingSlots
        /// The window is read; does the ring still hold it?
        case checkingRing
        /// A batch is out; nothing is sent until it is stored.
        case storing
        case ended
    }

    private var state = State.idle
    private var framer = MivaFramer()
    private var exchange: MivaExchange?
    private var serial = ""
    private var firmware: String?
    private var library: String?
    private var platform: String?
    private var format = MivaTimeFormat.counter
    private var known: KnownLog?
    private var ring: MivaRing?
    private var plan: MivaPlan?
    private var stretch: MivaPlan.Stretch?
    private var window: MivaWindow?
    private var delivery: MivaDelivery?
    private var parcels: [MivaDelivery.Parcel] = []
    private var overlapExpected = 0
    /// The greatest running number that is read or planned.
    private var covered = 0
    /// The lowest running number that this stretch has read, and that the ring still held when it was read.
    private var lowestRead = 0
    private var failedInARow = 0
    private var roundsLeft = Self.lateRounds
    private var slotsRead = 0
    private var slotsPlanned = 0
    private var maySayUnplug = true
    private let hints: DecodingHints

    package init(_ hints: DecodingHints) { self.hints = hints }

    // MARK: What the caller tells

    package mutating func start() -> [SessionOutput] {
        guard state == .idle else { return [] }
        return introduce([.serialNumber, .firmware, .library, .platform])
    }

    package mutating func receive(_ bytes: [UInt8]) -> [SessionOutput] {
        guard state != .ended else { return [] }
        var out: [SessionOutput] = []
        exchange?.heard(bytes.count)
        for byte in bytes {
            guard let piece = framer.feed(byte), let step = exchange?.take(piece) else { continue }
            out += carryOut(step)
            if state == .ended { break }
        }
        return out
    }

    package mutating func deadlinePassed() -> [SessionOutput] {
        guard state != .ended, let step = exchange?.timeout() else { return [] }
        framer.forget()
        return carryOut(step)
    }

    package mutating func known(_ log: KnownLog) -> [SessionOutput] {
        guard state != .ended, known == nil else { return [] }
        known = log
        return state == .waitingForKnown ? askIndexes() : []
    }

    package mutating func stored(_ receipt: BatchReceipt) -> [SessionOutput] {
        guard state == .storing else { return [] }
        if overlapExpected > 0, receipt.known == 0, receipt.superseded == 0, !receipt.reachedKnown {
            // What should have been stored before was new: the ring holds another log below than the ledger does.
            loseConnection(below: window?.numbers.lowerBound)
        }
        overlapExpected = 0
        return handOver()
    }

    package mutating func linkEnded() -> [SessionOutput] {
        guard state != .ended else { return [] }
        return end(
            .linkEnded,
            "The connection to the pump ended before everything was read. What was stored stays; plug the "
                + "pump in again to read the rest.")
    }

    // MARK: Questions and answers

    private mutating func ask(_ command: MivaCommand) -> [SessionOutput] {
        let next = MivaExchange(command)
        exchange = next
        return [.send(next.request), .deadline(milliseconds: MivaExchange.replyTimeoutMilliseconds)]
    }

    private mutating func carryOut(_ step: MivaExchange.Step) -> [SessionOutput] {
        guard let current = exchange else { return [] }
        switch step {
        case .wait: return []
        case .sendAgain:
            return [.send(current.request), .deadline(milliseconds: MivaExchange.replyTimeoutMilliseconds)]
        case .reply(let payload):
            exchange = nil
            return answered(current.command, payload)
        case .failed(let failure):
            exchange = nil
            return unanswered(current.command, failure)
        }
    }

    private mutating func answered(_ command: MivaCommand, _ payload: [UInt8]) -> [SessionOutput] {
        switch (state, command) {
        case (.introducing(let rest), _): return introduced(command, payload, rest)
        case (.readingClock, _): return clockRead(payload)
        case (.readingIndexes, _):
            guard let ring = MivaRing(reply: payload) else { return unanswered(command, .garbled) }
            return planned(ring)
        case (.readingSlots, .event(let index)):
            failedInARow = 0
            window?.take(MivaSlot(reply: payload, index: index))
            return readOn()
        case (.checkingRing, _):
            guard let later = MivaRing(reply: payload) else { return unanswered(command, .garbled) }
            ring?.move(to: later)
            return windowChecked()
        default: return []
        }
    }

    private mutating func unanswered(_ command: MivaCommand, _ failure: MivaExchange.Failure) -> [SessionOutput] {
        switch state {
        case .introducing(let rest) where command != .serialNumber:
            // Not every firmware has to know every question; the serial number is the one that counts.
            return [note(failure, "The pump did not say its \(command.allowedMeaning); reading goes on without it.")]
                + introduce(rest)
        case .readingClock:
            return [note(failure, "The pump did not say its clock; its events keep their own times uncorrected.")]
                + afterClock()
        case .readingSlots where failedInARow + 1 < Self.failedSlotsInARow:
            failedInARow += 1
            window?.take(nil)
            return readOn()
        default: return end(failure)
        }
    }

    private func note(_ failure: MivaExchange.Failure, _ message: String) -> SessionOutput {
        .fault(SessionFault(failure.faultKind, message, isFatal: false))
    }

    // MARK: Introduction

    private mutating func introduce(_ questions: [MivaCommand]) -> [SessionOutput] {
        guard let first = questions.first else { return identified() }
        state = .introducing(Array(questions.dropFirst()))
        return ask(first)
    }

    private mutating func introduced(
        _ command: MivaCommand, _ payload: [UInt8], _ rest: [MivaCommand]
    ) -> [SessionOutput] {
        let said = MivaSerial.printable(payload.dropFirst(2))
        switch command {
        case .serialNumber:
            guard let serial = MivaSerial.text(said) else {
                return end(
                    .wrongDevice, "The device answers like a MIVA, and its serial number is none: it is not read.")
            }
            self.serial = serial
        case .firmware: firmware = said.isEmpty ? nil : said
        case .library: library = said.isEmpty ? nil : said
        case .platform: platform = said.isEmpty ? nil : said
        default: break
        }
        return introduce(rest)
    }

    private mutating func identified() -> [SessionOutput] {
        let identity = PumpIdentity(
            serial: serial, driver: MivaDriver.name, model: MivaSerial.model(platform: platform),
            firmware: firmware ?? library)
        state = .readingClock
        return [.identity(identity)] + ask(.clock)
    }

    private mutating func clockRead(_ payload: [UInt8]) -> [SessionOutput] {
        guard let time = DeviceTime(mivaClock: payload) else { return unanswered(.clock, .garbled) }
        format = time.mivaFormat
        return [.clock(time)] + afterClock()
    }

    private mutating func afterClock() -> [SessionOutput] {
        guard known != nil else {
            state = .waitingForKnown
            return [.noDeadline]
        }
        return askIndexes()
    }

    private mutating func askIndexes() -> [SessionOutput] {
        state = .readingIndexes
        return ask(.indexes)
    }

    // MARK: Reading

    private mutating func planned(_ ring: MivaRing) -> [SessionOutput] {
        self.ring = ring
        covered = ring.head
        let plan = MivaPlan(ring: ring, known: known ?? KnownLog())
        self.plan = plan
        slotsPlanned = plan.stretches.reduce(0) { $0 + $1.read.count }
        delivery = MivaDelivery(
            format: format, meaning: MivaMeaning(firmware: firmware ?? library ?? hints.firmware) ?? .newer)
        return [progress()] + nextStretch()
    }

    private mutating func nextStretch() -> [SessionOutput] {
        guard let ring else { return [] }
        stretch = nil
        window = nil
        var out: [SessionOutput] = []
        if ring.head > covered, roundsLeft > 0 {
            // Written while we read: newest first.
            roundsLeft -= 1
            let late = MivaPlan.stretch(.newest, (covered + 1)...ring.head, ring: ring)
            covered = ring.head
            plan?.stretches.insert(late, at: 0)
            slotsPlanned += late.read.count
        } else {
            out += sayUnplug(unless: plan?.stretches.contains { $0.purpose == .newest } ?? false)
        }
        while var next = plan?.stretches.first {
            plan?.stretches.removeFirst()
            guard next.wanted.upperBound >= ring.tail else { continue }
            if next.read.lowerBound < ring.tail {
                next.read = ring.tail...next.read.upperBound
                next.reachesTail = true
            }
            stretch = next
            lowestRead = next.read.upperBound + 1
            delivery?.beginStretch()
            return out + openWindow(below: next.read.upperBound + 1)
        }
        state = .ended
        exchange = nil
        return out + [.progress(done: slotsPlanned, total: slotsPlanned), .noDeadline, .finished]
    }

    private mutating func openWindow(below top: Int) -> [SessionOutput] {
        guard let stretch, let ring else { return [] }
        let low = max(stretch.read.lowerBound, ring.tail)
        guard top > low else { return stretchRead() }
        window = MivaWindow(max(low, top - MivaWindow.slots)...(top - 1))
        state = .readingSlots
        return readOn()
    }

    private mutating func readOn() -> [SessionOutput] {
        guard let window else { return [] }
        guard let next = window.next else {
            state = .checkingRing
            return ask(.indexes)
        }
        let isTime = window.readingsDone > 0 && window.readingsDone.isMultiple(of: Self.readingsBetweenProgress)
        return (isTime ? [progress()] : []) + ask(.event(MivaRing.position(of: next)))
    }

    private static let readingsBetweenProgress = 32

    private func progress() -> SessionOutput {
        let halves = window.map { min($0.readingsDone, 2 * $0.numbers.count) } ?? 0
        return .progress(done: min(slotsPlanned, slotsRead + halves / 2), total: slotsPlanned)
    }

    private mutating func windowChecked() -> [SessionOutput] {
        guard let window, let ring else { return [] }
        state = .storing
        slotsRead += window.numbers.count
        // Slots that the pump wrote anew while they were read hold newer events now, or torn ones.
        let kept = max(window.numbers.lowerBound, ring.tail)
        let slots = kept <= window.numbers.upperBound ? (kept...window.numbers.upperBound).map(window.confirmed) : []
        lowestRead = min(lowestRead, kept)
        if !isStillTheLog(window) { loseConnection(below: window.numbers.lowerBound) }
        guard let stretch = self.stretch, !slots.isEmpty else { return handOver() }
        parcels =
            delivery?.deliver(
                slots, numbers: kept...window.numbers.upperBound,
                isCertain: (stretch.reachesTail || kept == ring.tail)
                    && kept <= max(stretch.read.lowerBound, ring.tail),
                wanted: stretch.wanted) ?? []
        return handOver()
    }

    /// False where a slot that the ledger knows holds other bytes now.
    private func isStillTheLog(_ window: MivaWindow) -> Bool {
        guard let anchor = plan?.anchor else { return true }
        return window.numbers.allSatisfy { number in
            guard let bytes = anchor[number], let slot = window.confirmed(number) else { return true }
            return slot.bytes == bytes
        }
    }

    /// The ring went round, or holds another log: nothing below is what the ledger has, so all of it is read.
    private mutating func loseConnection(below low: Int?) {
        guard let ring, let low, plan?.isOverwritten == false, var current = stretch else { return }
        plan?.isOverwritten = true
        plan?.anchor = [:]
        slotsPlanned -= (plan?.stretches ?? []).reduce(0) { $0 + $1.read.count }
        plan?.stretches = []
        slotsPlanned += max(0, min(low, current.read.lowerBound) - ring.tail)
        current.purpose = .newest
        current.wanted = ring.tail...current.wanted.upperBound
        current.read = ring.tail...current.read.upperBound
        current.reachesTail = true
        stretch = current
    }

    // MARK: Handing over

    private mutating func handOver() -> [SessionOutput] {
        var out: [SessionOutput] = []
        while !parcels.isEmpty {
            switch parcels.removeFirst() {
            case .gap(let gap):
                out += [.gap(gap), note(.garbled, gap.sentence)]
            case .batch(let batch, let overlap):
                overlapExpected = overlap
                state = .storing
                return out + [.batch(batch), .noDeadline]
            }
        }
        guard let window else { return out }
        out.append(progress())
        let isFirstVisit = known?.newest.isEmpty ?? true
        out += sayUnplug(unless: !isFirstVisit || slotsRead < Self.newestOnFirstVisit)
        return out + openWindow(below: window.numbers.lowerBound)
    }

    private mutating func stretchRead() -> [SessionOutput] {
        var out: [SessionOutput] = []
        if let stretch, let delivery {
            let isWholeRing = plan?.isOverwritten == true && stretch.purpose == .newest
            let lost = stretch.lost + max(0, lowestRead - stretch.wanted.lowerBound)
            if isWholeRing || lost > 0 {
                let newest = known?.newest.last { $0.deviceTime != nil }
                out.append(
                    .gap(
                        delivery.overwritten(
                            since: isWholeRing ? newest?.deviceTime : nil, missing: isWholeRing ? nil : lost)))
                plan?.isOverwritten = false
            }
        }
        return out + nextStretch()
    }

    private mutating func sayUnplug(unless isWaiting: Bool) -> [SessionOutput] {
        guard !isWaiting, maySayUnplug else { return [] }
        maySayUnplug = false
        return [.mayUnplug]
    }

    // MARK: The end

    private mutating func end(_ failure: MivaExchange.Failure) -> [SessionOutput] {
        switch failure {
        case .silent:
            end(
                .silent,
                "The pump does not answer. Check that it is switched on and that the cable sits firmly at both "
                    + "ends.")
        case .garbled:
            end(
                .garbled,
                "The pump's answers arrive damaged. Check the cable, and keep it away from chargers and "
                    + "motors.")
        case .refused: end(.refused, "The pump refuses to answer. Switch it off and on again, then plug it in anew.")
        }
    }

    private mutating func end(_ kind: SessionFault.Kind, _ message: String) -> [SessionOutput] {
        state = .ended
        exchange = nil
        return [.noDeadline, .fault(SessionFault(kind, message, isFatal: true))]
    }
}

extension MivaExchange.Failure {
    var faultKind: SessionFault.Kind {
        switch self {
        case .silent: .silent
        case .garbled: .garbled
        case .refused: .refused
        }
    }
}

extension MivaCommand {
    var allowedMeaning: String { Self.allowed.first { $0.code == code }?.meaning ?? code }
}

extension LogGap {
    /// What a person is told when the gap is found.
    fileprivate var sentence: String {
        let events = missing.map { $0 == 1 ? "One event" : "\($0) events" } ?? "Some events"
        return "\(events) could not be read reliably (\(detail ?? reason.rawValue)). They are tried again at the next "
            + "reading."
    }
}
