import PumpCore
import PumpDrivers
import Synchronization
import TestSupport
import Testing

/// What a line does to a driver, beyond what `DriverConformanceTests` asks: whatever the pump.
@Suite("Every driver, on a bad line")
struct DriverLineTests {
    private func download(
        _ fixture: DriverFixture, _ pump: any FakePump, _ ledger: FakeLedger = FakeLedger(),
        line: FakeLine = FakeLine()
    ) throws -> Conversation {
        var conversation = Conversation(try fixture.session(pump), pump, ledger, line: line)
        conversation.run()
        return conversation
    }

    @Test("an unplug at every byte of a short download loses nothing and doubles nothing", arguments: DriverFixture.all)
    func everyByte(fixture: DriverFixture) throws {
        let pump = fixture.pump(3)
        let whole = try download(fixture, pump)
        for end in 1...whole.bytes {
            let at = Comment(rawValue: "cut at byte \(end) of \(whole.bytes)")
            let torn = try download(fixture, pump, line: FakeLine(endsAfter: end))
            try #require(torn.bytes == end, at)
            // Only the last byte can still bring the end of the download.
            try #require(torn.fatal?.kind == .linkEnded || end == whole.bytes, at)
            let mended = try download(fixture, pump, torn.ledger)
            try #require(mended.isFinished, at)
            try #require(mended.ledger.log.map(\.raw) == pump.truth, at)
            try #require(mended.ledger.receipts.reduce(0) { $0 + $1.added } == pump.truth.count, at)
        }
    }

    /// The reply that is torn, and where: a tenth of its bytes, two tenths, and so on.
    @Test("a reply that breaks off is asked for again, whichever it is", arguments: DriverFixture.all)
    func tornFrame(fixture: DriverFixture) throws {
        let pump = fixture.pump(fixture.few)
        let whole = try download(fixture, pump)
        for number in 0..<whole.sent.count {
            let count = Mutex(0)
            let torn = try download(
                fixture, pump,
                line: FakeLine { reply, _ in
                    let current = count.withLock { count in
                        defer { count += 1 }
                        return count
                    }
                    // Some commands have no reply.
                    if current == number {
                        reply.removeLast(min(reply.count, max(1, reply.count * (1 + number % 9) / 10)))
                    }
                })
            let which = Comment(rawValue: "reply \(number) of \(whole.sent.count)")
            try #require(torn.isFinished, which)
            try #require(torn.ledger.log.map(\.raw) == pump.truth, which)
            try #require(torn.ledger.gaps.isEmpty, which)
        }
    }

    @Test("says what the pump's clock shows, once, before the first record", arguments: DriverFixture.all)
    func clock(fixture: DriverFixture) throws {
        let pump = fixture.pump(fixture.few)
        let done = try download(fixture, pump)
        let clocks = done.said.indices.filter { if case .clock = done.said[$0] { true } else { false } }
        let firstBatch = done.said.firstIndex { if case .batch = $0 { true } else { false } }
        #expect(clocks.count == 1)
        #expect(try #require(clocks.first) < (try #require(firstBatch)))
        let said = done.said[try #require(clocks.first)]
        let shown = SessionOutput.clock(try #require(fixture.clock(pump)))
        #expect(said == shown)
    }

    @Test("sends nothing between a batch and its receipt, whatever comes in meanwhile", arguments: DriverFixture.all)
    func receipt(fixture: DriverFixture) throws {
        var pump = fixture.pump(fixture.many)
        var session = try fixture.session(pump)
        var pending = session.start()
        var batch: LogBatch?
        for _ in 0..<100_000 where batch == nil {
            guard !pending.isEmpty else {
                pending = session.deadlinePassed()
                continue
            }
            switch pending.removeFirst() {
            case .send(let request): pending += session.receive(pump.receive(request))
            case .identity: pending += session.known(KnownLog())
            case .batch(let found): batch = found
            default: break
            }
        }
        let found = try #require(batch)
        #expect(!found.records.isEmpty)
        func isSending(_ outputs: [SessionOutput]) -> Bool {
            outputs.contains { if case .send = $0 { true } else { false } }
        }
        #expect(!isSending(pending))
        #expect(!isSending(session.receive([0x02, 0x52, 0x03, 0x01, 0x55, 0xFF])))
        #expect(!isSending(session.deadlinePassed()))
        let receipt = BatchReceipt(added: found.records.count, known: 0, reachedKnown: false)
        #expect(isSending(session.stored(receipt)))
    }

    @Test(
        "a pump that answers only a part of the time is read, or the session ends with what to do",
        arguments: DriverFixture.all)
    func deafness(fixture: DriverFixture) throws {
        let pump = fixture.pump(fixture.few)
        for seed in 1...20 as ClosedRange<UInt64> {
            let line = FakeLine(seed: seed) { reply, generator in
                if UInt8.random(in: 0..<4, using: &generator) == 0 { reply = [] }
            }
            let done = try download(fixture, pump, line: line)
            let seeded = Comment(rawValue: "seed \(seed)")
            #expect(done.isFinished || done.fatal != nil, seeded)
            let truth = Set(pump.truth)
            #expect(done.ledger.log.map(\.raw).allSatisfy(truth.contains), seeded)
            let after = try download(fixture, pump, done.ledger)
            #expect(Set(after.ledger.log.map(\.raw)) == truth && after.ledger.count == truth.count, seeded)
        }
    }
}
