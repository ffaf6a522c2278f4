/// One question and what comes of it: sent again a few times, given up in the end.
struct MivaExchange: Sendable {
    /// A request and its reply of 46 bytes take 62.5 ms on the wire, and the maker's reader gives a query about 50 ms
    /// more. Six times the wire leaves room for a busy USB bus; it is waited for only when a reply is lost.
    static let replyTimeoutMilliseconds = 400
    /// How often a question is put before it is given up. On a line that damages one bit in a thousand, four exchanges
    /// in ten fail; five in a row do so once in a hundred slots, and the third reading catches most of those.
    static let attempts = 5

    enum Failure: Hashable, Sendable {
        /// Not one byte came.
        case silent
        /// Bytes came, and no good reply among them.
        case garbled
        /// The pump refused each time.
        case refused
    }

    enum Step: Hashable, Sendable {
        case wait
        case sendAgain
        case reply([UInt8])
        case failed(Failure)
    }

    let command: MivaCommand
    private var attemptsLeft: Int
    private var heardBytes = false
    private var heardRefusal = false

    init(_ command: MivaCommand) {
        self.command = command
        attemptsLeft = Self.attempts - 1
    }

    var request: [UInt8] { MivaFrame.bytes(command.payload) }

    mutating func heard(_ count: Int) { if count > 0 { heardBytes = true } }

    mutating func take(_ piece: MivaFramer.Piece) -> Step {
        switch piece {
        case .payload(let payload):
            // The reply to an earlier question that came late, or to somebody else's: not ours, and the right one may
            // be right behind it.
            return answers(payload) ? .reply(payload) : .wait
        case .damaged: return again(.garbled)
        case .refused:
            heardRefusal = true
            return again(.refused)
        }
    }

    mutating func timeout() -> Step {
        again(heardRefusal ? .refused : heardBytes ? .garbled : .silent)
    }

    private mutating func again(_ failure: Failure) -> Step {
        guard attemptsLeft > 0 else { return .failed(failure) }
        attemptsLeft -= 1
        return .sendAgain
    }

    private func answers(_ payload: [UInt8]) -> Bool {
        guard payload.starts(with: command.code.utf8) else { return false }
        switch command {
        case .event(let index): return MivaSlot(reply: payload, index: index) != nil
        case .indexes: return MivaRing(reply: payload) != nil
        default: return true
        }
    }
}
