/// One client's side of the protocol, without a socket or a clock: bytes and passed deadlines go in, what to do comes
/// out. The caller does it, in order.
///
/// A client greets, then asks; while its question is being answered it is silent; after the answer it may ask again.
struct ServerConversation: Sendable {
    struct Limits: Hashable, Sendable {
        /// In bytes of payload.
        var largestRequest: Int
        /// From the connection to the client's greeting.
        var helloTime: Duration
        /// From a request's first byte to its last, however it trickles.
        var requestTime: Duration
        /// Between an answer and the next question.
        var idleTime: Duration
    }

    enum Output: Hashable, Sendable {
        case send(Frame)
        /// Answer this; then call `answered`.
        case answer([UInt8])
        /// Call `deadlinePassed` after this long, unless told otherwise. Nil: no deadline. There is one at a time.
        case deadline(Duration?)
        /// Send what is still to be sent, then close.
        case hangUp(Refusal?)
    }

    private enum State: Hashable {
        /// The client has not greeted yet.
        case greeting
        /// Nothing asked, nothing owed.
        case idle
        /// A request has begun to arrive.
        case receiving
        /// The request is with the handler, or its answer is on its way.
        case answering(requestBytes: Int)
        /// Refused or closed: what still arrives is dropped.
        case over
    }

    private let limits: Limits
    private var state = State.greeting
    private var reader = FrameReader(limit: Hello.largestPayload)

    init(_ limits: Limits) { self.limits = limits }

    /// Bytes that this client makes the daemon hold: a request as far as it has arrived, or the one being answered.
    var held: Int {
        if case .answering(let requestBytes) = state { return requestBytes }
        return reader.held
    }

    var isAnswering: Bool {
        if case .answering = state { return true }
        return false
    }

    mutating func start() -> [Output] {
        [.send(Hello(largestFrame: limits.largestRequest).frame), .deadline(limits.helloTime)]
    }

    mutating func receive(_ bytes: ArraySlice<UInt8>) -> [Output] {
        var bytes = bytes
        var outputs: [Output] = []
        while !bytes.isEmpty, state != .over {
            if isAnswering {
                return outputs + refuse(.badProtocol, "a question came before the one before it was answered")
            }
            if state == .idle {
                state = .receiving
                outputs.append(.deadline(limits.requestTime))
            }
            do {
                guard let frame = try reader.take(from: &bytes) else { break }
                outputs += take(frame)
            } catch {
                return outputs + refuse(error)
            }
        }
        return outputs
    }

    mutating func deadlinePassed() -> [Output] {
        switch state {
        case .greeting: refuse(.tooSlow, "no greeting within \(limits.helloTime.inWords)")
        case .receiving: refuse(.tooSlow, "the request did not arrive within \(limits.requestTime.inWords)")
        case .idle: refuse(.tooSlow, "no question for \(limits.idleTime.inWords)")
        case .answering, .over: []
        }
    }

    /// The whole answer has gone out.
    mutating func answered() -> [Output] {
        guard isAnswering else { return [] }
        state = .idle
        return [.deadline(limits.idleTime)]
    }

    /// Ends the conversation with a reason, whatever it was about.
    mutating func refuse(_ reason: Refusal.Reason, _ sentence: String) -> [Output] {
        guard state != .over else { return [] }
        state = .over
        reader = FrameReader(limit: 0)
        let refusal = Refusal(reason, sentence)
        return [.deadline(nil), .send(refusal.frame), .hangUp(refusal)]
    }

    private mutating func take(_ frame: Frame) -> [Output] {
        switch (state, frame.kind) {
        case (.greeting, .hello):
            guard let hello = Hello(frame.payload) else {
                return refuse(.badProtocol, "the greeting is not that of a pumpledger program")
            }
            guard hello.version == Hello.currentVersion else {
                return refuse(
                    .wrongVersion,
                    "the daemon speaks version \(Hello.currentVersion) of the protocol, the program \(hello.version)")
            }
            state = .idle
            reader.limit = limits.largestRequest
            return [.deadline(limits.idleTime)]
        case (.receiving, .request):
            state = .answering(requestBytes: frame.payload.count)
            return [.deadline(nil), .answer(frame.payload)]
        default:
            return refuse(.badProtocol, "a \(frame.kind) does not belong here")
        }
    }

    private mutating func refuse(_ fault: FrameFault) -> [Output] {
        switch fault {
        case .tooLong(let payload, let limit) where state == .receiving:
            refuse(.requestTooLarge, "the request has \(payload) bytes, and the daemon takes at most \(limit)")
        case .tooLong: refuse(.badProtocol, "the greeting is too long")
        case .noKind: refuse(.badProtocol, "an empty frame")
        case .unknownKind(let code): refuse(.badProtocol, "a frame of unknown kind \(code)")
        }
    }
}

extension Duration {
    /// `5 s`, `250 ms`.
    var inWords: String {
        let (seconds, attoseconds) = components
        return attoseconds == 0 ? "\(seconds) s" : "\(seconds * 1000 + attoseconds / 1_000_000_000_000_000) ms"
    }
}
