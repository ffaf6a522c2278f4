package import PumpCore

/// Downloads a Paradigm's history through the CareLink stick.
///
/// Stick: product, statistics, signal strength. Pump: radio on, model, serial, firmware, clock, number of the oldest
/// page; then the pages from 0, the newest, to where the ledger knows the log already; radio off. One question at a
/// time, each by `CareLinkExchange`. The pump is called by its serial number, so the hints must hold it.
package struct ParadigmSession: DownloadSession {
    private enum Step: Hashable, Sendable {
        case notStarted
        case productInfo
        case radioStatistics
        case usbStatistics
        /// How often it was too weak so far.
        case signal(tries: Int)
        case radioOn
        /// As above, because the pump fell silent in the middle.
        case wakeAgain(before: PumpStep)
        case pump(PumpStep)
        /// A page cannot be read: is the pump still there?
        case stillThere
        /// For the caller to say what the ledger knows.
        case awaitingKnown
        /// For the caller to store a batch.
        case awaitingStored
        case radioOff
        case over
    }

    private enum PumpStep: Hashable, Sendable {
        case model
        case serial
        case firmware
        case clock
        case oldestPage
        case page
        /// Whether pages moved while they were read.
        case oldestPageAgain
    }

    /// Below it the radio does not hear the pump well enough (decocare waits for it).
    private static let enoughSignal = 50
    private static let signalTries = 10
    private static let signalPause = 200
    private static let pageTries = 3

    private let address: RadioAddress?
    private let givenSerial: String?
    private var step = Step.notStarted
    private var exchange: CareLinkExchange?
    private var report: SelfReport?
    private var plan = PagePlan()
    private var pageFailures = 0
    /// Pages that the pump has and the line broke each time. A session with such a hole is not complete: the next one
    /// would stop at the first page that it knows, and never come to them again.
    private var brokenOnTheWay = 0
    private var wokenAgain = false

    package init(_ hints: DecodingHints) {
        givenSerial = hints.serial
        address = hints.serial.flatMap { RadioAddress(serial: $0) }
        report = address.map { SelfReport($0, hints) }
    }

    // MARK: What happens

    package mutating func start() -> [SessionOutput] {
        guard step == .notStarted else { return [] }
        guard address != nil else {
            let given = givenSerial.map { "“\($0)” does not end in six digits" } ?? "none was given"
            return end(
                SessionFault(
                    .wrongDevice,
                    "This port is not set up yet: a Paradigm is called by its own serial number, the six digits on its back, "
                        + "and \(given). Enrol the port with it (serial=).", isFatal: true))
        }
        return ask(.productInfo)
    }

    package mutating func receive(_ bytes: [UInt8]) -> [SessionOutput] {
        guard var current = exchange else { return [] }
        let turn = current.receive(bytes)
        exchange = current
        return take(turn)
    }

    package mutating func deadlinePassed() -> [SessionOutput] {
        if case .signal = step, exchange == nil { return ask(step) }
        guard var current = exchange else { return [] }
        let turn = current.deadlinePassed()
        exchange = current
        return take(turn)
    }

    package mutating func known(_ log: KnownLog) -> [SessionOutput] {
        guard step == .awaitingKnown else { return [] }
        return ask(.pump(.clock))
    }

    package mutating func stored(_ receipt: BatchReceipt) -> [SessionOutput] {
        guard step == .awaitingStored else { return [] }
        return afterPage(reachedKnown: receipt.reachedKnown)
    }

    package mutating func linkEnded() -> [SessionOutput] {
        guard step != .over else { return [] }
        return end(
            SessionFault(
                .linkEnded, "The CareLink stick was unplugged. Plug it in again; reading goes on where it stopped.",
                isFatal: true))
    }

    // MARK: Asking

    private mutating func ask(_ next: Step) -> [SessionOutput] {
        guard let question = question(for: next) else { return end(nil) }
        step = next
        var asked = CareLinkExchange(question)
        let outputs = asked.begin()
        exchange = asked
        return outputs
    }

    private func question(for step: Step) -> CareLinkExchange.Question? {
        switch step {
        case .productInfo: .stick(.productInfo)
        case .radioStatistics: .stick(.radioStatistics)
        case .usbStatistics: .stick(.usbStatistics)
        case .signal: .stick(.signalStrength)
        case .radioOn, .wakeAgain: pump(.radioPower, ParadigmCommand.radioOn)
        case .pump(.model), .stillThere: pump(.model)
        case .pump(.serial): pump(.pumpID)
        case .pump(.firmware): pump(.firmware)
        case .pump(.clock): pump(.clock)
        case .pump(.oldestPage), .pump(.oldestPageAgain): pump(.pageNumber)
        case .pump(.page): pump(.historyPage, [UInt8(clamping: plan.next)])
        case .radioOff: pump(.radioPower, ParadigmCommand.radioOff)
        case .notStarted, .awaitingKnown, .awaitingStored, .over: nil
        }
    }

    private func pump(_ command: ParadigmCommand, _ parameters: [UInt8] = []) -> CareLinkExchange.Question? {
        address.map { .pump(PumpPacket(command, to: $0, parameters: parameters)) }
    }

    /// Waits for the caller, not for the device.
    private mutating func wait(_ next: Step) -> [SessionOutput] {
        step = next
        exchange = nil
        return [.noDeadline]
    }

    private mutating func end(_ fault: SessionFault?) -> [SessionOutput] {
        step = .over
        exchange = nil
        return [.noDeadline] + (fault.map { [.fault($0)] } ?? []) + [.finished]
    }

    private mutating func take(_ turn: CareLinkExchange.Turn) -> [SessionOutput] {
        switch turn {
        case .going(let outputs): outputs
        case .answered(let answer): answered(answer)
        case .failed(let failure): failed(failure)
        }
    }

    // MARK: Answers

    private mutating func answered(_ answer: [UInt8]) -> [SessionOutput] {
        switch step {
        case .productInfo: ask(.radioStatistics)
        case .radioStatistics: ask(.usbStatistics)
        case .usbStatistics: ask(.signal(tries: 0))
        case .signal(let tries): signal(answer.first.map { Int($0) } ?? 0, tries: tries)
        case .radioOn: ask(.pump(.model))
        case .wakeAgain(let before): ask(.pump(before))
        case .pump(let pumpStep): pumpAnswered(pumpStep, answer)
        case .stillThere: pageUnread()
        case .radioOff: endAfterPages()
        case .notStarted, .awaitingKnown, .awaitingStored, .over: []
        }
    }

    private mutating func signal(_ strength: Int, tries: Int) -> [SessionOutput] {
        if strength >= Self.enoughSignal { return ask(.radioOn) }
        if tries + 1 < Self.signalTries {
            step = .signal(tries: tries + 1)
            exchange = nil
            return [.deadline(milliseconds: Self.signalPause)]
        }
        let weak = SessionFault(
            .garbled,
            "The radio signal is weak (\(strength), should be \(Self.enoughSignal)). Lay the pump beside the stick, away "
                + "from telephones and metal.", isFatal: false)
        return [.fault(weak)] + ask(.radioOn)
    }

    private mutating func pumpAnswered(_ pumpStep: PumpStep, _ answer: [UInt8]) -> [SessionOutput] {
        switch pumpStep {
        case .model: return reported(.model, answer, then: .pump(.serial))
        case .serial: return reported(.pumpID, answer, then: .pump(.firmware))
        case .firmware:
            _ = report?.take(.firmware, answer)
            guard let identity = report?.identity else { return end(nil) }
            return wait(.awaitingKnown) + [.identity(identity)]
        case .clock:
            guard let time = PumpAnswer.clock(answer) else {
                let broken = SessionFault(
                    .garbled, "The pump's clock shows a time that no calendar has. Set it on the pump.", isFatal: false)
                return [.fault(broken)] + ask(.pump(.oldestPage))
            }
            return [.clock(.civil(time))] + ask(.pump(.oldestPage))
        case .oldestPage:
            guard let oldest = PumpAnswer.oldestPage(answer) else {
                return giveUp(
                    SessionFault(
                        .garbled, "The pump's count of history pages makes no sense. Try again.", isFatal: true))
            }
            plan.begin(oldest: oldest)
            return [.progress(done: 0, total: plan.total)] + ask(.pump(.page))
        case .page: return pageAnswered(answer)
        case .oldestPageAgain:
            // Fewer pages than before: the pump was cleared, and the next download sees to it.
            plan.recount(oldest: PumpAnswer.oldestPage(answer) ?? 0)
            return plan.hasMore ? ask(.pump(.page)) : endOfRound()
        }
    }

    private mutating func reported(_ command: ParadigmCommand, _ answer: [UInt8], then next: Step) -> [SessionOutput] {
        guard var heard = report else { return end(nil) }
        guard heard.take(command, answer) else {
            return giveUp(
                SessionFault(
                    .wrongDevice,
                    "The pump calls itself \(PumpAnswer.serial(answer) ?? "by no readable number") and was called as "
                        + "\(heard.address.text). Enrol the port with the number on the pump's back.", isFatal: true))
        }
        report = heard
        return ask(next)
    }

    // MARK: Pages

    private mutating func pageAnswered(_ bytes: [UInt8]) -> [SessionOutput] {
        switch PageReading.read(bytes, model: report?.readableModel) {
        case .success(let page):
            pageFailures = 0
            wokenAgain = false
            return deliver(page)
        case .failure(.brokenCheck):
            pageFailures += 1
            if pageFailures < Self.pageTries { return ask(.pump(.page)) }
            return skipPage(.failedCheck, .garbled, "failed its check \(pageFailures) times")
        case .failure(.ambiguous):
            return skipPage(
                .undecoded, .undecoded,
                "reads in two ways, because the pump names no model that this driver knows")
        case .failure(.refused(let reason)): return skipPage(.undecoded, .undecoded, "was refused: \(reason)")
        }
    }

    private mutating func deliver(_ page: PageReading) -> [SessionOutput] {
        let (delivery, number) = (plan.deliver(page), plan.next)
        let progress = SessionOutput.progress(done: plan.done, total: plan.total)
        guard let batch = delivery else { return [progress] + afterPage(reachedKnown: false) }
        // The batch comes last: a caller may answer it before it looks at what stands behind.
        var outputs = wait(.awaitingStored) + [progress]
        if let undecoded = batch.undecoded {
            outputs.append(.fault(SessionFault.undecoded(page: number, undecoded)))
        }
        return outputs + [.batch(batch)]
    }

    private mutating func skipPage(
        _ reason: LogGap.Reason, _ kind: SessionFault.Kind, _ why: String
    ) -> [SessionOutput] {
        pageFailures = 0
        wokenAgain = false
        let detail = "history page \(plan.next) \(why)"
        let gap = LogGap(
            after: nil, before: nil, from: nil, to: plan.oldestRecord?.deviceTime, reason: reason, detail: detail)
        plan.skip(unsent: reason == .unread)
        let fault = SessionFault(kind, "H" + detail.dropFirst() + "; its records are missing.", isFatal: false)
        return [.gap(gap), .fault(fault)] + afterPage(reachedKnown: false)
    }

    private mutating func pageUnread() -> [SessionOutput] {
        let isLast = plan.unsentInARow + 1 >= PagePlan.mostUnsent
        return skipPage(
            .unread, .silent,
            "was not sent by the pump, though it answers otherwise"
                + (isLast ? "; older pages were not asked for" : ""))
    }

    private mutating func afterPage(reachedKnown: Bool) -> [SessionOutput] {
        plan.advance()
        if reachedKnown { plan.foundKnown() }
        if plan.hasMore { return ask(.pump(.page)) }
        return plan.mayHaveMoved ? ask(.pump(.oldestPageAgain)) : endOfRound()
    }

    private mutating func endOfRound() -> [SessionOutput] {
        if plan.beginAgainIfMoved() { return ask(.pump(.page)) }
        return ask(.radioOff)
    }

    private mutating func endAfterPages() -> [SessionOutput] {
        guard brokenOnTheWay > 0 else { return end(nil) }
        let pages = brokenOnTheWay == 1 ? "One history page" : "\(brokenOnTheWay) history pages"
        return end(
            SessionFault(
                .garbled,
                "\(pages) arrived broken each time; the others are stored. Lay the pump beside the stick, away from "
                    + "telephones and metal: the reading is tried again.", isFatal: true))
    }

    // MARK: Failures

    /// Ends the session, but lets the pump's radio sleep first.
    private mutating func giveUp(_ fault: SessionFault) -> [SessionOutput] { [.fault(fault)] + ask(.radioOff) }

    private mutating func failed(_ failure: CareLinkExchange.Failure) -> [SessionOutput] {
        switch step {
        case .radioOff: return endAfterPages()
        case .radioStatistics where failure == .stickGarbled, .usbStatistics where failure == .stickGarbled:
            return ask(.signal(tries: 0))
        default: break
        }
        let fault = SessionFault(failure, address: address)
        if failure == .stickSilent || failure == .stickGarbled { return end(fault) }
        guard case .pump(let pumpStep) = step else { return giveUp(fault) }
        if failure == .pumpSilent, !wokenAgain {
            // Its radio sleeps by itself after the minutes that were asked for.
            wokenAgain = true
            return ask(.wakeAgain(before: pumpStep))
        }
        switch (pumpStep, failure) {
        case (.page, .pumpGarbled), (.page, .pumpRefused):
            brokenOnTheWay += 1
            return skipPage(.failedCheck, .garbled, "arrived garbled each time")
        case (.page, _): return ask(.stillThere)
        case (.oldestPageAgain, _): return endOfRound()
        case (.firmware, _): return pumpAnswered(.firmware, [])
        default: return giveUp(fault)
        }
    }
}
