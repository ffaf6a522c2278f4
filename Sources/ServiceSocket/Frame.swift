/// What passes over the socket: four bytes big-endian that say how many follow, one byte that says of which kind, and the
/// payload.
struct Frame: Hashable, Sendable {
    enum Kind: UInt8, Sendable {
        /// Both ways, first: see `Hello`.
        case hello = 1
        /// To the daemon.
        case request = 2
        /// A part of an answer; another frame follows.
        case part = 3
        /// The answer, or the last part of one.
        case last = 4
        /// The answer is over; nothing more comes. No payload.
        case end = 5
        /// No answer, and why: see `Refusal`. The connection ends with it.
        case refusal = 6
    }

    var kind: Kind
    var payload: [UInt8]

    init(_ kind: Kind, _ payload: [UInt8] = []) {
        self.kind = kind
        self.payload = payload
    }

    static let lengthBytes = 4
    static let headerBytes = lengthBytes + 1
    /// The largest payload that the length field can name.
    static let largestPayload = Int(UInt32.max) - 1

    /// The bytes before the payload. The payload stays apart: it may be large, and need not be copied.
    var header: [UInt8] { bigEndian(UInt32(clamping: payload.count + 1)) + [kind.rawValue] }
}

/// What cannot be a frame.
enum FrameFault: Error, Hashable, Sendable {
    case tooLong(payload: Int, limit: Int)
    /// A length of zero leaves no room for the kind.
    case noKind
    case unknownKind(UInt8)
}

/// Puts frames together from bytes as they arrive. It grows with what has arrived, never with what a header promises.
struct FrameReader: Sendable {
    /// The longest payload taken. It may change between frames.
    var limit: Int
    private var header: [UInt8] = []
    private var kind: Frame.Kind?
    private var payload: [UInt8] = []
    private var missing = 0

    init(limit: Int) { self.limit = limit }

    /// Bytes of a frame that is not complete yet.
    var held: Int { header.count + payload.count }

    /// Takes from the front of `bytes` what belongs to the frame at hand; the frame, once it is complete.
    mutating func take(from bytes: inout ArraySlice<UInt8>) throws(FrameFault) -> Frame? {
        if kind == nil {
            let wanted = Frame.headerBytes - header.count
            header.append(contentsOf: bytes.prefix(wanted))
            bytes = bytes.dropFirst(wanted)
            guard header.count == Frame.headerBytes, let code = header.last else { return nil }
            let length = header.prefix(Frame.lengthBytes).reduce(0) { $0 << 8 | Int($1) }
            if length == 0 { throw .noKind }
            if length - 1 > limit { throw .tooLong(payload: length - 1, limit: limit) }
            guard let known = Frame.Kind(rawValue: code) else { throw .unknownKind(code) }
            kind = known
            missing = length - 1
        }
        let arrived = bytes.prefix(missing)
        payload.append(contentsOf: arrived)
        missing -= arrived.count
        bytes = bytes.dropFirst(arrived.count)
        guard missing == 0, let kind else { return nil }
        let frame = Frame(kind, payload)
        header = []
        payload = []
        self.kind = nil
        return frame
    }
}

func bigEndian<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
    stride(from: Number.bitWidth - 8, through: 0, by: -8).map { UInt8(truncatingIfNeeded: number >> Number($0)) }
}
