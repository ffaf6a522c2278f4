/// Which entries of a PM-segment a message is about, and how far its transfer is.
struct SegmentPlace: Hashable, Sendable {
    enum Status {
        static let first: UInt16 = 0x8000
        static let last: UInt16 = 0x4000
        static let agentAbort: UInt16 = 0x0800
        static let managerConfirm: UInt16 = 0x0080
        static let managerAbort: UInt16 = 0x0008
    }

    var segment: UInt16
    /// Of the first entry in the message, from 0.
    var index: UInt32
    var count: UInt32
    var status: UInt16

    func has(_ bit: UInt16) -> Bool { status & bit != 0 }
}

extension SegmentPlace {
    init(_ reader: inout ApduReader) throws(ApduProblem) {
        segment = try reader.uint16()
        index = try reader.uint32()
        count = try reader.uint32()
        status = try reader.uint16()
    }

    func write(_ writer: inout ApduWriter) {
        writer.uint16(segment)
        writer.uint32(index)
        writer.uint32(count)
        writer.uint16(status)
    }
}

/// Entries of a segment on their way, all of one size.
struct SegmentPart: Hashable, Sendable {
    var place: SegmentPlace
    var entries: [UInt8]
}

/// What a store says about one of its segments.
struct SegmentInfo: Hashable, Sendable {
    var instance: UInt16
    var attributes: [Attribute]
}

/// An action that is asked for, or what came of it.
struct ActionCall: Hashable, Sendable {
    var handle: UInt16
    var action: UInt16
    var argument: [UInt8]

    /// Says of all segments what they hold. Nothing is transferred or changed.
    static func segmentInfo(store: UInt16) -> ActionCall {
        // Choice 0001 "all segments", two bytes that say nothing.
        ActionCall(handle: store, action: Nomenclature.Action.segmentInfo, argument: [0, 1, 0, 2, 0, 0])
    }

    /// Sends the entries of one segment; they stay in the store.
    static func transfer(store: UInt16, segment: UInt16) -> ActionCall {
        ActionCall(
            handle: store, action: Nomenclature.Action.transferSegment,
            argument: [UInt8(segment >> 8), UInt8(segment & 0xFF)])
    }

    /// The answer to `segmentInfo`.
    func segments() throws(ApduProblem) -> [SegmentInfo] {
        var reader = ApduReader(argument, "the list of segments")
        let list = try reader.list("the list of segments") { inner throws(ApduProblem) in
            SegmentInfo(instance: try inner.uint16(), attributes: try Attribute.list(&inner))
        }
        try reader.end()
        return list
    }

    /// The answer to `transfer`: which segment, and 0 where it comes.
    func transferOutcome() throws(ApduProblem) -> (segment: UInt16, outcome: UInt16) {
        var reader = ApduReader(argument, "the answer to a transfer")
        return (try reader.uint16(), try reader.uint16())
    }
}
