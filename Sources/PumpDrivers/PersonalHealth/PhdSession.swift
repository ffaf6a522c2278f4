package import PumpCore

/// Downloads the event log of an IEEE 11073-20601 agent: association, configuration, who it is and what its clock says,
/// then the segments of its store, newest first. Entries are confirmed when they are stored; nothing is ever cleared.
package struct PhdSession: DownloadSession {
    private enum State: Hashable, Sendable {
        case idle
        /// The agent speaks first.
        case associating
        /// It is accepted, and sends its configuration.
        case configuring
        /// Who is it?
        case introducing
        /// The identity is out; the ledger has not said yet what it knows.
        case waitingForKnown
        case listingSegments
        /// A segment is asked for.
        case triggering
        case transferring
        /// A batch is out; nothing is sent until it is stored.
        case storing
        case releasing
        case ended
    }

    private var state = State.idle
    private let timing = PhdTiming()
    private var stream = ApduStream()
    private var agent: AssociationTerms?
    private var store: UInt16?
    private var configurationsRefused = 0
    private var call: UInt16 = 0
    /// How often the question that is under way was put.
    private var asked = 0
    /// What the agent said of itself last; two answers that agree are believed.
    private var introduction: PhdSystem.Identity?
    private var confirmed: PumpIdentity?
    private var known: KnownLog?
    private var reading: SegmentReading?
    /// The report that waits for its confirmation.
    private var unconfirmed: (report: EventReport, place: SegmentPlace, call: UInt16)?
    private var nudges = 0
    private var associationsLeft = PhdTiming.associations
    private var hasHeard = false
    private var lastProblem: String?
    private var saidUnplug = false

    package init(_ hints: DecodingHints) {}

    // MARK: What the caller tells

    package mutating func start() -> [SessionOutput] {
        guard state == .idle else { return [] }
        state = .associating
        return [.deadline(milliseconds: timing.firstWord)]
    }

    package mutating func receive(_ bytes: [UInt8]) -> [SessionOutput] {
        guard state != .ended, state != .idle else { return [] }
        hasHeard = hasHeard || !bytes.isEmpty
        guard stream.append(bytes) else {
            return end(
                .garbled,
                "The device sends more than its protocol allows: over \(ApduStream.mostWaiting) bytes without a whole "
                    + "message. It is not read.")
        }
        return listen()
    }

    package mutating func deadlinePassed() -> [SessionOutput] {
        switch state {
        case .idle, .waitingForKnown, .storing, .ended: return []
        case .associating: return nudge()
        case .configuring:
            if configurationsRefused > 0 { return endWithoutLog() }
            return begin(again: .silent, reason: Apdu.AbortReason.configurationTimeout)
        case .introducing, .listingSegments, .triggering: return askAgain(.silent)
        case .transferring: return begin(again: .silent, reason: Apdu.AbortReason.responseTimeout)
        // Everything is stored; how the agent takes its leave is its own affair.
        case .releasing: return finished()
        }
    }

    package mutating func known(_ log: KnownLog) -> [SessionOutput] {
        guard state != .ended, known == nil else { return [] }
        known = log
        return state == .waitingForKnown ? listSegments() + listen() : []
    }

    package mutating func stored(_ receipt: BatchReceipt) -> [SessionOutput] {
        guard state == .storing else { return [] }
        // Something came of this association: a later one may fail as often again.
        if receipt.added > 0 { associationsLeft = PhdTiming.associations }
        return confirm() + listen()
    }

    package mutating func linkEnded() -> [SessionOutput] {
        guard state != .ended else { return [] }
        return end(
            .linkEnded,
            "The connection to the pump ended before everything was read. What was stored stays; connect its data cable "
                + "again to read the rest, and do not clear or return the pump before.")
    }

    // MARK: What the agent says

    private mutating func listen() -> [SessionOutput] {
        var out: [SessionOutput] = []
        while state != .ended, state != .storing, state != .waitingForKnown, let bytes = stream.next() {
            do throws(ApduProblem) {
                out += heard(try Apdu(bytes))
            } catch {
                lastProblem = error.description
                out += misheard()
            }
        }
        return out
    }

    /// A message that is none. Where a question is under way it is put again.
    private mutating func misheard() -> [SessionOutput] {
        switch state {
        case .introducing, .listingSegments, .triggering: askAgain(.garbled)
        case .transferring: begin(again: .garbled, reason: Apdu.AbortReason.undefined)
        case .configuring: begin(again: .garbled, reason: Apdu.AbortReason.undefined)
        case .idle, .associating, .waitingForKnown, .storing, .releasing, .ended: []
        }
    }

    private mutating func heard(_ apdu: Apdu) -> [SessionOutput] {
        switch apdu {
        case .associationRequest(let request): return associate(request)
        case .abort:
            guard state != .associating else { return [] }
            if state == .releasing { return finished() }
            if configurationsRefused > 0 { return endWithoutLog() }
            lastProblem = "the device broke the association off"
            return awaitAgent(.refused)
        case .releaseRequest:
            guard state != .associating else { return [.send(PhdWord.released.bytes)] }
            if state == .releasing { return [.send(PhdWord.released.bytes)] + finished() }
            if configurationsRefused > 0 { return [.send(PhdWord.released.bytes)] + endWithoutLog() }
            lastProblem = "the device took its leave before its log was read"
            return [.send(PhdWord.released.bytes)] + awaitAgent(.refused)
        case .releaseResponse: return state == .releasing ? finished() : []
        // What a manager says; an echo on the line.
        case .associationResponse: return []
        case .presentation(let message): return message.call == call || isEvent(message) ? heard(message) : []
        }
    }

    private func isEvent(_ message: DataMessage) -> Bool { if case .event = message.body { true } else { false } }

    private mutating func heard(_ message: DataMessage) -> [SessionOutput] {
        switch (state, message.body) {
        case (.configuring, .event(let report, let isConfirmed)):
            guard case .configuration(let configuration) = report.content else { return [] }
            return configured(configuration, report, call: isConfirmed ? message.call : nil)
        case (.introducing, .getAnswer(_, let attributes)): return introduced(attributes)
        case (.listingSegments, .actionAnswer(let answer)): return listed(answer)
        case (.triggering, .actionAnswer(let answer)): return triggered(answer)
        case (.triggering, .event(let report, true)), (.transferring, .event(let report, true)):
            guard case .segment(let part) = report.content else { return [] }
            return arrived(part, report, call: message.call)
        case (.introducing, .error), (.introducing, .reject), (.listingSegments, .error), (.listingSegments, .reject),
            (.triggering, .error), (.triggering, .reject):
            lastProblem = "the device refused a question"
            return askAgain(.refused)
        // Measurements that nobody asked for, answers to nobody: nothing is confirmed that is not kept.
        default: return []
        }
    }

    // MARK: Association and configuration

    /// An agent that believes itself associated says nothing: a break makes it begin anew.
    private mutating func nudge() -> [SessionOutput] {
        guard nudges < PhdTiming.nudges else {
            return end(hasHeard ? .garbled : .silent)
        }
        nudges += 1
        stream.forget()
        return [.send(PhdWord.abort(Apdu.AbortReason.undefined).bytes), .deadline(milliseconds: timing.association)]
    }

    private mutating func associate(_ request: AssociationRequest) -> [SessionOutput] {
        if state != .associating {
            // Said twice.
            if state == .configuring, request.terms == agent { return [] }
            if state == .releasing { return [] }
            // The agent began anew by itself.
            guard associationsLeft > 0 else { return end(.refused) }
            associationsLeft -= 1
        }
        guard let terms = request.terms, terms.encoding & AssociationTerms.mder != 0,
            terms.systemType & AssociationTerms.agent != 0
        else {
            return [.send(PhdWord.refuseAssociation.bytes)]
                + end(
                    .wrongDevice,
                    "The device does not offer the data exchange protocol of IEEE 11073-20601. Check that the right port "
                        + "is given.")
        }
        agent = terms
        store = nil
        reading = nil
        unconfirmed = nil
        introduction = nil
        configurationsRefused = 0
        let isStandard = Nomenclature.standardDevices[terms.configurationID] != nil
        let accepted = SessionOutput.send(PhdWord.accept(configurationKnown: isStandard).bytes)
        if isStandard { return [accepted] + introduce() }
        state = .configuring
        return [accepted, .deadline(milliseconds: timing.configuration)]
    }

    private mutating func configured(
        _ configuration: ConfigurationReport, _ report: EventReport, call: UInt16?
    ) -> [SessionOutput] {
        let store = configuration.objects.first { $0.objectClass == Nomenclature.ObjectClass.store }?.handle
        let answer = call.map { call in
            [
                SessionOutput.send(
                    PhdWord.configuration(configuration.id, call: call, isSupported: store != nil, of: report).bytes)
            ]
        }
        guard let store else {
            configurationsRefused += 1
            // A device may offer another one, and shall not do so for ever.
            guard configurationsRefused < PhdTiming.configurations else { return (answer ?? []) + endWithoutLog() }
            return (answer ?? []) + [.deadline(milliseconds: timing.configuration)]
        }
        self.store = store
        return (answer ?? []) + introduce()
    }

    private mutating func endWithoutLog() -> [SessionOutput] {
        let what = agent.flatMap { Nomenclature.standardDevices[$0.configurationID] } ?? "a device without an event log"
        return [.send(PhdWord.release.bytes)]
            + end(
                .wrongDevice,
                "This is \(what), not an infusion pump with an event log that this driver knows. Plug the pump in here, or "
                    + "take this port out of the settings.")
    }

    // MARK: Questions

    private mutating func ask(_ state: State) -> [SessionOutput] {
        self.state = state
        call = call == .max ? 1 : call + 1
        let word: PhdWord
        switch state {
        case .introducing: word = .describeSystem(call: call)
        case .listingSegments: word = .listSegments(call: call, store: store ?? 0)
        case .triggering:
            guard let segment = reading?.current else { return [] }
            word = .transfer(call: call, store: store ?? 0, segment: segment.instance)
        default: return []
        }
        asked += 1
        return [.send(word.bytes), .deadline(milliseconds: timing.answer)]
    }

    private mutating func askAgain(_ failure: SessionFault.Kind) -> [SessionOutput] {
        guard asked < PhdTiming.questions else {
            return begin(again: failure, reason: Apdu.AbortReason.responseTimeout)
        }
        if failure == .silent { stream.forget() }
        return ask(state)
    }

    private mutating func introduce() -> [SessionOutput] {
        asked = 0
        return ask(.introducing)
    }

    private mutating func introduced(_ attributes: [Attribute]) -> [SessionOutput] {
        let system: PhdSystem
        do throws(ApduProblem) {
            system = try PhdSystem(attributes)
        } catch {
            lastProblem = error.description
            return askAgain(.garbled)
        }
        if store == nil { return endWithoutLog() }
        // No check sum guards a message, and a wrong number would make another pump of this one.
        guard system.identity == introduction, system.identity.systemID == agent?.systemID, let pump = system.pump
        else {
            introduction = system.identity
            guard asked < PhdTiming.questions else { return askAgain(.garbled) }
            return ask(.introducing)
        }
        if let confirmed {
            guard confirmed == pump else {
                return end(
                    .wrongDevice, "Another pump answers at this port than a moment ago. Plug in one pump at a time.")
            }
            return known == nil ? wait() : listSegments()
        }
        confirmed = pump
        let clock: SessionOutput =
            system.clock.map { .clock(.civil($0)) }
            ?? .fault(
                SessionFault(
                    .undecoded, "The pump did not say its clock; its events keep their own times uncorrected.",
                    isFatal: false))
        return [.identity(pump), clock] + (known == nil ? wait() : listSegments())
    }

    private mutating func wait() -> [SessionOutput] {
        state = .waitingForKnown
        return [.noDeadline]
    }

    // MARK: The log

    private mutating func listSegments() -> [SessionOutput] {
        asked = 0
        return ask(.listingSegments)
    }

    private mutating func listed(_ answer: ActionCall) -> [SessionOutput] {
        guard answer.action == Nomenclature.Action.segmentInfo, let infos = try? answer.segments() else {
            lastProblem = "the list of segments is damaged"
            return askAgain(.garbled)
        }
        do throws(SegmentReading.Problem) {
            reading = try SegmentReading(infos, known: known ?? KnownLog())
        } catch {
            switch error {
            case .garbled:
                lastProblem = "the list of segments contradicts itself"
                return askAgain(.garbled)
            case .otherEntries:
                return [.send(PhdWord.release.bytes)]
                    + end(
                        .wrongDevice,
                        "The device keeps its log in a form that this driver does not know. It is not read.")
            }
        }
        var out: [SessionOutput] = []
        if reading?.isAnotherLog == true { out.append(Self.anotherLog) }
        if let progress = reading?.progress { out.append(progress) }
        return out + nextSegment()
    }

    private static let anotherLog = SessionOutput.fault(
        SessionFault(
            .undecoded,
            "The pump numbers its events anew: its log was reset since the last visit. All of it is read.",
            isFatal: false))

    private mutating func nextSegment() -> [SessionOutput] {
        var out: [SessionOutput] = []
        let next = reading?.nextSegment()
        if !saidUnplug, reading?.isPastNewest ?? true {
            saidUnplug = true
            out.append(.mayUnplug)
        }
        guard next != nil else { return out + release() }
        asked = 0
        return out + ask(.triggering)
    }

    private mutating func triggered(_ answer: ActionCall) -> [SessionOutput] {
        guard answer.action == Nomenclature.Action.transferSegment, let outcome = try? answer.transferOutcome(),
            outcome.segment == reading?.current?.instance
        else {
            lastProblem = "the answer to a transfer is damaged"
            return askAgain(.garbled)
        }
        guard outcome.outcome == 0 else {
            lastProblem = "the device does not send a segment (\(outcome.outcome))"
            return begin(again: .refused, reason: Apdu.AbortReason.undefined)
        }
        state = .transferring
        return [.deadline(milliseconds: timing.answer)]
    }

    private mutating func arrived(_ part: SegmentPart, _ report: EventReport, call: UInt16) -> [SessionOutput] {
        if part.place.has(SegmentPlace.Status.agentAbort) {
            lastProblem = "the device broke a transfer off"
            return begin(again: .refused, reason: Apdu.AbortReason.undefined)
        }
        switch reading?.take(part) {
        case .repeated: return []
        case .garbled, nil:
            lastProblem = "entries of the log fail their check"
            return begin(again: .garbled, reason: Apdu.AbortReason.undefined)
        case .nothingNew:
            unconfirmed = (report, part.place, call)
            return confirm()
        case .batch(let batch):
            unconfirmed = (report, part.place, call)
            state = .storing
            return [.batch(batch), .noDeadline]
        }
    }

    private mutating func confirm() -> [SessionOutput] {
        guard let done = unconfirmed else { return [] }
        unconfirmed = nil
        state = .transferring
        var out: [SessionOutput] = [
            .send(PhdWord.stored(done.place, call: done.call, of: done.report).bytes)
        ]
        if let progress = reading?.progress { out.append(progress) }
        if done.place.has(SegmentPlace.Status.last) { return out + nextSegment() }
        return out + [.deadline(milliseconds: timing.answer)]
    }

    // MARK: The end

    private mutating func release() -> [SessionOutput] {
        state = .releasing
        var out: [SessionOutput] = []
        if let lost = reading?.lost { out.append(.gap(lost)) }
        return out + [.send(PhdWord.release.bytes), .deadline(milliseconds: timing.release)]
    }

    private mutating func finished() -> [SessionOutput] {
        state = .ended
        return [.noDeadline, .finished]
    }

    /// Breaks off and waits for the agent to begin anew; what is stored is not read again.
    private mutating func begin(again failure: SessionFault.Kind, reason: UInt16) -> [SessionOutput] {
        let waiting = awaitAgent(failure)
        return state == .ended ? waiting : [.send(PhdWord.abort(reason).bytes)] + waiting
    }

    private mutating func awaitAgent(_ failure: SessionFault.Kind) -> [SessionOutput] {
        guard associationsLeft > 0 else { return end(failure) }
        associationsLeft -= 1
        stream.forget()
        state = .associating
        nudges = 1
        return [.deadline(milliseconds: timing.association)]
    }

    private mutating func end(_ kind: SessionFault.Kind) -> [SessionOutput] {
        let why = lastProblem.map { " (\($0))" } ?? ""
        switch kind {
        case .silent:
            return end(
                .silent,
                "The pump does not answer. Check that it is switched on and that the cable sits firmly at both ends.")
        case .refused:
            return end(
                .refused,
                "The pump refuses to be read\(why). Pull the data cable, wait five seconds and push it in again.")
        default:
            return end(
                .garbled,
                "The pump's answers arrive damaged\(why). Check the cable, and that an IEEE 11073 device is plugged in here."
            )
        }
    }

    private mutating func end(_ kind: SessionFault.Kind, _ message: String) -> [SessionOutput] {
        state = .ended
        return [.noDeadline, .fault(SessionFault(kind, message, isFatal: true))]
    }
}

/// How long a manager waits, in milliseconds, and how often it tries.
struct PhdTiming: Hashable, Sendable {
    /// An agent speaks first. One that does not is woken.
    let firstWord = 500
    let association = 10_000
    let configuration = 10_000
    let release = 10_000
    /// For the answer to a question, and for the next entries of a segment.
    let answer = 3_000

    static let nudges = 3
    static let associations = 5
    static let questions = 4
    static let configurations = 8
}
