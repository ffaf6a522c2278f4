import PumpCore
package import PumpDrivers
import PumpLinks

/// The life of one port: when to open it, whom to believe, what to read, when to give up and when to try again. It does
/// nothing itself and has no clock: events and moments go in, actions come out.
package struct PortLife: Sendable {
    /// What the link is doing, as far as this side knows.
    private enum Line: Hashable, Sendable {
        case closed
        case opening
        case open
        /// Closed by us; its end is still to be heard.
        case closing
    }

    private struct UnsettledEnd: Hashable, Sendable {
        /// What the report said before.
        var lastCompleteAt: Instant?
    }

    package let enrolment: PortEnrolment
    private let driver: PumpDriver
    private let policy: StationPolicy
    private var line = Line.closed
    private var session: (any DownloadSession)?
    /// True from `begin` to `end`: the writer has a session open.
    private var isRecording = false
    private var isWaitingForSink = false
    private var pump: PumpIdentity?
    private var report: PortReport
    /// Failures since a pump last named itself here.
    private var failures = 0
    private var garbledSessions = 0
    /// What this session could not read, though the pump still has it.
    private var unreadable = Unreadable()
    /// Sessions that came to their end and left something unread, since the last one that did not.
    private var partialSessions = 0
    /// Of a session that was just ended as complete, until the next begins: the writer may still say that it could not
    /// write that down.
    private var unsettledEnd: UnsettledEnd?
    /// The state that says that nothing can be stored. While the port shows it, attempts are made behind it.
    private var storeTrouble: PortState?
    private var quarantines = 0
    private var babble: BabbleMeter
    /// When the session said something last.
    private var lastAdvance = 0
    // Moments on the station's clock; nil where nothing is awaited.
    private var answerDue: Int?
    private var openDue: Int?
    private var readDue: Int?
    private var wakeSet: Int?
    private var reopensWhenClosed = false
    /// The device was seen while the port was being opened, perhaps too late for it.
    private var appearedWhileOpening = false
    private var isStopped = false

    package init(_ enrolment: PortEnrolment, driver: PumpDriver, policy: StationPolicy = .init(), at now: StationTime) {
        self.enrolment = enrolment
        self.driver = driver
        self.policy = policy
        babble = BabbleMeter(driver, policy)
        report = PortReport(port: enrolment.id, driver: driver.name, state: .absent, since: now.wall)
    }

    package var state: PortState { report.state }
    package var currentReport: PortReport { report }

    package mutating func handle(_ event: PortEvent, at now: StationTime) -> [PortAction] {
        guard !isStopped || event == .link(.ended(nil)) else { return [] }
        let before = report
        var actions = react(to: event, at: now)
        if readDue == nil { report.nextReadAt = nil }
        if report.state.name != before.state.name { report.since = now.wall }
        if report != before { actions.append(.report(report)) }
        let wake = nextWake
        if wake != wakeSet {
            wakeSet = wake
            actions.append(.wake(atMilliseconds: wake))
        }
        return actions
    }

    private var nextWake: Int? {
        [answerDue, openDue, readDue, stallDue].compactMap(\.self).min()
    }

    /// A session that waits neither for an answer nor for the writer has to say something before this moment.
    private var stallDue: Int? {
        session != nil && !isWaitingForSink && answerDue == nil ? lastAdvance + policy.stall : nil
    }

    private mutating func react(to event: PortEvent, at now: StationTime) -> [PortAction] {
        switch event {
        case .start: openLine()
        case .link(.opened): lineOpened(at: now)
        case .link(.bytes(let bytes)): received(bytes, at: now)
        case .link(.ended(let fault)): lineEnded(fault, at: now)
        case .begun(let known): begun(known, at: now)
        case .stored(let receipt): stored(receipt, at: now)
        case .sinkFailed(let reason, let remedy): sinkFailed(reason, remedy: remedy, at: now)
        case .identityTaken(let port): identityTaken(by: port, at: now)
        case .clockPassed: clockPassed(at: now)
        case .deviceAppeared: appeared(at: now)
        case .readNow: readNow(at: now)
        case .stop: stop(at: now)
        }
    }

    // MARK: The line

    private mutating func openLine() -> [PortAction] {
        openDue = nil
        switch line {
        case .closed:
            line = .opening
            appearedWhileOpening = false
            return [.open]
        case .closing:
            reopensWhenClosed = true
            return []
        case .opening, .open: return []
        }
    }

    private mutating func closeLine() -> [PortAction] {
        readDue = nil
        answerDue = nil
        guard line == .open || line == .opening else { return [] }
        line = .closing
        return [.close]
    }

    private mutating func lineOpened(at now: StationTime) -> [PortAction] {
        guard line == .opening else { return [] }
        line = .open
        return beginReading(at: now)
    }

    private mutating func lineEnded(_ fault: LinkFault?, at now: StationTime) -> [PortAction] {
        let wasOurs = line == .closing
        line = .closed
        readDue = nil
        answerDue = nil
        if isStopped { return [] }
        if wasOurs {
            guard reopensWhenClosed else { return [] }
            reopensWhenClosed = false
            return openLine()
        }
        let allIsWell = report.state.saysMayUnplug
        // Let the session say what it lost before the state says why.
        let last = endSession(.interrupted)
        // A pump that is pulled out when nothing was left to read, or after it was said that it may be, is no trouble.
        if case .gone = fault, allIsWell { report.lastFault = nil }
        switch fault {
        case .absent, .gone, nil: report.state = .absent
        case .busy(let place, let holders) where holders.contains(where: \.isThisProcess):
            report.state = .troubled(
                why: "\(place) is the same device as another link of this daemon.",
                remedy: "Take one of the two links out of the configuration.")
        case .busy(_, let holders): report.state = .busy(holders: holders)
        case .permissionDenied(_, let group): report.state = .permissionDenied(group: group)
        case .notATerminal, .stuck, .unreachable, .unusable, .failed:
            report.state = fault.map { .troubled(why: $0.message, remedy: $0.remedy) } ?? .absent
            report.lastFault = fault?.message ?? report.lastFault
        }
        if case .absent = report.state {
            // A device that re-enumerates is back within a second or two, sometimes under the same name and unseen by
            // any monitor; one that was never there can be waited for.
            if case .gone = fault {
                failures = 0
            } else if !policy.looksForAbsent, !appearedWhileOpening {
                return last
            }
        }
        return last + retryLater(at: now)
    }

    private mutating func retryLater(at now: StationTime, after wait: Int? = nil) -> [PortAction] {
        let doubled = policy.firstRetry << min(failures, 20)
        failures += 1
        openDue = now.milliseconds + (wait ?? min(doubled, policy.longestRetry))
        return []
    }

    // MARK: The session

    private mutating func beginReading(at now: StationTime) -> [PortAction] {
        guard let makeSession = driver.makeSession else {
            report.state = .troubled(
                why: "The driver \(driver.name) reads files only.", remedy: "Take this link out of the configuration.")
            return closeLine()
        }
        if !showsStoreTrouble { report.state = .connecting }
        readDue = nil
        lastAdvance = now.milliseconds
        pump = nil
        unreadable = Unreadable()
        unsettledEnd = nil
        babble.begin()
        var fresh = makeSession(
            DecodingHints(model: enrolment.model, serial: enrolment.expectedSerial, hostTime: now.wall))
        let outputs = fresh.start()
        session = fresh
        return carryOut(outputs, at: now)
    }

    private mutating func received(_ bytes: [UInt8], at now: StationTime) -> [PortAction] {
        guard line == .open else { return [] }
        babble.heard(bytes.count)
        let outputs = session?.receive(bytes) ?? []
        babble.understood(outputs)
        let actions = carryOut(outputs, at: now)
        guard babble.isTooMuch, line == .open else { return actions }
        return actions
            + quarantine("The device at this port sends without being asked, and nothing in it makes sense.", at: now)
    }

    private mutating func carryOut(_ outputs: [SessionOutput], at now: StationTime) -> [PortAction] {
        var actions: [PortAction] = []
        for output in outputs {
            guard session != nil else { break }
            lastAdvance = now.milliseconds
            switch output {
            case .send(let request):
                babble.asked(request)
                actions.append(.send(request))
            case .deadline(let milliseconds): answerDue = now.milliseconds + max(0, milliseconds)
            case .noDeadline: answerDue = nil
            case .identity(let identity): actions += identified(identity, at: now)
            case .clock(let time): actions += isRecording ? [.noteClock(time, at: now.wall)] : []
            case .progress(let done, let total):
                changeReading {
                    $0.done = done
                    $0.total = total
                }
            case .mayUnplug:
                // Who stands there is not sent away while something of it waits for a second try.
                if unreadable.isEmpty {
                    changeReading { $0.mayUnplug = true }
                    report.newestStoredAt = now.wall
                }
                actions += isRecording ? [.noteNewestStored] : []
            case .batch(var batch):
                batch.readAt = batch.readAt ?? now.wall
                isWaitingForSink = true
                actions += isRecording ? [.append(batch)] : []
            case .gap(let gap):
                unreadable.note(gap)
                actions += isRecording ? [.noteGap(gap)] : []
            case .fault(let fault): actions += faulted(fault, at: now)
            case .finished: actions += finished(at: now)
            }
        }
        return actions
    }

    private mutating func changeReading(_ change: (inout PortState.Reading) -> Void) {
        guard case .reading(var reading) = report.state else { return }
        change(&reading)
        report.state = .reading(reading)
    }

    private mutating func identified(_ identity: PumpIdentity, at now: StationTime) -> [PortAction] {
        if let expected = enrolment.expectedSerial, expected != identity.serial {
            return wrongDevice(
                "Pump \(identity.serial) is connected where \(expected) is expected; nothing of it is read.", at: now)
        }
        pump = identity
        if report.pump != identity {
            report.pump = identity
            report.newestStoredAt = nil
            report.lastCompleteAt = nil
        }
        if !showsStoreTrouble { report.state = .reading(.init(pump: identity)) }
        failures = 0
        isRecording = true
        isWaitingForSink = true
        return [
            .begin(
                SessionOpening(
                    port: enrolment.id, pump: identity, decoderVersion: driver.decoderVersion, begunAt: now.wall))
        ]
    }

    private mutating func begun(_ known: KnownLog, at now: StationTime) -> [PortAction] {
        guard isRecording else { return [] }
        isWaitingForSink = false
        lastAdvance = now.milliseconds
        let outputs = session?.known(known) ?? []
        return carryOut(outputs, at: now)
    }

    private mutating func stored(_ receipt: BatchReceipt, at now: StationTime) -> [PortAction] {
        guard isRecording else { return [] }
        isWaitingForSink = false
        lastAdvance = now.milliseconds
        if showsStoreTrouble, let pump { report.state = .reading(.init(pump: pump)) }
        let outputs = session?.stored(receipt) ?? []
        return carryOut(outputs, at: now)
    }

    private mutating func finished(at now: StationTime) -> [PortAction] {
        let actions = endSession(.complete)
        unsettledEnd = UnsettledEnd(lastCompleteAt: report.lastCompleteAt)
        garbledSessions = 0
        quarantines = 0
        if let pump, let why = unreadable.sentence(pump: pump.serial) {
            report.lastFault = report.lastFault ?? why
            report.state = .troubled(why: why, remedy: Unreadable.remedy)
            // Damage on the way is gone at the next try, damage in the pump is not: ever more seldom.
            let wait = policy.firstRetry << min(partialSessions, 20)
            partialSessions += 1
            readAgain(inSeconds: min(wait / 1000, enrolment.readEverySeconds), at: now)
        } else {
            report.lastCompleteAt = now.wall
            report.newestStoredAt = now.wall
            report.lastFault = nil
            partialSessions = 0
            if let pump { report.state = .caughtUp(pump: pump, at: now.wall) }
            readAgain(inSeconds: enrolment.readEverySeconds, at: now)
        }
        return actions
    }

    private mutating func readAgain(inSeconds seconds: Int, at now: StationTime) {
        let wait = max(1, seconds)
        readDue = now.milliseconds + wait * 1000
        report.nextReadAt = now.wall.adding(seconds: wait)
    }

    /// Ends what the session and the writer have open, whoever is to blame.
    private mutating func endSession(_ outcome: SessionOutcome) -> [PortAction] {
        if outcome == .interrupted {
            for case .fault(let fault) in session?.linkEnded() ?? [] { report.lastFault = fault.message }
        }
        session = nil
        answerDue = nil
        isWaitingForSink = false
        guard isRecording else { return [] }
        isRecording = false
        return [.end(outcome)]
    }

    // MARK: Trouble

    private mutating func faulted(_ fault: SessionFault, at now: StationTime) -> [PortAction] {
        report.lastFault = fault.message
        let noted: [PortAction] = isRecording ? [.noteFault(fault)] : []
        guard fault.isFatal else { return noted }
        switch fault.kind {
        case .wrongDevice where driver.isCalledBySerial && pump == nil && enrolment.expectedSerial == nil:
            // The pump may be the right one: nobody has said yet which one is.
            return noted
                + failed(
                    fault, .troubled(why: fault.message, remedy: Self.enrolRemedy), at: now,
                    after: policy.wrongDeviceRetry)
        case .wrongDevice: return noted + wrongDevice(fault.message, at: now)
        case .garbled, .undecoded:
            garbledSessions += 1
            if garbledSessions >= policy.garbledInARow {
                return noted + endSession(.failed(fault))
                    + quarantine("The last \(garbledSessions) readings broke off on damaged bytes.", at: now)
            }
            return noted + failed(fault, .troubled(why: fault.message, remedy: Self.cableRemedy), at: now)
        case .silent: return noted + failed(fault, .silent, at: now)
        case .readerFailed: return noted + endSession(.failed(fault)) + quarantine(fault.message, at: now)
        case .noReader:
            return noted + failed(fault, .troubled(why: fault.message, remedy: Self.processRemedy), at: now)
        case .refused, .linkEnded:
            return noted + failed(fault, .troubled(why: fault.message, remedy: Self.restartRemedy), at: now)
        }
    }

    private static let cableRemedy =
        "Move only the data cable; do not unplug or switch off anything else for this screen. You may pull it to try another one. "
        + "If this stays, call your support. " + PortState.keepIt
    private static let processRemedy =
        "Nothing is lost: the pump keeps its log and is read later. If this line stays, call your support."
    private static let restartRemedy =
        PortState.lookFirst
        + " If it runs normally, pull the data cable, wait five seconds and push it in again. If this stays, call "
        + "your support. " + PortState.keepIt
    private static let enrolRemedy =
        "The data cable may stay in or be pulled. Call your support, and tell them the six digits on the pump's back; do not "
        + "disconnect the patient to read them."

    private mutating func failed(
        _ fault: SessionFault, _ state: PortState, at now: StationTime, after wait: Int? = nil
    ) -> [PortAction] {
        let actions = endSession(.failed(fault)) + closeLine()
        report.state = aged(state, why: fault.message, at: now)
        return actions + retryLater(at: now, after: wait)
    }

    /// A pump that is there and was long not read to its end is stale, whatever the reason of the moment.
    private func aged(_ state: PortState, why: String, at now: StationTime) -> PortState {
        guard let last = report.lastCompleteAt,
            now.wall.seconds(since: last) >= policy.staleIntervals * enrolment.readEverySeconds
        else { return state }
        return .stale(since: last, why: why)
    }

    private mutating func wrongDevice(_ why: String, at now: StationTime) -> [PortAction] {
        let fault = SessionFault(.wrongDevice, why, isFatal: true)
        let actions = endSession(.failed(fault)) + closeLine()
        report.lastFault = why
        report.state = .wrongDevice(why: why)
        return actions + retryLater(at: now, after: policy.wrongDeviceRetry)
    }

    private mutating func identityTaken(by port: String, at now: StationTime) -> [PortAction] {
        let serial = pump?.serial ?? "of that name"
        isRecording = false
        return wrongDevice(
            "Pump \(serial) is being read at \(port) already: two devices use one serial number.", at: now)
    }

    private mutating func quarantine(_ why: String, at now: StationTime) -> [PortAction] {
        let wait = min(policy.firstQuarantine << min(quarantines, 20), policy.longestQuarantine)
        quarantines += 1
        garbledSessions = 0
        babble = BabbleMeter(driver, policy)
        let actions = endSession(.failed(SessionFault(.garbled, why, isFatal: true))) + closeLine()
        report.lastFault = why
        report.state = .quarantined(why: why, until: now.wall.adding(seconds: wait / 1000))
        return actions + retryLater(at: now, after: wait)
    }

    private var showsStoreTrouble: Bool { storeTrouble == report.state }

    private mutating func sinkFailed(_ reason: String, remedy: String?, at now: StationTime) -> [PortAction] {
        report.lastFault = reason
        if let end = unsettledEnd {
            report.lastCompleteAt = end.lastCompleteAt
            unsettledEnd = nil
        } else if session == nil, !isRecording {
            return []
        }
        let actions = endSession(.interrupted) + closeLine()
        report.lastFault = reason
        report.state = .troubled(
            why: "What the pump says cannot be stored: \(reason)",
            remedy: (remedy ?? "Run pumpledger doctor.") + " Nothing is lost: the pump keeps its log and is read again."
        )
        storeTrouble = report.state
        // Whoever makes space is not kept waiting.
        return actions + retryLater(at: now, after: policy.storeRetry)
    }

    // MARK: Time and people

    private mutating func clockPassed(at now: StationTime) -> [PortAction] {
        wakeSet = nil
        func isDue(_ moment: Int?) -> Bool { moment.map { $0 <= now.milliseconds } ?? false }
        if isDue(openDue) { return openLine() }
        if isDue(answerDue) {
            answerDue = nil
            let outputs = session?.deadlinePassed() ?? []
            return carryOut(outputs, at: now)
        }
        if isDue(readDue), line == .open { return beginReading(at: now) }
        if isDue(stallDue) {
            return failed(
                SessionFault(.silent, "The download stands still; the pump says nothing more.", isFatal: true), .silent,
                at: now)
        }
        return []
    }

    /// A device that was plugged in anew gets a new chance, whatever was held against the last one.
    private mutating func appeared(at now: StationTime) -> [PortAction] {
        if line == .opening { appearedWhileOpening = true }
        guard line == .closed || line == .closing else { return [] }
        failures = 0
        return openLine()
    }

    private mutating func readNow(at now: StationTime) -> [PortAction] {
        failures = 0
        guard line == .open else { return openLine() }
        return session == nil ? beginReading(at: now) : []
    }

    private mutating func stop(at now: StationTime) -> [PortAction] {
        isStopped = true
        openDue = nil
        return endSession(.interrupted) + closeLine()
    }
}
