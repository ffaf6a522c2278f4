import PumpCore
import PumpDrivers
import PumpLinks
import Station
import TestSupport
import Testing

@Suite("The life of a port")
struct PortLifeTests {
    private func caughtUp(_ state: PortState) -> Bool { if case .caughtUp = state { true } else { false } }

    @Test("a pump that is plugged in is named, read to its end, and the session closed")
    func happyPath() {
        let pump = FakeMiva(serial: "SIM00007", records: 1_500)
        var bench = Bench(pump)
        bench.tell(.start)
        #expect(bench.stored == pump.truth)
        #expect(bench.outcomes == [.complete])
        #expect(bench.states.map(\.name).first == "connecting")
        #expect(bench.states.contains { if case .reading(let reading) = $0 { reading.mayUnplug } else { false } })
        #expect(caughtUp(bench.life.state))
        #expect(bench.batches.allSatisfy { $0.readAt == Bench.start })
        #expect(bench.actions.contains { if case .noteClock(_, let at) = $0 { at == Bench.start } else { false } })
        #expect(bench.life.currentReport.pump?.serial == "SIM00007")
    }

    @Test("a pump that stays is read again every fifteen minutes, and not a second before")
    func schedule() {
        var bench = Bench(FakeMiva(records: 10))
        bench.tell(.start)
        bench.pump?.live(records: 3)
        bench.pass(milliseconds: 899_999)
        #expect(bench.outcomes.count == 1)
        #expect(bench.life.currentReport.nextReadAt == Bench.start.adding(seconds: 900))
        bench.pass(milliseconds: 1)
        #expect(bench.outcomes == [.complete, .complete])
        #expect(bench.stored == bench.pump?.truth)
        #expect(bench.openings == 1)
    }

    @Test("between two readings nothing wakes the port")
    func noWakeUps() {
        var bench = Bench(FakeMiva(records: 10))
        bench.tell(.start)
        let before = bench.actions.count
        bench.pass(milliseconds: 890_000)
        #expect(bench.actions.count == before)
    }

    @Test(
        "an opening that fails says why, and what to do",
        arguments: [
            (LinkFault.absent(place: Bench.place), PortState.absent),
            (
                .busy(place: Bench.place, holders: [PortHolder(pid: 4711, name: "minicom")]),
                .busy(holders: [PortHolder(pid: 4711, name: "minicom")])
            ),
            (.permissionDenied(place: Bench.place, group: "pumpdev"), .permissionDenied(group: "pumpdev")),
        ])
    func refusals(fault: LinkFault, state: PortState) {
        var bench = Bench()
        bench.refusal = fault
        bench.tell(.start)
        #expect(bench.life.state == state)
        #expect(bench.outcomes.isEmpty)
        #expect(!bench.life.state.remedy.isEmpty)
    }

    @Test("a port that cannot be opened is tried after 1, 2, 4 … seconds, at most every minute")
    func backOff() {
        var bench = Bench()
        bench.refusal = .absent(place: Bench.place)
        bench.tell(.start)
        var expected = 1
        for wait in [1, 2, 4, 8, 16, 32, 60, 60] {
            bench.pass(milliseconds: wait * 1000 - 1)
            #expect(bench.openings == expected, "before \(wait) s")
            bench.pass(milliseconds: 1)
            expected += 1
            #expect(bench.openings == expected, "after \(wait) s")
        }
    }

    @Test("with a hotplug monitor an empty port is never looked at, and a new device at once")
    func hotplug() {
        var policy = StationPolicy()
        policy.looksForAbsent = false
        var bench = Bench(FakeMiva(records: 5), policy: policy)
        bench.refusal = .absent(place: Bench.place)
        bench.tell(.start)
        bench.pass(milliseconds: 86_400_000)
        #expect(bench.openings == 1)
        bench.refusal = nil
        bench.tell(.deviceAppeared)
        #expect(caughtUp(bench.life.state))
    }

    @Test("a pulled cable in the middle: the port is absent, and a second later goes on where it stopped")
    func unplug() {
        let pump = FakeMiva(records: 600)
        var bench = Bench(pump)
        bench.endsAfter = 40_000
        bench.tell(.start)
        #expect(bench.life.state == .absent)
        #expect(bench.outcomes == [.interrupted])
        #expect(!bench.stored.isEmpty && bench.stored.count < 600)
        #expect(bench.life.currentReport.lastFault?.contains("ended") == true)
        bench.pass(milliseconds: 1_000)
        #expect(caughtUp(bench.life.state))
        #expect(bench.stored == pump.truth)
        #expect(bench.ledger.runCount == 1)
    }

    @Test("another pump on a port that expects one is not read, and asked again after a minute")
    func wrongPump() {
        var bench = Bench(FakeMiva(serial: "SIM00002", records: 9), expecting: "SIM00001")
        bench.tell(.start)
        guard case .wrongDevice(let why) = bench.life.state else {
            Issue.record("\(bench.life.state)")
            return
        }
        #expect(why.contains("SIM00002") && why.contains("SIM00001"))
        #expect(bench.ledger.count == 0 && bench.outcomes.isEmpty)
        #expect(!bench.isLineOpen)
        bench.pump = FakeMiva(serial: "SIM00001", records: 9)
        bench.pass(milliseconds: 59_999)
        #expect(bench.openings == 1)
        bench.pass(milliseconds: 1)
        #expect(caughtUp(bench.life.state))
    }

    @Test("where nobody special is expected, an exchanged pump is another pump")
    func exchanged() {
        var bench = Bench(FakeMiva(serial: "SIM00001", records: 9))
        bench.tell(.start)
        bench.pump = FakeMiva(serial: "SIM00002", records: 4)
        bench.ledger = FakeLedger()
        bench.pass(milliseconds: 900_000)
        let opened = bench.actions.compactMap { if case .begin(let opening) = $0 { opening.pump.serial } else { nil } }
        #expect(opened == ["SIM00001", "SIM00002"])
        #expect(bench.life.currentReport.pump?.serial == "SIM00002")
    }

    @Test("silence is said in words, asked again later, and becomes stale only after two missed readings")
    func silentThenStale() {
        var bench = Bench(FakeMiva(records: 9))
        bench.tell(.start)
        bench.answersAtOnce = false
        bench.pass(milliseconds: 910_000)
        #expect(bench.life.state == .silent)
        #expect(bench.outcomes == [.complete])
        bench.pass(milliseconds: 840_000)
        #expect(bench.life.state == .silent)
        bench.pass(milliseconds: 150_000)
        guard case .stale(let since, let why) = bench.life.state else {
            Issue.record("\(bench.life.state)")
            return
        }
        #expect(since == Bench.start)
        #expect(why.contains("does not answer"))
        bench.answersAtOnce = true
        bench.pass(milliseconds: 65_000)
        #expect(caughtUp(bench.life.state))
    }

    @Test("a device that talks without being asked is shut out, left alone for ten minutes, then twenty")
    func babbling() {
        var bench = Bench(FakeMiva(records: 9))
        bench.tell(.start)
        for _ in 0..<4 { bench.tell(.link(.bytes([UInt8](repeating: 0x55, count: 1_000)))) }
        #expect(caughtUp(bench.life.state))
        bench.tell(.link(.bytes([UInt8](repeating: 0x55, count: 1_000))))
        guard case .quarantined(_, let until) = bench.life.state else {
            Issue.record("\(bench.life.state)")
            return
        }
        #expect(until == Bench.start.adding(seconds: 600))
        #expect(!bench.isLineOpen)
        bench.babble = { _ in [UInt8](repeating: 0xAA, count: 5_000) }
        bench.pass(milliseconds: 599_999)
        #expect(bench.openings == 1)
        bench.pass(milliseconds: 1)
        guard case .quarantined(_, let later) = bench.life.state else {
            Issue.record("\(bench.life.state)")
            return
        }
        #expect(later == Bench.start.adding(seconds: 1_800))
        bench.babble = nil
        bench.tell(.readNow)
        #expect(caughtUp(bench.life.state))
    }

    @Test("damaged bytes three downloads in a row: quarantine within ten seconds, not an endless loop")
    func garbled() {
        var bench = Bench(FakeMiva(records: 9))
        bench.babble = { _ in [0x02, 0x41, 0x42, 0x43, 0x03] }
        bench.tell(.start)
        #expect(bench.life.state.name == "troubled")
        bench.pass(milliseconds: 10_000)
        #expect(bench.life.state.name == "quarantined")
        #expect(bench.openings == 3)
    }

    @Test("a ledger that cannot store ends the session and is tried again; nothing is lost")
    func brokenSink() {
        let pump = FakeMiva(records: 9)
        var bench = Bench(pump)
        bench.sinkIsBroken = true
        bench.tell(.start)
        #expect(bench.life.state.message.contains("the disk is full"))
        bench.sinkIsBroken = false
        bench.pass(milliseconds: 1_000)
        #expect(bench.stored == pump.truth)
    }

    @Test("a ledger that cannot write down the end of a complete session: not caught up, tried again")
    func brokenEnd() {
        let pump = FakeMiva(records: 9)
        var bench = Bench(pump)
        bench.endIsBroken = true
        bench.tell(.start)
        #expect(bench.outcomes == [.complete])
        #expect(bench.life.state.name == "troubled")
        #expect(bench.life.state.message.contains("the disk is full"))
        #expect(bench.life.currentReport.lastFault?.contains("the disk is full") == true)
        #expect(bench.life.currentReport.lastCompleteAt == nil)
        #expect(!bench.life.state.saysMayUnplug)
        bench.endIsBroken = false
        bench.pass(milliseconds: 1_000)
        #expect(caughtUp(bench.life.state))
        #expect(bench.life.currentReport.lastFault == nil)
        #expect(bench.outcomes == [.complete, .complete])
    }

    @Test("a session that stands still without a deadline is ended after thirty seconds")
    func stall() {
        var driver = PumpDriver.miva
        driver.makeSession = { _ in Sleeper() }
        var bench = Bench(FakeMiva(records: 1), driver: driver)
        bench.tell(.start)
        bench.pass(milliseconds: 29_999)
        #expect(bench.life.state == .connecting)
        bench.pass(milliseconds: 1)
        #expect(bench.life.state == .silent)
        #expect(!bench.isLineOpen)
    }

    @Test("a pump that is asked the same thing for half a minute, and answers, neither stalls nor babbles")
    func patience() {
        var driver: PumpDriver = .miva
        driver.makeSession = { _ in Poller() }
        var bench = Bench(FakeMiva(records: 1), driver: driver)
        bench.babble = { _ in [UInt8](repeating: 0x5A, count: 64) }
        bench.tell(.start)
        bench.pass(milliseconds: 60_000)
        #expect(bench.life.state == .connecting)
        #expect(bench.isLineOpen)
    }

    @Test("the enrolled serial number is told to a driver that has to call the pump by it")
    func hints() {
        var driver: PumpDriver = .miva
        driver.makeSession = { hints in Caller(name: Array((hints.serial ?? "nobody").utf8)) }
        var bench = Bench(FakeMiva(records: 1), expecting: "SIM00001", driver: driver)
        bench.tell(.start)
        #expect(bench.actions.contains(.send(Array("SIM00001".utf8))))
    }

    @Test("two devices with one serial number are an alarm, not one pump")
    func twins() {
        var bench = Bench(FakeMiva(serial: "SIM00009", records: 9))
        bench.answersAtOnce = false
        bench.tell(.start)
        bench.tell(.identityTaken(byPort: "serial:/dev/ttyUSB5"))
        #expect(bench.life.state.name == "wrong device")
        #expect(bench.life.state.message.contains("/dev/ttyUSB5"))
    }

    @Test("stopping in the middle closes the link and the session, and nothing happens after it")
    func stop() {
        var bench = Bench(FakeMiva(records: 600))
        bench.answersAtOnce = false
        bench.tell(.start)
        bench.tell(.stop)
        #expect(!bench.isLineOpen)
        let before = bench.actions.count
        bench.pass(milliseconds: 10_000_000)
        bench.tell(.deviceAppeared)
        bench.tell(.readNow)
        #expect(bench.actions.count == before)
    }

    @Test("every state says what is the case and what to do, in whole sentences")
    func sentences() {
        let pump = PumpIdentity(serial: "SIM00001", driver: "miva")
        let states: [PortState] = [
            .absent, .busy(holders: [PortHolder(pid: 12, name: "screen")]), .busy(holders: []),
            .permissionDenied(group: "pumpdev"), .permissionDenied(group: nil), .connecting,
            .wrongDevice(why: "Another pump."), .silent, .reading(.init(pump: pump)),
            .reading(.init(pump: pump, done: 10, total: 40, mayUnplug: true)), .caughtUp(pump: pump, at: Bench.start),
            .stale(since: Bench.start, why: "It is silent."), .quarantined(why: "It babbles.", until: Bench.start),
            .troubled(why: "It fails.", remedy: "Try again."),
        ]
        for state in states {
            for text in [state.message, state.remedy] {
                #expect(text.first?.isUppercase == true, "\(text)")
                #expect(text.hasSuffix("."), "\(text)")
            }
        }
        #expect(
            states[9].message
                == "Pump SIM00001 is being read: 25 %. Its newest events are stored; older ones are still being read.")
        #expect(states[9].remedy.hasPrefix("You may unplug the data cable now"))
        #expect(Set(states.map(\.name)).count == 11)
    }
}

/// A session that asks the same thing ten times a second.
private struct Poller: DownloadSession {
    private var ask: [SessionOutput] { [.send([3, 0, 0]), .deadline(milliseconds: 100)] }
    mutating func start() -> [SessionOutput] { ask }
    mutating func receive(_ bytes: [UInt8]) -> [SessionOutput] { [] }
    mutating func deadlinePassed() -> [SessionOutput] { ask }
    mutating func known(_ log: KnownLog) -> [SessionOutput] { [] }
    mutating func stored(_ receipt: BatchReceipt) -> [SessionOutput] { [] }
    mutating func linkEnded() -> [SessionOutput] { [] }
}

/// A session that calls a pump by its name.
private struct Caller: DownloadSession {
    var name: [UInt8]
    mutating func start() -> [SessionOutput] { [.send(name), .deadline(milliseconds: 100)] }
    mutating func receive(_ bytes: [UInt8]) -> [SessionOutput] { [] }
    mutating func deadlinePassed() -> [SessionOutput] { [] }
    mutating func known(_ log: KnownLog) -> [SessionOutput] { [] }
    mutating func stored(_ receipt: BatchReceipt) -> [SessionOutput] { [] }
    mutating func linkEnded() -> [SessionOutput] { [] }
}

/// A session that never does anything.
private struct Sleeper: DownloadSession {
    mutating func start() -> [SessionOutput] { [] }
    mutating func receive(_ bytes: [UInt8]) -> [SessionOutput] { [] }
    mutating func deadlinePassed() -> [SessionOutput] { [] }
    mutating func known(_ log: KnownLog) -> [SessionOutput] { [] }
    mutating func stored(_ receipt: BatchReceipt) -> [SessionOutput] { [] }
    mutating func linkEnded() -> [SessionOutput] { [] }
}
