/// The pump's PM-store: segments of 256 events, numbered without a hole. When the store is full, its oldest segment goes.
struct PhdStore: Sendable {
    static let entriesOfSegment = 256
    static let mostSegments = 64

    struct Segment: Sendable {
        var instance: UInt16
        var first: UInt32
        var bytes: [UInt8] = []
        var count: Int { bytes.count / PhdEntry.byteCount }
    }

    /// Oldest first.
    private(set) var segments: [Segment] = []
    private(set) var nextNumber: UInt32 = 1
    private var nextInstance: UInt16 = 1

    var count: Int { segments.reduce(0) { $0 + $1.count } }

    mutating func append(_ entry: [UInt8]) {
        if segments.last.map({ $0.count >= Self.entriesOfSegment }) ?? true {
            segments.append(Segment(instance: nextInstance, first: nextNumber))
            nextInstance = nextInstance == .max ? 1 : nextInstance + 1
            if segments.count > Self.mostSegments { segments.removeFirst() }
        }
        segments[segments.count - 1].bytes += entry
        nextNumber += 1
    }

    /// Every event, oldest first.
    var log: [UInt8] { segments.flatMap(\.bytes) }
}
