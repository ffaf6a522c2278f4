package import PumpCore

/// The simulator's own reader of a Paradigm: a script of what a host says, with which it records a download of its own
/// pump. It knows only what it needs to ask; it decodes nothing.
package struct ParadigmHost {
    private var stick: CareLinkStick
    private var now: Instant
    private var recording = SessionRecording()

    package enum Failure: Error, Equatable {
        /// The stick said nothing, or not what the script waits for.
        case unexpected(step: String, bytes: [UInt8])
    }

    /// The whole conversation: stick, signal, radio on, model, id, firmware, clock, battery, remaining insulin,
    /// oldest page's number, every page from the newest to the oldest, radio off.
    package static func record(_ stick: CareLinkStick, at now: Instant) throws -> SessionRecording {
        var host = ParadigmHost(stick: stick, now: now)
        try host.run()
        return host.recording
    }

    private init(stick: CareLinkStick, now: Instant) {
        self.stick = stick
        self.now = now
    }

    private mutating func run() throws {
        try say([0x04, 0x00, 0x00])
        try say([0x06, 0x00, 0x00])
        try say(packet(.radioPower, [0x01, 0x0A], button: 0x55, pages: 0))
        for command in [ParadigmCommand.model, .pumpID, .firmware, .clock, .battery, .remainingInsulin, .oldestPage] {
            try say(packet(command, pages: 1))
            try fetch(step: "\(command)")
        }
        for page in 0..<stick.pump.pageCount {
            try say(packet(.historyPage, [UInt8(clamping: page)], pages: 2))
            try fetch(step: "page \(page)")
        }
        try say(packet(.radioPower, [0x00, 0x00], button: 0x55, pages: 0))
    }

    @discardableResult
    private mutating func say(_ bytes: [UInt8]) throws -> [UInt8] {
        recording.add(.out, bytes)
        let reply = try stick.receive(bytes, at: now).flatMap(\.bytes)
        recording.add(.in, reply)
        now = now.adding(seconds: 1)
        guard reply.count >= 3, reply[1] == CareLinkStick.acknowledge || reply[0] == 0x02 else {
            throw Failure.unexpected(step: bytes.hex, bytes: reply)
        }
        return reply
    }

    /// Looks at the link until a segment is there, reads it, and goes on until the last one.
    private mutating func fetch(step: String) throws {
        for _ in 0..<100 {
            let status = try say([0x03, 0x00, 0x00])
            guard status[5] & 0x01 != 0 else { continue }
            let ask: [UInt8] = [0x0C, 0x00, status[6], status[7]]
            let segment = try say(ask + [crc8(ask)])
            if segment[5] & 0x80 != 0 { return }
        }
        throw Failure.unexpected(step: step, bytes: [])
    }

    private func packet(
        _ command: ParadigmCommand, _ parameters: [UInt8] = [], button: UInt8 = 0, pages: UInt8
    ) -> [UInt8] {
        let retries: UInt8 = pages == 0 ? 0 : 2
        let head =
            [0x01, 0x00, 0xA7, 0x01] + stick.pump.radioSerial
            + [0x80, UInt8(clamping: parameters.count), button, retries, pages, 0x00, command.rawValue]
        return head + [crc8(head)] + parameters + [crc8(parameters)]
    }
}
