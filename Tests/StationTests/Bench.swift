import PumpCore
import PumpDrivers
import PumpLinks
import Station
import TestSupport

/// A port's life on a bench: an imagined link, an imagined pump, a ledger in memory, and a clock that is moved by hand.
struct Bench {
    var life: PortLife
    var pump: (any FakePump)?
    var ledger = FakeLedger()
    /// Bytes that the device sends instead of a pump's answers.
    var babble: (@Sendable ([UInt8]) -> [UInt8])?
    /// How opening ends; nil opens.
    var refusal: LinkFault?
    /// The link ends after so many bytes from the pump.
    var endsAfter: Int?
    var sinkIsBroken = false
    /// The ledger stores, but cannot write down that a session ended.
    var endIsBroken = false
    /// False: the pump's answers wait until `deliverAnswers`.
    var answersAtOnce = true
    private(set) var now: StationTime
    private(set) var actions: [PortAction] = []
    private(set) var states: [PortState] = []
    private(set) var openings = 0
    private(set) var outcomes: [SessionOutcome] = []
    private(set) var batches: [LogBatch] = []
    private var wake: Int?
    private var isOpen = false
    private var queue: [PortEvent] = []

    static let place = "/dev/ttyTEST"
    static let start = Instant(secondsSince1970: 1_790_000_000)

    init(
        _ pump: (any FakePump)? = nil, expecting serial: String? = nil, driver: PumpDriver = PumpDriver.miva,
        policy: StationPolicy = .init()
    ) {
        now = StationTime(milliseconds: 0, wall: Self.start)
        let enrolment = PortEnrolment(id: "serial:\(Self.place)", driver: driver.name, expectedSerial: serial)
        life = PortLife(enrolment, driver: driver, policy: policy, at: now)
        self.pump = pump
    }

    mutating func tell(_ event: PortEvent) {
        queue.append(event)
        // More than any conversation on this bench has.
        var left = 200_000
        while !queue.isEmpty, left > 0 {
            left -= 1
            for action in life.handle(queue.removeFirst(), at: now) { carryOut(action) }
        }
    }

    /// Moves the clock on and lets the port wake whenever it asked to.
    mutating func pass(milliseconds: Int) {
        let end = now.milliseconds + milliseconds
        while let moment = wake, moment <= end {
            wake = nil
            move(to: max(moment, now.milliseconds))
            tell(.clockPassed)
        }
        move(to: end)
    }

    private mutating func move(to milliseconds: Int) {
        now = StationTime(milliseconds: milliseconds, wall: Self.start.adding(seconds: milliseconds / 1000))
    }

    private mutating func carryOut(_ action: PortAction) {
        actions.append(action)
        switch action {
        case .open:
            openings += 1
            if let refusal { return queue.append(.link(.ended(refusal))) }
            isOpen = true
            queue.append(.link(.opened))
        case .close:
            isOpen = false
            queue.append(.link(.ended(nil)))
        case .send(let bytes): answer(bytes)
        case .wake(let moment): wake = moment
        case .begin: queue.append(sinkIsBroken ? .sinkFailed("the disk is full") : .begun(ledger.known()))
        case .append(let batch):
            guard !sinkIsBroken else { return queue.append(.sinkFailed("the disk is full")) }
            batches.append(batch)
            queue.append(.stored(ledger.store(batch)))
        case .noteGap(let gap): ledger.gaps.append(gap)
        case .end(let outcome):
            outcomes.append(outcome)
            if endIsBroken { return queue.append(.sinkFailed("the disk is full")) }
            if outcome == .complete { ledger.settle() }
        case .report(let report): states.append(report.state)
        case .noteClock, .noteFault, .noteNewestStored: break
        }
    }

    private mutating func answer(_ bytes: [UInt8]) {
        guard isOpen, answersAtOnce else { return }
        let reply = babble?(bytes) ?? pump?.receive(bytes) ?? []
        if let left = endsAfter {
            endsAfter = left - reply.count
            if left <= reply.count { return unplug() }
        }
        if !reply.isEmpty { queue.append(.link(.bytes(reply))) }
    }

    /// Pulls the cable; what is already on its way is lost.
    mutating func unplug() {
        endsAfter = nil
        isOpen = false
        queue = [.link(.ended(.gone(place: Self.place)))]
    }

    var stored: [[UInt8]] { ledger.log.map(\.raw) }
    var isLineOpen: Bool { isOpen }
}
