import PumpCore

/// A type of history record as a row of data: how long it is, where its time stands, what it says.
struct RecordType: Sendable {
    /// Bytes, the opcode included.
    enum Length: Sendable {
        case fixed(Int)
        case bySize(older: Int, larger: Int)
        /// The second byte says it, at least 2.
        case counted
    }

    enum Time: Sendable {
        case stamp(at: Int)
        case stampBySize(older: Int, larger: Int)
        /// A date alone: the day that the record sums up. It reads as that day's first second, though the pump wrote the
        /// record when the day was over, so it says nothing about the clock.
        case day(at: Int)
        /// It belongs to the record before it.
        case none
    }

    /// What is read besides type and time.
    enum Fields: Sendable {
        case none
        case bolus
        case prime
        case alarm
        case dailyTotal
        case lowReservoir
        case temporaryDuration
        case temporaryRate
        case clockBefore
        case clockAfter
        /// The second byte is the maker's code.
        case code
    }

    let opcode: UInt8
    /// In plain words; it becomes the event's label.
    let name: String
    let kind: EventKind
    let length: Length
    let time: Time
    let fields: Fields
    /// The day byte tells whether a person at the pump or a device by radio asked for it.
    let tellsRequester: Bool
    /// The pump may cut it off where its page ends.
    let mayBeCutAtPageEnd: Bool

    init(
        _ opcode: UInt8, _ name: String, _ kind: EventKind, _ length: Length = .fixed(7), time: Time = .stamp(at: 2),
        fields: Fields = .none, tellsRequester: Bool = false, mayBeCutAtPageEnd: Bool = false
    ) {
        self.opcode = opcode
        self.name = name
        self.kind = kind
        self.length = length
        self.time = time
        self.fields = fields
        self.tellsRequester = tellsRequester
        self.mayBeCutAtPageEnd = mayBeCutAtPageEnd
    }
}

/// A row for one size family, flat, so that reading a page does no work twice.
struct SizedRecordType: Sendable {
    let opcode: UInt8
    let name: String
    let kind: EventKind
    /// 0: the second byte says it.
    let length: Int
    /// Where the five bytes of the time stand, or -1.
    let stampAt: Int
    /// Where the two bytes of a date stand, or -1.
    let dayAt: Int
    let fields: RecordType.Fields
    let tellsRequester: Bool
    let mayBeCutAtPageEnd: Bool
    let isLarger: Bool

    init(_ type: RecordType, _ size: RecordSize) {
        opcode = type.opcode
        name = type.name
        kind = type.kind
        fields = type.fields
        tellsRequester = type.tellsRequester
        mayBeCutAtPageEnd = type.mayBeCutAtPageEnd
        isLarger = size == .larger
        length =
            switch type.length {
            case .fixed(let bytes): bytes
            case .bySize(let older, let larger): size == .larger ? larger : older
            case .counted: 0
            }
        (stampAt, dayAt) =
            switch type.time {
            case .stamp(let at): (at, -1)
            case .stampBySize(let older, let larger): (size == .larger ? larger : older, -1)
            case .day(let at): (-1, at)
            case .none: (-1, -1)
            }
    }
}
