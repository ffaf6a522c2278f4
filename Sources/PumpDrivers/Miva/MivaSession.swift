package import PumpCore

/// Downloads a MIVA's event ring: who it is, what its clock says, then the newest events, then what earlier visits left
/// out. One question is under way at a time, and the next one is sent with the last byte of the reply.
package struct MivaSession: DownloadSession {
    /// This many slots in a row that nobody answers for, and the line is taken for dead.
    static let failedSlotsInARow = 3

    private enum State: Hashable, Sendable {
        case idle
        /// Who is it?
        case introducing
        case readingClock
        /// The identity is out; the ledger has not said yet what it knows.
        case waitingForKnown
        case readingIndexes
        case readingSlots
        /// A batch is read; does the ring still hold it?
        case checkingRing
        /// A batch is out; nothing is sent until it is stored.
        case storing
        case ended
    }

    private var state = State.idle
    private var framer = MivaFramer()
    private var exchange: MivaExchange?
    private var introduction = MivaIntroduction()
    private var format = MivaTimeFormat.counter
    private var known: KnownLog?
    private var reading: MivaReading?
    private var failedInARow = 0
    private let hints: DecodingHints

    package init(_ hints: DecodingHints) { self.hints = hints }

    // MARK: What the caller tells

    package mutating func start() -> [SessionOutput] {
        guard state == .idle else { return [] }
        state = .introducing
        return introduce()
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
        reading?.stored(receipt)
        return readOn()
    }

    package mutating func linkEnded() -> [SessionOutput] {
        guard state != .ended else { return [] }
        return end(
            .linkEnded,
            "The connection to the pump ended before everything was read. What was stored stays; connect its data cable "
                + "again to read the rest, and do not clear or return the pump before.")
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
        case (.introducing, _):
            introduction.hear(payload)
            guard introduction.serial != nil else {
                return end(
                    .wrongDevice, "The device answers like a MIVA, and its serial number is none: it is not read.")
            }
            return introduce()
        case (.readingClock, _):
            guard let time = DeviceTime(mivaClock: payload, host: hints.hostTime) else {
                return unanswered(command, .garbled)
            }
            format = time.mivaFormat
            return [.clock(time)] + afterClock()
        case (.readingIndexes, _):
            guard let ring = MivaRing(reply: payload) else { return unanswered(command, .garbled) }
            let firmware = introduction.statedFirmware ?? hints.firmware
            reading = MivaReading(
                ring: ring, known: known ?? KnownLog(), format: format,
                meaning: MivaMeaning(firmware: firmware) ?? .newer)
            return readOn()
        case (.readingSlots, .event(let index)):
            failedInARow = 0
            reading?.took(MivaSlot(reply: payload, index: index))
            return readOn()
        case (.checkingRing, _):
            guard let later = MivaRing(reply: payload) else { return unanswered(command, .garbled) }
            reading?.saw(later)
            return readOn()
        default: return []
        }
    }

    private mutating func unanswered(_ command: MivaCommand, _ failure: MivaExchange.Failure) -> [SessionOutput] {
        switch state {
        case .introducing where command != .serialNumber:
            return [note(failure, "The pump did not say its \(command.meaning); reading goes on without it.")]
                + introduce()
        case .readingClock:
            return [note(failure, "The pump did not say its clock; its events keep their own times uncorrected.")]
                + afterClock()
        case .readingSlots where failedInARow + 1 < Self.failedSlotsInARow:
            failedInARow += 1
            reading?.took(nil)
            return readOn()
        default: return end(failure)
        }
    }

    private func note(_ failure: MivaExchange.Failure, _ message: String) -> SessionOutput {
        .fault(SessionFault(failure.faultKind, message, isFatal: false))
    }

    // MARK: The order of things

    private mutating func introduce() -> [SessionOutput] {
        if let question = introduction.nextQuestion() { return ask(question) }
        guard introduction.confirmedSerial != nil, let identity = introduction.identity else { return end(.garbled) }
        state = .readingClock
        return [.identity(identity)] + ask(.clock)
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

    private mutating func readOn() -> [SessionOutput] {
        var out: [SessionOutput] = []
        while let want = reading?.next() {
            switch want {
            case .said(let output): out.append(output)
            case .slot(let position):
                state = .readingSlots
                return out + ask(.event(position))
            case .ring:
                state = .checkingRing
                return out + ask(.indexes)
            case .stored(let batch):
                state = .storing
                return out + [.batch(batch), .noDeadline]
            case .nothing:
                state = .ended
                return out + [.noDeadline, .finished]
            }
        }
        return out
    }

    // MARK: The end

    private mutating func end(_ failure: MivaExchange.Failure) -> [SessionOutput] {
        switch failure {
        case .silent:
            end(
                .silent,
                "The pump does not answer. Check that it is switched on and that the cable sits firmly at both ends.")
        case .garbled:
            end(
                .garbled,
                "The pump's answers arrive damaged.")
        case .refused:
            end(
                .refused, "The pump refuses to answer.")
        }
    }

    private mutating func end(_ kind: SessionFault.Kind, _ message: String) -> [SessionOutput] {
        state = .ended
        exchange = nil
        return [.noDeadline, .fault(SessionFault(kind, message, isFatal: true))]
    }
}

extension MivaExchange.Failure {
    fileprivate var faultKind: SessionFault.Kind {
        switch self {
        case .silent: .silent
        case .garbled: .garbled
        case .refused: .refused
        }
    }
}

extension MivaCommand {
    fileprivate var meaning: String { Self.allowed.first { $0.code == code }?.meaning ?? code }
}
