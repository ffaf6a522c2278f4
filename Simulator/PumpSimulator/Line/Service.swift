import Glibc
import PumpCore
import Synchronization

/// A simulation at an outlet, in real time: it answers a host, lets the play go on, and does what it is told on standard
/// input, until it is told to stop.
package final class Service {
    private var simulation: Simulation
    private let outlet: any Outlet
    private var wire: Wire
    private let speed: Double
    private let report: (JSON) -> Void
    private let start: Int
    private let startedAt: Instant
    /// Seconds that `advance` added.
    private var skipped = 0
    private var plugAt: Int?
    private var isPlugged = true
    private var input: Descriptor?
    private var typed: [UInt8] = []

    private static let second = 1_000_000_000
    /// By so much a short sleep may end too late.
    private static let lateness = 200_000
    /// The longest sleep.
    private static let nap = 10 * second

    /// `report` prints a line.
    package init(
        _ simulation: Simulation, at outlet: any Outlet, faults: [LineFault], baud: Int?, speed: Double,
        readsInput: Bool, report: @escaping (JSON) -> Void
    ) {
        self.simulation = simulation
        self.outlet = outlet
        self.speed = speed
        self.report = report
        wire = Wire(faults: faults, baud: baud, seed: simulation.seed)
        start = Self.nanoseconds()
        startedAt = simulation.now
        input = readsInput ? Descriptor(dup(STDIN_FILENO), isShared: true) : nil
    }

    private static func nanoseconds() -> Int {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return time.tv_sec * second + time.tv_nsec
    }

    /// The simulated present at a real moment.
    private func present(_ now: Int) -> Instant {
        startedAt.adding(seconds: skipped + Int(Double(now - start) / Double(Self.second) * speed))
    }

    // MARK: The loop

    /// Serves until `quit`, SIGTERM or SIGINT.
    package func run() throws(CommandViolation) {
        StopSignal.listen()
        report(ready)
        while !StopSignal.hasCome {
            let now = Self.nanoseconds()
            tell(simulation.advance(to: present(now)))
            if let plugAt, now >= plugAt { plug() }
            try hear(at: now)
            deliver(at: Self.nanoseconds())
            if !obey() { break }
            wait()
        }
        outlet.unplug()
    }

    private var ready: JSON {
        let device = simulation.device
        var fields: [JSON.Field] = [.init(name: "ready", value: outlet.address)]
        fields.append(.init(name: "family", value: .text(simulation.scenario.family.rawValue)))
        fields.append(.init(name: "serial", value: .text(simulation.serial)))
        fields.append(.init(name: "model", value: .text(simulation.model)))
        fields.append(.init(name: "scenario", value: .text(simulation.scenario.name)))
        fields.append(.init(name: "at", value: .text(simulation.now.description)))
        if let pages = device.stick?.pump.pageCount { fields.append(.init(name: "pages", value: .int(pages))) }
        if let events = device.miva?.eventCount ?? device.phd?.eventCount {
            fields.append(.init(name: "events", value: .int(events)))
        }
        return .object(fields)
    }

    private func tell(_ deeds: [Deed]) {
        for deed in deeds { report(deed.json) }
    }

    private func hear(at now: Int) throws(CommandViolation) {
        while isPlugged {
            let bytes = outlet.read()
            if outlet.hostHasCome() {
                for answer in simulation.greet(at: present(now)) {
                    wire.send(answer.bytes, at: now)
                    report(answer.deed.json)
                }
            }
            guard !bytes.isEmpty else { break }
            wire.heard(bytes.count, at: now)
            for answer in try simulation.receive(bytes, at: present(now)) {
                wire.send(answer.bytes, at: now)
                report(answer.deed.json)
            }
        }
    }

    private func deliver(at now: Int) {
        if outlet.hasBacklog { outlet.write([]) }
        guard isPlugged else { return }
        for event in wire.take(at: now) {
            switch event {
            case .bytes(let bytes): outlet.write(bytes)
            case .unplug(let seconds):
                tell([Deed(at: present(now), "fault", ["fault": "drop"])])
                unplug()
                plugAt = seconds.map { now + $0 * Self.second }
            case .note(let note): tell([note.deed(at: present(now))])
            }
        }
    }

    private func unplug() {
        outlet.unplug()
        wire.clear()
        simulation.unplug()
        isPlugged = false
        tell([Deed(at: present(Self.nanoseconds()), "unplugged")])
    }

    private func plug() {
        plugAt = nil
        guard !isPlugged else { return }
        do throws(OutletFailure) {
            try outlet.plug()
            isPlugged = true
            report(
                .fields([
                    "at": .text(present(Self.nanoseconds()).description), "did": "plugged", "where": outlet.address,
                ]))
        } catch {
            report(.fields(["error": .text("\(error)")]))
        }
    }

    // MARK: Control

    /// Reads what was typed. False when the simulator shall stop.
    private func obey() -> Bool {
        guard let input, input.isReadable else { return true }
        switch input.read() {
        case .bytes(let bytes): typed += bytes
        // Nobody types any more; the simulator goes on.
        case .over: self.input = nil
        case .nothing: break
        }
        while let end = typed.firstIndex(of: 0x0A) {
            let line = String(decoding: typed[..<end], as: UTF8.self).trimmed
            typed.removeSubrange(...end)
            guard !line.isEmpty else { continue }
            if !obey(line) { return false }
        }
        return true
    }

    private func obey(_ line: String) -> Bool {
        let now = present(Self.nanoseconds())
        let family = simulation.scenario.family
        let wall = simulation.scenario.zone.civil(now)
        guard let control = Control(line, family: family, clock: wall, now: now) else {
            report(.fields(["control": .text(line), "error": .text("not understood; there are: " + Control.grammar)]))
            return true
        }
        switch control {
        case .unplug: if isPlugged { unplug() }
        case .plug: plug()
        case .log(let act): tell([simulation.perform(act, at: now)])
        case .fault(let fault): wire.add(fault)
        case .advance(let seconds):
            skipped += seconds
            tell(simulation.advance(to: present(Self.nanoseconds())))
        case .quit: break
        }
        report(.fields(["control": .text(line), "ok": .bool(true)]))
        return control != .quit
    }

    // MARK: Waiting

    /// Sleeps until there is something to do.
    private func wait() {
        let now = Self.nanoseconds()
        var wake = now + Self.nap
        if isPlugged, let next = wire.nextAt { wake = min(wake, next) }
        if isPlugged, let next = outlet.wakesAt { wake = min(wake, next) }
        if let plugAt { wake = min(wake, plugAt) }
        if isPlugged, let again = outlet.looksAgainAfterMilliseconds { wake = min(wake, now + again * 1_000_000) }
        if let act = simulation.nextActAt {
            let seconds = Double(act.seconds(since: startedAt) - skipped) / speed
            wake = min(wake, start + Int(seconds * Double(Self.second)))
        }
        var polled = [pollfd(fd: StopSignal.descriptor, events: Int16(POLLIN), revents: 0)]
        polled += outlet.descriptors.map {
            pollfd(fd: $0, events: Int16(outlet.hasBacklog ? POLLIN | POLLOUT : POLLIN), revents: 0)
        }
        if let input { polled.append(pollfd(fd: input.number, events: Int16(POLLIN), revents: 0)) }
        let left = wake - now
        guard left > 0 else { return }
        let milliseconds = left / 1_000_000
        let found = poll(&polled, nfds_t(polled.count), Int32(clamping: milliseconds))
        // Less than a millisecond is left, and poll counts in no less. The very last of it is not slept: a sleep ends late.
        guard found == 0, milliseconds == 0 || Self.nanoseconds() < wake else { return }
        let rest = wake - Self.nanoseconds() - Self.lateness
        if rest > 0, rest < Self.second { usleep(UInt32(clamping: rest / 1000)) }
        while Self.nanoseconds() < wake, wake - Self.nanoseconds() <= Self.lateness {}
    }
}

/// SIGTERM and SIGINT, heard in the loop.
private enum StopSignal {
    private static let reading = Atomic<Int32>(-1)
    private static let writing = Atomic<Int32>(-1)
    private static let stopped = Atomic<Bool>(false)

    static var descriptor: Int32 { reading.load(ordering: .relaxed) }
    static var hasCome: Bool { stopped.load(ordering: .relaxed) }

    static func listen() {
        var ends: [Int32] = [-1, -1]
        guard reading.load(ordering: .relaxed) < 0, pipe(&ends) == 0 else { return }
        reading.store(ends[0], ordering: .relaxed)
        writing.store(ends[1], ordering: .relaxed)
        // Whoever started us may have had them blocked, as threads of test runners and daemons have.
        var mine = sigset_t()
        sigemptyset(&mine)
        sigaddset(&mine, SIGTERM)
        sigaddset(&mine, SIGINT)
        sigprocmask(SIG_UNBLOCK, &mine, nil)
        for number in [SIGTERM, SIGINT] {
            signal(number) { _ in
                StopSignal.stopped.store(true, ordering: .relaxed)
                var byte: UInt8 = 0
                _ = write(StopSignal.writing.load(ordering: .relaxed), &byte, 1)
            }
        }
        // A host that goes, a shell that put us in the background: neither ends the simulator.
        for number in [SIGPIPE, SIGTTIN] { signal(number, SIG_IGN) }
    }
}

extension Wire.Note {
    fileprivate func deed(at now: Instant) -> Deed {
        switch self {
        case .duplicated(let bytes): Deed(at: now, "fault", ["fault": "duplicate", "bytes": .int(bytes)])
        case .corrupted(let bits): Deed(at: now, "fault", ["fault": "corrupt", "bits": .int(bits)])
        case .stalled(let seconds): Deed(at: now, "fault", ["fault": "stall", "seconds": .int(seconds)])
        case .babbling: Deed(at: now, "fault", ["fault": "babble"])
        }
    }
}

extension String {
    fileprivate var trimmed: String {
        let blank: (UInt8) -> Bool = { $0 == 0x20 || $0 == 0x0D || $0 == 0x09 }
        return String(decoding: utf8.drop(while: blank).reversed().drop(while: blank).reversed(), as: UTF8.self)
    }
}
