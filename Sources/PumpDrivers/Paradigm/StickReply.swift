import PumpCore

/// The stick's answer to everything but a radio read: a block of 64 bytes, `01`, `55` for yes or `66` for no, 0, data.
/// What lies behind the meaningful data is left over from earlier answers.
struct StickReply: Hashable, Sendable {
    static let length = 64
    static let opcode: UInt8 = 0x01
    static let yes: UInt8 = 0x55
    static let no: UInt8 = 0x66

    let isYes: Bool
    let data: [UInt8]

    init?(_ block: [UInt8]) {
        var reader = ByteReader(block)
        guard reader.byte() == Self.opcode, let answer = reader.byte(), answer == Self.yes || answer == Self.no,
            reader.skip(1), let data = reader.take(Self.length - 3)
        else { return nil }
        isYes = answer == Self.yes
        self.data = Array(data)
    }

    /// 0 to 255; the radio is usable from 50 on (decocare).
    var signalStrength: Int { data.first.map { Int($0) } ?? 0 }
}

/// What the radio is doing: the data of a link status reply.
struct LinkStatus: Hashable, Sendable {
    private static let ready: UInt8 = 0x01
    private static let receiving: UInt8 = 0x02
    private static let transmitting: UInt8 = 0x04
    /// Interface error, receive overflow, transmit overflow.
    private static let trouble: UInt8 = 0x08 | 0x10 | 0x20

    private let result: UInt8
    private let flags: UInt8
    /// Bytes that a radio read would bring.
    let size: Int

    init(_ reply: StickReply) {
        var data = ByteReader(reply.data)
        result = data.byte() ?? 0
        _ = data.skip(1)
        flags = data.byte() ?? 0
        size = data.uint16().map { Int($0) } ?? 0
    }

    var isInTrouble: Bool { result != 0 || flags & Self.trouble != 0 }
    var hasAnswer: Bool { flags & Self.ready != 0 && size > RadioSegment.overhead }
    var isBusy: Bool { flags & (Self.receiving | Self.transmitting) != 0 }
}
