import PumpCore

/// One question to the stick, or through it to the pump, asked until it is answered or given up.
///
/// A question to the pump takes several turns with the stick: transmit, ask for the link's status until an answer lies
/// there, read it, part by part. Noise is met by silence: what comes is thrown away until the line has been quiet for a
/// while, then the turn is tried again. A pump's answer that broke is asked for from the start, after everything that
/// the stick still holds of it has been read away.
struct CareLinkExchange: Sendable {
    enum Question: Hashable, Sendable {
        case stick(StickCommand)
        case pump(PumpPacket)
    }

    enum Turn: Hashable, Sendable {
        case going([SessionOutput])
        /// The stick's data, or the payload of the pump's answer; empty where the pump gives none.
        case answered([UInt8])
        case failed(Failure)
    }

    enum Failure: Error, Hashable, Sendable {
        case stickSilent
        case stickGarbled
        case pumpSilent
        case pumpGarbled
        case pumpRefused
        case otherPump(RadioAddress)
    }

    /// Waiting times in milliseconds, and how often a thing is tried.
    private enum Patience {
        static let reply = 1_000
        static let quiet = 250
        static let poll = 50
        /// 6 s; the stick itself repeats a packet twice within that.
        static let polls = 120
        static let wakePoll = 100
        /// 30 s: waking a sleeping pump takes long.
        static let wakePolls = 300
        static let stickTries = 3
        static let pumpTries = 3
        static let drains = 16
        /// Bytes without sense before the device is taken for something else.
        static let noise = 16_384
    }

    /// Longer than any answer to a command that this driver sends: a history page.
    private static let longestPayload = HistoryPage.length

    private enum Phase: Hashable, Sendable {
        case asking(StickCommand)
        case transmitting
        case polling
        case reading(size: Int)
        /// After a failure: is there something left in the stick?
        case draining
        case drainingRead(size: Int)
    }

    private enum Waiting: Hashable, Sendable {
        case reply
        /// Between two turns; whatever comes now is stale.
        case pause
        /// For the line to be quiet; then the turn counts as failed.
        case quiet
    }

    private let question: Question
    private var phase: Phase
    private var waiting = Waiting.reply
    private var buffer: [UInt8] = []
    private var payload: [UInt8] = []
    private var failure = Failure.pumpSilent
    private var stickTries = 0
    private var pumpTries = 0
    private var polls = 0
    private var drains = 0
    private var noise = 0

    init(_ question: Question) {
        self.question = question
        phase =
            switch question {
            case .stick(let command): .asking(command)
            case .pump: .transmitting
            }
    }

    mutating func begin() -> [SessionOutput] { send() }

    mutating func receive(_ bytes: [UInt8]) -> Turn {
        switch waiting {
        case .pause: return .going([])
        case .quiet:
            noise += bytes.count
            return noise > Patience.noise ? .failed(.stickGarbled) : .going([.deadline(milliseconds: Patience.quiet)])
        case .reply:
            buffer += bytes
            return readBuffer()
        }
    }

    mutating func deadlinePassed() -> Turn {
        switch waiting {
        case .pause: return .going(send())
        case .quiet: return turnFailed(garbled: true)
        case .reply: return turnFailed(garbled: !buffer.isEmpty)
        }
    }

    // MARK: Turns with the stick

    private var command: StickCommand? {
        switch (phase, question) {
        case (.asking(let command), _): command
        case (.transmitting, .pump(let packet)): .transmit(packet)
        case (.transmitting, .stick): nil
        case (.polling, _), (.draining, _): .linkStatus
        case (.reading(let size), _), (.drainingRead(let size), _): .readRadio(size: size)
        }
    }

    private mutating func send() -> [SessionOutput] {
        guard let command else { return [] }
        waiting = .reply
        buffer = []
        return [.send(command.bytes), .deadline(milliseconds: Patience.reply)]
    }

    private mutating func enter(_ next: Phase) -> Turn {
        phase = next
        stickTries = 0
        return .going(send())
    }

    private mutating func pause(_ milliseconds: Int) -> Turn {
        waiting = .pause
        stickTries = 0
        return .going([.deadline(milliseconds: milliseconds)])
    }

    private mutating func awaitQuiet() -> Turn {
        noise += buffer.count
        buffer = []
        waiting = .quiet
        return .going([.deadline(milliseconds: Patience.quiet)])
    }

    private mutating func readBuffer() -> Turn {
        guard let first = buffer.first else { return .going([]) }
        switch phase {
        case .reading(let size): return first == RadioSegment.opcode ? readSegment(size) : awaitQuiet()
        case .drainingRead(let size): return buffer.count >= size ? enter(.draining) : .going([])
        case .asking, .transmitting, .polling, .draining: break
        }
        guard first == StickReply.opcode else { return awaitQuiet() }
        guard buffer.count >= StickReply.length else { return .going([]) }
        guard let reply = StickReply(buffer) else { return awaitQuiet() }
        return take(reply)
    }

    private mutating func take(_ reply: StickReply) -> Turn {
        switch phase {
        case .asking: return reply.isYes ? .answered(reply.data) : turnFailed(garbled: true)
        case .transmitting: return reply.isYes ? enterPolling() : attemptFailed(.pumpRefused)
        case .polling: return reply.isYes ? poll(LinkStatus(reply)) : attemptFailed(.pumpGarbled)
        case .draining: return drain(LinkStatus(reply))
        case .reading, .drainingRead: return awaitQuiet()
        }
    }

    /// A turn brought nothing, or nothing of sense. What only asks is asked again; a broken answer costs the attempt.
    private mutating func turnFailed(garbled: Bool) -> Turn {
        switch phase {
        case .drainingRead: return enter(.draining)
        case .reading: return attemptFailed(.pumpGarbled)
        case .transmitting where garbled: return attemptFailed(.pumpGarbled)
        case .asking, .transmitting, .polling, .draining: break
        }
        stickTries += 1
        if stickTries < Patience.stickTries { return .going(send()) }
        return .failed(garbled ? .stickGarbled : .stickSilent)
    }

    // MARK: The pump's answer

    private mutating func enterPolling() -> Turn {
        payload = []
        polls = 0
        return enter(.polling)
    }

    private mutating func poll(_ status: LinkStatus) -> Turn {
        guard case .pump(let packet) = question else { return .failed(.stickGarbled) }
        if status.isInTrouble { return attemptFailed(.pumpGarbled) }
        if status.hasAnswer {
            guard status.size <= Self.longestPayload + RadioSegment.overhead else { return attemptFailed(.pumpGarbled) }
            return enter(.reading(size: status.size))
        }
        let expectsNone = packet.answers == PumpPacket.Answers.none.rawValue
        if expectsNone, !status.isBusy { return .answered([]) }
        polls += 1
        if polls >= (expectsNone ? Patience.wakePolls : Patience.polls) {
            return expectsNone ? .answered([]) : attemptFailed(.pumpSilent)
        }
        return pause(expectsNone ? Patience.wakePoll : Patience.poll)
    }

    private mutating func readSegment(_ size: Int) -> Turn {
        guard case .pump(let packet) = question else { return .failed(.stickGarbled) }
        guard buffer.count >= size else { return .going([]) }
        let segment: RadioSegment
        switch RadioSegment.read(Array(buffer.prefix(size)), from: packet.address) {
        case .success(let read): segment = read
        case .failure(.garbled): return awaitQuiet()
        case .failure(.otherPump(let address)): return attemptFailed(.otherPump(address))
        }
        payload += segment.payload
        if packet.answers == PumpPacket.Answers.none.rawValue { return .answered([]) }
        guard payload.count <= Self.longestPayload else { return attemptFailed(.pumpGarbled) }
        guard segment.isLast else {
            polls = 0
            return enter(.polling)
        }
        // One byte is an acknowledgement, where an answer was asked for.
        return payload.count == 1 ? attemptFailed(.pumpRefused) : .answered(payload)
    }

    private mutating func attemptFailed(_ reason: Failure) -> Turn {
        failure = reason
        pumpTries += 1
        if pumpTries >= Patience.pumpTries { return .failed(reason) }
        drains = 0
        return enter(.draining)
    }

    private mutating func drain(_ status: LinkStatus) -> Turn {
        drains += 1
        if drains < Patience.drains {
            if status.hasAnswer, status.size <= Self.longestPayload + RadioSegment.overhead {
                return enter(.drainingRead(size: status.size))
            }
            if status.isBusy { return pause(Patience.poll) }
        }
        return enter(.transmitting)
    }
}
