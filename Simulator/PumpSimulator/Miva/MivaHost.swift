package import PumpCore

/// The simulator's own reader of a MIVA: a script of what a host says, with which it records a download of its own pump.
package struct MivaHost {
    package enum Failure: Error, Equatable {
        case silence(request: String)
    }

    /// Who it is, its clock, the indexes, then every event from the newest to the oldest.
    package static func record(_ pump: MivaPump, at now: Instant) throws -> SessionRecording {
        var pump = pump
        var now = now
        var recording = SessionRecording()
        func say(_ text: String) throws {
            let request = MivaFrame.bytes(text)
            recording.add(.out, request)
            let reply = try pump.receive(request, at: now).flatMap(\.bytes)
            guard !reply.isEmpty else { throw Failure.silence(request: text) }
            recording.add(.in, reply)
            steps += 1
            // Sixteen events a second, as on the wire.
            if steps % 16 == 0 { now = now.adding(seconds: 1) }
        }
        var steps = 0
        for question in ["RN", "RS", "RL", "RM", "RC", "RI"] { try say(question) }
        guard let head = pump.ring.head else { return recording }
        for back in 0..<pump.ring.count {
            let index = (head - back + MivaRing.slots) % MivaRing.slots
            let digits = String(index, radix: 16, uppercase: true)
            try say("RE" + String(repeating: "0", count: 8 - digits.utf8.count) + digits)
        }
        return recording
    }
}
