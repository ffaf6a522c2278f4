/// The line between pump and host, as time and faults make it: when each byte of the pump may go, and what becomes of it.
/// Sans-I/O: times are nanoseconds of any clock that never goes back.
package struct Wire: Sendable {
    /// 8N1: a start bit, eight bits, a stop bit.
    package static let bitsPerByte = 10
    /// A MIVA's line, bits a second.
    package static let usualBaud = 9600

    /// What to do with bytes that are due.
    package enum Event: Equatable, Sendable {
        case bytes([UInt8])
        /// The cable comes out; it goes back in after so many seconds, or by hand.
        case unplug(backAfterSeconds: Int?)
        case note(Note)
    }

    /// A fault that fired.
    package enum Note: Equatable, Sendable {
        case duplicated(bytes: Int)
        case corrupted(bits: Int)
        case stalled(seconds: Int)
        case babbling
    }

    private let nanosecondsPerByte: Int?
    private var dice: Dice
    private var faults: [LineFault]
    private var notes: [Note] = []
    private var pending: [UInt8] = []
    /// When the line has been, or will be, silent since.
    private var freeAt = 0
    private var dueAt = 0
    private var sent = 0
    private var heldUntil = 0
    private var babbledAt: Int?

    /// A paced wire wakes up for a handful of bytes at a time, and exactly for the last one.
    private static let burst = 16
    private static let second = 1_000_000_000

    /// - Parameter baud: What the line is held to, in bits a second; nil: as fast as it goes.
    package init(faults: [LineFault], baud: Int?, seed: UInt64) {
        self.faults = faults
        nanosecondsPerByte = baud.map { Self.second * Self.bitsPerByte / max(1, $0) }
        dice = Dice(seed: seed, stream: "line")
    }

    package mutating func add(_ fault: LineFault) {
        faults.append(fault)
        // Its bytes count from now.
        if case .drop = fault { sent = 0 }
        if case .stall = fault { sent = 0 }
    }

    /// The host wrote so many bytes: the line is busy with them for their time, and only then can the pump answer.
    package mutating func heard(_ count: Int, at now: Int) {
        guard let nanosecondsPerByte else { return }
        freeAt = max(freeAt, now) + count * nanosecondsPerByte
    }

    /// The pump says something.
    package mutating func send(_ bytes: [UInt8], at now: Int) {
        guard !bytes.isEmpty else { return }
        var bytes = bytes
        for fault in faults {
            switch fault {
            case .duplicate(let probability) where dice.happens(probability):
                notes.append(.duplicated(bytes: bytes.count))
                bytes += bytes
            case .corrupt(let rate): corrupt(&bytes, rate)
            default: break
            }
        }
        if pending.isEmpty { dueAt = max(freeAt, now) + (nanosecondsPerByte ?? 0) }
        pending += bytes
    }

    private mutating func corrupt(_ bytes: inout [UInt8], _ rate: Double) {
        var flipped = 0
        for index in bytes.indices {
            for bit in 0..<8 where dice.happens(rate) {
                bytes[index] ^= 1 << UInt8(bit)
                flipped += 1
            }
        }
        if flipped > 0 { notes.append(.corrupted(bits: flipped)) }
    }

    /// What is due now, in order.
    package mutating func take(at now: Int) -> [Event] {
        var events = notes.map(Event.note)
        notes = []
        guard now >= heldUntil else { return events }
        events += babble(at: now)
        var count = due(at: now)
        while count > 0 {
            let allowed = min(count, nextThreshold ?? .max)
            let bytes = Array(pending.prefix(allowed))
            pending.removeFirst(allowed)
            count -= allowed
            if let nanosecondsPerByte {
                freeAt = dueAt + (allowed - 1) * nanosecondsPerByte
                dueAt += allowed * nanosecondsPerByte
            }
            if !bytes.isEmpty { events.append(.bytes(bytes)) }
            sent += allowed
            guard let fired = fire() else { continue }
            switch fired {
            case .drop(_, let seconds):
                pending = []
                events.append(.unplug(backAfterSeconds: seconds))
            case .stall(_, let seconds):
                heldUntil = now + seconds * Self.second
                dueAt = max(dueAt, heldUntil)
                events.append(.note(.stalled(seconds: seconds)))
            default: break
            }
            return events
        }
        return events
    }

    private func due(at now: Int) -> Int {
        guard !pending.isEmpty, now >= dueAt else { return 0 }
        guard let nanosecondsPerByte else { return pending.count }
        return min(pending.count, (now - dueAt) / nanosecondsPerByte + 1)
    }

    /// Bytes until the next drop or stall.
    private var nextThreshold: Int? {
        faults.compactMap { fault -> Int? in
            switch fault {
            case .drop(let after, _), .stall(let after, _): max(0, after - sent)
            default: nil
            }
        }.min()
    }

    /// The drop or stall whose byte has been sent: each fires once.
    private mutating func fire() -> LineFault? {
        let index = faults.firstIndex { fault in
            switch fault {
            case .drop(let after, _), .stall(let after, _): sent >= after
            default: false
            }
        }
        return index.map { faults.remove(at: $0) }
    }

    private mutating func babble(at now: Int) -> [Event] {
        var events: [Event] = []
        for fault in faults {
            guard case .babble(let rate) = fault else { continue }
            guard let since = babbledAt else {
                babbledAt = now
                events.append(.note(.babbling))
                continue
            }
            let count = min((now - since) * rate / Self.second, 4096)
            guard count > 0 else { continue }
            // Part of a byte's time is kept for the next look.
            babbledAt = count == 4096 ? now : since + count * Self.second / rate
            events.append(.bytes((0..<count).map { _ in dice.byte() }))
        }
        return events
    }

    /// When there is something to take next; nil while the line is silent.
    package var nextAt: Int? {
        var times: [Int] = []
        if !notes.isEmpty { times.append(0) }
        if !pending.isEmpty {
            let more = nanosecondsPerByte.map { (min(pending.count, Self.burst) - 1) * $0 } ?? 0
            times.append(max(dueAt + more, heldUntil))
        }
        for fault in faults {
            guard case .babble(let rate) = fault else { continue }
            let next = babbledAt.map { $0 + Self.second / rate * Self.burst } ?? 0
            times.append(max(next, heldUntil))
        }
        return times.min()
    }

    /// The cable is out: what was on its way is lost.
    package mutating func clear() {
        pending = []
        babbledAt = nil
    }
}
