package import PumpCore

/// The simulator's own reader of its 11073 pump: a script of what a manager says, with which it records a download.
package enum PhdHost {
    package enum Failure: Error, Equatable {
        case silence(request: String)
    }

    package static func record(_ pump: PhdPump, at now: Instant) throws -> SessionRecording {
        var pump = pump
        var recording = SessionRecording()
        var call: UInt16 = 0
        @discardableResult
        func say(_ what: String, _ request: [UInt8], maySaySilent: Bool = false) throws -> [UInt8] {
            recording.add(.out, request)
            var heard: [UInt8] = []
            for answer in try pump.receive(request, at: now) where !answer.bytes.isEmpty {
                recording.add(.in, answer.bytes)
                heard = answer.bytes
            }
            guard maySaySilent || !heard.isEmpty else { throw Failure.silence(request: what) }
            return heard
        }
        for answer in pump.greet(at: now) { recording.add(.in, answer.bytes) }
        // Accepted, configuration unknown; the manager's system id is its own affair.
        let terms: [UInt8] =
            [0x80, 0, 0, 0, 0x80, 0, 0x80, 0, 0, 0, 0, 0, 0, 0, 0x80, 0, 0, 0]
            + PhdBytes.sized([2, 0, 0, 0, 0, 0, 0, 1])
            + [UInt8](repeating: 0, count: 10)
        let configuration = try say(
            "association", PhdBytes.apdu(0xE300, [0, 3, 0x50, 0x79] + PhdBytes.sized(terms)))
        func eventAnswer(_ event: [UInt8], _ content: [UInt8]) -> [UInt8] {
            // Call, then handle, time and event as the report has them.
            PhdBytes.message(
                call: PhdBytes.uint16(event, at: 6) ?? 0, 0x0201, Array(event[12..<20]) + PhdBytes.sized(content))
        }
        try say(
            "configuration", eventAnswer(configuration, bigEndian(PhdLine.configurationID) + [0, 0]),
            maySaySilent: true)
        func ask(_ what: String, _ choice: UInt16, _ body: [UInt8]) throws -> [UInt8] {
            call += 1
            return try say(what, PhdBytes.message(call: call, choice, body))
        }
        _ = try ask("attributes", 0x0103, [0, 0, 0, 0, 0, 0])
        _ = try ask(
            "segments", 0x0107, bigEndian(PhdLine.storeHandle) + bigEndian(UInt16(3085)) + [0, 6, 0, 1, 0, 2, 0, 0])
        for segment in pump.store.segments.reversed() {
            var event = try ask(
                "transfer", 0x0107,
                bigEndian(PhdLine.storeHandle) + bigEndian(UInt16(3100)) + [0, 2] + bigEndian(segment.instance))
            while true {
                // Segment, index, count, status: 12 bytes behind the report's head of 22.
                var place = Array(event[22..<34])
                let isLast = place[10] & 0x40 != 0
                place[11] |= 0x80
                event = try say("confirmation", eventAnswer(event, place), maySaySilent: isLast)
                if isLast { break }
            }
        }
        try say("release", PhdBytes.apdu(0xE400, [0, 0]))
        return recording
    }
}
