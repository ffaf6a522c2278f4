package import PumpCore

/// The CareLink USB stick with one pump in radio range: bytes of the host in, bytes of the stick out.
///
/// Replies are blocks of 64 bytes. The stick writes each reply over the last one, so that behind the meaningful part
/// stand stale bytes of earlier replies, as in recordings of a real stick.
package struct CareLinkStick: Sendable {
    package private(set) var pump: ParadigmPump
    private var received: [UInt8] = []
    private var lastHeardAt = Instant(secondsSince1970: .min / 2)
    private var block = [UInt8](repeating: 0, count: blockBytes)
    private var air: Air = .quiet
    private var packetsIn: UInt32 = 0
    private var packetsOut: UInt32 = 0
    private var noise: Dice

    static let blockBytes = 64
    private static let patienceSeconds = 1
    /// More parameters than any command of the allow-list has: a length beyond it is noise.
    private static let mostParameters = 64
    /// Bytes around the payload in a radio-buffer reply: 13 of head, 1 of CRC.
    static let envelopeBytes = 14
    static let acknowledge: UInt8 = 0x55
    static let refuse: UInt8 = 0x66

    /// What the radio holds.
    private enum Air {
        case quiet
        /// The pump is still sending: the first look at the link after a command finds it so.
        case receiving(segments: [[UInt8]], kind: UInt8)
        case ready(segments: [[UInt8]], kind: UInt8)
    }

    /// A page's 16 packets, as a recorded stick gathered them between one look and the next: 7 segments, at most 192 bytes.
    static let pageSegments = [64, 192, 128, 192, 192, 128, 128]

    package init(pump: ParadigmPump, seed: UInt64) {
        self.pump = pump
        noise = Dice(seed: seed, stream: "stick")
    }

    @discardableResult
    package mutating func perform(_ act: PumpAct, at now: Instant) -> [[UInt8]] { pump.perform(act, at: now) }

    /// Takes what the host wrote, in pieces of any size, and answers each command that is whole.
    package mutating func receive(_ bytes: [UInt8], at now: Instant) throws(CommandViolation) -> [Answer] {
        // On USB a command is one transfer. On a byte stream, half a command that nobody finished is forgotten.
        if now.seconds(since: lastHeardAt) > Self.patienceSeconds { received = [] }
        lastHeardAt = now
        received += bytes
        var answers: [Answer] = []
        while let command = takeCommand() { answers += try answer(command, at: now) }
        return answers
    }

    /// Drops what was left of a command when the cable came out.
    package mutating func unplug() {
        received = []
        air = .quiet
    }

    // MARK: Host to stick

    private enum HostCommand {
        case productInfo
        case statistics(UInt8)
        case signal
        case linkStatus
        case readBuffer([UInt8])
        case transmit([UInt8])
        case other([UInt8])
    }

    /// Zeros before a command are the third byte of the one before it: the stick takes its commands with 2 bytes or 3.
    private mutating func takeCommand() -> HostCommand? {
        received.removeFirst(received.prefix { $0 == 0 }.count)
        guard let opcode = received.first else { return nil }
        let length: Int
        switch opcode {
        case 0x03, 0x04, 0x05, 0x06: length = 2
        case 0x0C: length = 5
        case 0x01:
            guard received.count > 8 else { return nil }
            let parameters = Int(received[7] & 0x7F) << 8 | Int(received[8])
            length = parameters <= Self.mostParameters ? 16 + parameters : received.count
        default: length = received.count
        }
        guard received.count >= length else { return nil }
        let command = Array(received.prefix(length))
        received.removeFirst(length)
        switch opcode {
        case 0x03: return .linkStatus
        case 0x04: return .productInfo
        case 0x05: return .statistics(command[1])
        case 0x06: return .signal
        case 0x0C: return .readBuffer(command)
        case 0x01: return .transmit(command)
        default: return .other(command)
        }
    }

    // MARK: Stick to host

    private mutating func answer(_ command: HostCommand, at now: Instant) throws(CommandViolation) -> [Answer] {
        switch command {
        case .productInfo:
            // Serial, version, region 916.5 MHz, name, software 1.16, two interfaces: radio and USB.
            let data: [UInt8] = [0, 0, 0, 0, 0, 0] + Array("ComLink II".utf8) + [1, 16, 2, 0, 1, 1, 3]
            return [Answer(reply(data), served("product info", at: now))]
        case .statistics(let which):
            // Error counters, then packets received and sent.
            let counters: [UInt8] =
                which == 0 ? bigEndian(packetsIn) + bigEndian(packetsOut) : [0, 0, 0, 0, 0, 0, 0, 0]
            return [Answer(reply([0, 0, 0, 0, 0] + counters), served("statistics", at: now))]
        case .signal:
            return [Answer(reply([UInt8(noise.roll(190...210))]), served("signal strength", at: now))]
        case .linkStatus: return [linkStatus(at: now)]
        case .readBuffer(let bytes): return [readBuffer(bytes, at: now)]
        case .transmit(let bytes): return try transmit(bytes, at: now)
        case .other(let bytes):
            throw CommandViolation(
                command: "stick command 0x\([bytes.first ?? 0].hex.uppercased())", bytes: bytes,
                reason: "no reader of logs needs it")
        }
    }

    private func served(_ what: String, at now: Instant) -> Deed { Deed(at: now, "served", ["command": .text(what)]) }

    /// A block that begins with acknowledge or refuse and `data`, and ends with what stood there before.
    private mutating func reply(_ data: [UInt8], with status: UInt8 = acknowledge) -> [UInt8] {
        block.replaceSubrange(0..<(3 + data.count), with: [0x01, status, 0x00] + data)
        return block
    }

    private mutating func linkStatus(at now: Instant) -> Answer {
        let ready: UInt8 = 0x01
        let receiving: UInt8 = 0x02
        var flags: UInt8 = 0
        var size: UInt16 = 0
        switch air {
        case .quiet: break
        case .receiving(let segments, let kind):
            flags = receiving
            air = .ready(segments: segments, kind: kind)
        case .ready(let segments, _):
            let next = segments.first?.count ?? 0
            flags = segments.count > 1 && next == 128 ? ready | receiving : ready
            size = UInt16(clamping: next + Self.envelopeBytes)
        }
        return Answer(
            reply([0x00, 0x02, flags] + bigEndian(size) + [0x05, 0x04, 0x00]),
            Deed(
                at: now, "served",
                ["command": .text("link status"), "ready": .bool(flags & ready != 0), "size": .int(Int(size))]))
    }

    private mutating func readBuffer(_ bytes: [UInt8], at now: Instant) -> Answer {
        let size = Int(bytes[2]) << 8 | Int(bytes[3])
        guard crc8(bytes.prefix(4)) == bytes[4], case .ready(let segments, let kind) = air,
            let segment = segments.first,
            size == segment.count + Self.envelopeBytes
        else {
            return Answer(
                reply([], with: Self.refuse),
                Deed(at: now, "refused", ["command": .text("read radio buffer"), "size": .int(size)]))
        }
        let isLast = segments.count == 1
        air = isLast ? .quiet : .ready(segments: Array(segments.dropFirst()), kind: kind)
        let head: [UInt8] = [0x02, 0x00, kind, 0x00, UInt8(noise.roll(0xC0...0xD4)), isLast ? 0x80 : 0x00]
        let answer =
            head + [UInt8(clamping: segment.count), 0xA7, 0x01] + pump.radioSerial + [noise.byte()] + segment
            + [crc8(segment)]
        let kept = min(answer.count, Self.blockBytes)
        block.replaceSubrange(0..<kept, with: answer.prefix(kept))
        return Answer(
            answer,
            Deed(at: now, "served", ["command": .text("read radio buffer"), "bytes": .int(segment.count)]))
    }

    /// `01 00 A7 01`, serial, lengths, button, retries, pages, 00, command, CRC-8; parameters; CRC-8 of these.
    private mutating func transmit(_ bytes: [UInt8], at now: Instant) throws(CommandViolation) -> [Answer] {
        guard bytes.count >= 16 else {
            return [Answer(reply([], with: Self.refuse), Deed(at: now, "refused", ["packet": .text(bytes.hex)]))]
        }
        let number = bytes[13]
        let parameters = Array(bytes[15..<(bytes.count - 1)])
        guard bytes[2] == 0xA7, bytes[3] == 0x01, crc8(bytes.prefix(14)) == bytes[14],
            crc8(parameters) == bytes[bytes.count - 1]
        else {
            return [Answer(reply([], with: Self.refuse), Deed(at: now, "refused", ["packet": .text(bytes.hex)]))]
        }
        guard let command = ParadigmCommand(rawValue: number) else {
            throw CommandViolation(
                command: "\(number) (0x\([number].hex.uppercased()))", bytes: bytes,
                reason: ParadigmCommand.danger(number))
        }
        packetsOut &+= 1
        air = .quiet
        var deed = Deed(at: now, "silent", ["command": .text("\(command)"), "number": .int(Int(number))])
        if Array(bytes[4..<7]) == pump.radioSerial {
            // The third byte of the head tells a single packet (3) from a page (4).
            switch pump.answer(command, parameters, at: now) {
            case .none: break
            case .packet(let packet):
                air = .receiving(segments: [packet], kind: 3)
                packetsIn &+= 1
                deed = Deed(at: now, "served", ["command": .text("\(command)"), "number": .int(Int(number))])
            case .page(let page):
                air = .receiving(segments: Self.segments(of: page), kind: 4)
                packetsIn &+= 16
                deed = Deed(
                    at: now, "served",
                    [
                        "command": .text("\(command)"), "number": .int(Int(number)),
                        "page": .int(Int(parameters.first ?? 0)),
                    ])
            }
            if command == .radioPower {
                deed = Deed(
                    at: now, "served",
                    ["command": .text("\(command)"), "on": .bool(parameters.first == 1)])
            }
        }
        return [Answer(reply([]), deed)]
    }

    private static func segments(of page: [UInt8]) -> [[UInt8]] {
        var rest = page[...]
        return pageSegments.map { size in
            defer { rest = rest.dropFirst(size) }
            return Array(rest.prefix(size))
        }
    }
}
