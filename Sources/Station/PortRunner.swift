import Dispatch
import PumpCore
package import PumpDrivers
package import PumpLinks
import Synchronization

/// Carries out what a port's life asks for: its link, its writer, its clock. One runner a port; nothing is shared but
/// the writer.
package final class PortRunner: Sendable {
    /// More unread bytes than this, and the device talks faster than anybody listens: the rest is dropped, and counts as
    /// babble.
    static let mostUnreadBytes = 262_144

    package let id: String
    private let makeLife: @Sendable (StationTime) -> PortLife
    private let link: any ByteLink
    private let sink: any RecordSink
    private let clock: any StationClock
    private let claims: IdentityClaims
    /// Where the waiting for a moment is done; nil: where the runtime likes.
    private let executor: (any TaskExecutor)?
    private let onReport: @Sendable (PortReport) -> Void
    private let events: AsyncStream<PortEvent>
    private let intake: AsyncStream<PortEvent>.Continuation
    private let unread = Mutex(0)
    /// Ends with the run, and holds nothing.
    private let over: AsyncStream<Never>
    private let ending: AsyncStream<Never>.Continuation

    package init(
        _ enrolment: PortEnrolment, driver: PumpDriver, policy: StationPolicy, link: any ByteLink,
        sink: any RecordSink, clock: any StationClock, claims: IdentityClaims,
        executor: (any TaskExecutor)? = nil, onReport: @escaping @Sendable (PortReport) -> Void
    ) {
        id = enrolment.id
        makeLife = { PortLife(enrolment, driver: driver, policy: policy, at: $0) }
        self.link = link
        self.sink = sink
        self.clock = clock
        self.claims = claims
        self.executor = executor
        self.onReport = onReport
        (events, intake) = AsyncStream.makeStream(of: PortEvent.self)
        (over, ending) = AsyncStream.makeStream(of: Never.self)
    }

    /// Where to run, so that an answer of the device is heard without a change of threads.
    var linkExecutor: LinkExecutor? { link.executor }

    /// Anything that happens to the port from outside: a person's wish, a hotplug event, the end.
    package func tell(_ event: PortEvent) { intake.yield(event) }

    /// Returns when `run` has; one caller only.
    package func untilOver() async { for await _ in over {} }

    /// Runs until `stop` was told and the link is closed.
    package func run() async {
        var life = makeLife(clock.now)
        var session: SessionID?
        var alarm: Task<Void, Never>?
        /// When the alarm goes off.
        var alarmAt: Int?
        var isStopping = false
        var isLinkOpen = false
        onReport(life.currentReport)
        intake.yield(.start)
        for await event in events {
            if case .link(.bytes(let bytes)) = event { unread.withLock { $0 -= bytes.count } }
            if case .link(.ended) = event {
                isLinkOpen = false
                await claims.release(port: id)
            }
            if event == .clockPassed { alarmAt = nil }
            if event == .stop { isStopping = true }
            var actions = life.handle(event, at: clock.now)[...]
            while let action = actions.popFirst() {
                switch action {
                case .open:
                    isLinkOpen = true
                    link.open { [weak self] in self?.heard($0) }
                case .close: link.close()
                case .send(let bytes): link.send(bytes)
                case .wake(let milliseconds):
                    // One that goes off too early costs less than a new one for each answer: the life asks again.
                    if let milliseconds, let alarmAt, alarmAt <= milliseconds { continue }
                    alarm?.cancel()
                    alarm = milliseconds.map(wake)
                    alarmAt = milliseconds
                case .report(let report): onReport(report)
                default:
                    if let answer = await hand(action, &session) {
                        let more = life.handle(answer, at: clock.now)
                        // What was to be shown had the writer done its work is not shown where it has not.
                        if more.contains(where: \.isReport) { actions.removeAll(where: \.isReport) }
                        actions += more
                    }
                }
            }
            if isStopping, !isLinkOpen { break }
        }
        alarm?.cancel()
        intake.finish()
        ending.finish()
    }

    private func wake(at milliseconds: Int) -> Task<Void, Never> {
        Task(executorPreference: executor) { [clock, intake] in
            do {
                try await clock.wait(untilMilliseconds: milliseconds)
                intake.yield(.clockPassed)
            } catch {
                // Taken back: another moment is awaited instead.
            }
        }
    }

    private func heard(_ event: LinkEvent) {
        guard case .bytes(let bytes) = event else {
            intake.yield(.link(event))
            return
        }
        let fits = unread.withLock { waiting in
            guard waiting + bytes.count <= Self.mostUnreadBytes else { return false }
            waiting += bytes.count
            return true
        }
        if fits { intake.yield(.link(event)) }
    }

    /// Talks to the writer; what it answers is the port's next event.
    private func hand(_ action: PortAction, _ session: inout SessionID?) async -> PortEvent? {
        do {
            switch action {
            case .begin(let opening):
                // A pump may have left this port without a sign, where an adapter stays: then the one who asks where it is
                // now has it checked at once.
                let other = await claims.claim(opening.pump, port: id) { [intake] in intake.yield(.readNow) }
                if let other { return .identityTaken(byPort: other) }
                let begun = try await sink.begin(opening)
                session = begun.id
                return .begun(begun.known)
            case .append(let batch):
                guard let session else { return .sinkFailed("no session is open") }
                return .stored(try await sink.append(batch, to: session))
            case .noteClock(let time, let host):
                if let session { try await sink.note(ClockReading(session: session, device: time, host: host)) }
            case .noteGap(let gap): if let session { try await sink.note(gap, in: session) }
            case .noteFault(let fault): if let session { try await sink.note(fault, in: session) }
            case .noteNewestStored: if let session { try await sink.noteNewestStored(in: session) }
            case .end(let outcome):
                guard let open = session else { return nil }
                session = nil
                try await sink.end(open, outcome, at: clock.now.wall)
            case .open, .close, .send, .wake, .report: break
            }
            return nil
        } catch {
            return .sinkFailed("\(error)", remedy: (error as? any StoreFault)?.remedy)
        }
    }
}

extension PortAction {
    fileprivate var isReport: Bool {
        if case .report = self { return true }
        return false
    }
}
