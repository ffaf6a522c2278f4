/// The envelope of every request and reply: `02`, ASCII characters, two upper-case hexadecimal digits, `03`. The digits
/// are the sum of the characters modulo 256: eight bits, so that about one damaged frame in 250 passes for a good one.
enum MivaFrame {
    static let start: UInt8 = 0x02
    static let end: UInt8 = 0x03
    /// What some serial devices send to refuse a frame. No public text says that a MIVA does; it costs nothing to hear.
    static let refusal: UInt8 = 0x15
    /// No reply that this driver asks for comes near it (an event's payload has 42 characters, a screen's line less
    /// than 300).
    static let longest = 512

    static func bytes(_ payload: [UInt8]) -> [UInt8] {
        [start] + payload + upperHex(sum(payload), digits: 2) + [end]
    }

    static func sum(_ payload: some Sequence<UInt8>) -> Int { payload.reduce(0) { ($0 + Int($1)) & 0xFF } }

    /// The payload of what stood between `02` and `03`; nil where the sum does not agree.
    static func payload(ofBody body: some Collection<UInt8>) -> [UInt8]? {
        guard body.count >= 3, let stated = upperHexValue(body.suffix(2)) else { return nil }
        let payload = Array(body.dropLast(2))
        return sum(payload) == stated ? payload : nil
    }
}

/// Cuts frames out of bytes that arrive in any pieces, with anything between them.
struct MivaFramer: Sendable {
    enum Piece: Hashable, Sendable {
        case payload([UInt8])
        /// Something with a beginning and an end that is no frame.
        case damaged
        /// A bare refusal between frames.
        case refused
    }

    private var body: [UInt8]?

    /// True while a frame has begun and not ended.
    var isInside: Bool { body != nil }

    mutating func feed(_ bytes: some Sequence<UInt8>) -> [Piece] {
        var pieces: [Piece] = []
        for byte in bytes {
            if let piece = feed(byte) { pieces.append(piece) }
        }
        return pieces
    }

    mutating func feed(_ byte: UInt8) -> Piece? {
        if byte == MivaFrame.start {
            // A start byte never stands inside a frame: what came before was cut short.
            let wasInside = body.map { !$0.isEmpty } ?? false
            body = []
            return wasInside ? .damaged : nil
        }
        guard var inside = body else { return byte == MivaFrame.refusal ? .refused : nil }
        if byte == MivaFrame.end {
            body = nil
            return MivaFrame.payload(ofBody: inside).map(Piece.payload) ?? .damaged
        }
        guard inside.count < MivaFrame.longest else {
            body = nil
            return .damaged
        }
        body = nil  // so that the array below has one owner and grows in place
        inside.append(byte)
        body = inside
        return nil
    }

    mutating func forget() { body = nil }
}
