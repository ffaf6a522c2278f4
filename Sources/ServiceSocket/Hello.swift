/// The first frame each way: which protocol, which version of it, and the largest frame that the sender takes.
///
/// The daemon speaks first, so that a program of another version learns what is wrong before it has said anything.
struct Hello: Hashable, Sendable {
    /// The version of frames, refusals and payloads. It grows when an old program and a new daemon would misunderstand
    /// each other.
    static let currentVersion: UInt16 = 1
    private static let signature = Array("pumpledger".utf8)
    private static let length = signature.count + 2 + 4
    /// Room for fields that a later version adds; a reader skips what it does not know.
    static let largestPayload = 256

    var version: UInt16
    /// In bytes of payload.
    var largestFrame: Int

    init(version: UInt16 = Hello.currentVersion, largestFrame: Int) {
        self.version = version
        self.largestFrame = largestFrame
    }

    /// Nil where the bytes are not a greeting of this family of programs.
    init?(_ payload: [UInt8]) {
        guard payload.count >= Self.length, payload.starts(with: Self.signature) else { return nil }
        let numbers = payload.dropFirst(Self.signature.count)
        version = numbers.prefix(2).reduce(0) { $0 << 8 | UInt16($1) }
        largestFrame = numbers.dropFirst(2).prefix(4).reduce(0) { $0 << 8 | Int($1) }
    }

    var frame: Frame {
        Frame(.hello, Self.signature + bigEndian(version) + bigEndian(UInt32(clamping: largestFrame)))
    }
}

/// Why the daemon does not answer. The sentence is for a person, the reason for a program.
package struct Refusal: Hashable, Sendable, Error {
    package enum Reason: UInt8, Sendable {
        case wrongVersion = 1
        case requestTooLarge = 2
        case answerTooLarge = 3
        /// Too many clients, or too much under way.
        case busy = 4
        case tooSlow = 5
        case badProtocol = 6
        case stopping = 7
        /// A reason that this version of the program does not know.
        case other = 255
    }

    package var reason: Reason
    package var sentence: String

    package init(_ reason: Reason, _ sentence: String) {
        self.reason = reason
        self.sentence = sentence
    }

    init?(_ payload: [UInt8]) {
        guard let code = payload.first else { return nil }
        reason = Reason(rawValue: code) ?? .other
        sentence = String(decoding: payload.dropFirst(), as: UTF8.self)
    }

    var frame: Frame { Frame(.refusal, [reason.rawValue] + Array(sentence.utf8)) }
}
