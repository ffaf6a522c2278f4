import PumpCore
import PumpDrivers
import TestSupport
import Testing

/// What the rest of the house relies on, whatever the pump.
@Suite("Every driver")
struct DriverConformanceTests {
    private func download(
        _ fixture: DriverFixture, _ pump: any FakePump, _ ledger: FakeLedger = FakeLedger(),
        line: FakeLine = FakeLine()
    ) throws -> Conversation {
        var conversation = Conversation(try fixture.session(pump), pump, ledger, line: line)
        conversation.run()
        return conversation
    }

    private func raw(_ ledger: FakeLedger) -> [[UInt8]] { ledger.log.map(\.raw) }

    @Test("says who the pump is, by the pump's own serial, before it hands over a record", arguments: DriverFixture.all)
    func identity(fixture: DriverFixture) throws {
        let pump = fixture.pump(fixture.few)
        let done = try download(fixture, pump)
        let first = done.said.firstIndex { if case .identity = $0 { true } else { false } }
        let firstBatch = done.said.firstIndex { if case .batch = $0 { true } else { false } }
        guard case .identity(let identity) = done.said[try #require(first)] else { return }
        #expect(identity.serial == pump.serial)
        #expect(identity.driver == fixture.driver.name)
        #expect(try #require(first) < (try #require(firstBatch)))
        #expect(done.said.count { if case .clock = $0 { true } else { false } } == 1)
    }

    @Test("brings the whole log in the log's order, once", arguments: DriverFixture.all)
    func whole(fixture: DriverFixture) throws {
        let pump = fixture.pump(fixture.many)
        let done = try download(fixture, pump)
        #expect(done.isFinished)
        #expect(raw(done.ledger) == pump.truth)
        #expect(done.ledger.runCount == 1)
        #expect(done.ledger.gaps.isEmpty)
        let added = done.ledger.receipts.reduce(0) { $0 + $1.added }
        #expect(added == pump.truth.count)
    }

    @Test("reads on where it stopped: nothing again, everything new", arguments: DriverFixture.all)
    func cursor(fixture: DriverFixture) throws {
        var pump = fixture.pump(fixture.many)
        let first = try download(fixture, pump)
        let again = try download(fixture, pump, first.ledger)
        #expect(again.isFinished)
        #expect(raw(again.ledger) == pump.truth)
        #expect(again.bytes * 4 < first.bytes)
        pump.live(records: 3)
        let after = try download(fixture, pump, again.ledger)
        #expect(raw(after.ledger) == pump.truth)
        #expect(after.ledger.runCount == 1)
        #expect(after.bytes * 4 < first.bytes)
    }

    @Test("overlaps with what is known, so that the ledger can join the two", arguments: DriverFixture.all)
    func overlap(fixture: DriverFixture) throws {
        var pump = fixture.pump(fixture.few)
        let first = try download(fixture, pump)
        pump.live(records: fixture.few)
        let second = try download(fixture, pump, first.ledger)
        #expect(second.ledger.receipts.dropFirst(first.ledger.receipts.count).contains { $0.reachedKnown })
        #expect(raw(second.ledger) == pump.truth)
    }

    @Test("takes a reply that arrives twice for one", arguments: DriverFixture.all)
    func duplicate(fixture: DriverFixture) throws {
        let pump = fixture.pump(fixture.few)
        let done = try download(fixture, pump, line: FakeLine { reply, _ in reply += reply })
        #expect(raw(done.ledger) == pump.truth)
    }

    @Test("leaves a break in the log where history was lost between two visits", arguments: DriverFixture.all)
    func gap(fixture: DriverFixture) throws {
        var pump = fixture.pump(fixture.few)
        let first = try download(fixture, pump)
        pump.outlive()
        let second = try download(fixture, pump, first.ledger)
        #expect(raw(second.ledger) == raw(first.ledger) + pump.truth)
        #expect(second.ledger.runCount == 2)
        // Who has positions of its own can say more than that nothing overlaps.
        if case .ring = fixture.driver.positions {
            #expect(second.ledger.gaps.map(\.reason) == [.overwritten])
        }
    }

    @Test("may lose the link at any byte and goes on at the next visit", arguments: DriverFixture.all)
    func torn(fixture: DriverFixture) throws {
        let pump = fixture.pump(fixture.few)
        let whole = try download(fixture, pump)
        for end in stride(from: 1, to: whole.bytes, by: max(7, whole.bytes / 400)) {
            let torn = try download(fixture, pump, line: FakeLine(endsAfter: end))
            #expect(torn.fatal?.kind == .linkEnded, "cut at byte \(end)")
            let mended = try download(fixture, pump, torn.ledger)
            #expect(raw(mended.ledger) == pump.truth, "cut at byte \(end)")
        }
    }

    @Test("gives the same answer whatever pieces the bytes come in", arguments: DriverFixture.all, [1, 2, 3, 7, 64])
    func pieces(fixture: DriverFixture, chunk: Int) throws {
        let pump = fixture.pump(fixture.few)
        let whole = try download(fixture, pump)
        let pieces = try download(fixture, pump, line: FakeLine(chunk: chunk))
        #expect(pieces.said.filter(isNoTimer) == whole.said.filter(isNoTimer))
    }

    /// A session may set its deadline anew while an answer trickles in.
    private func isNoTimer(_ output: SessionOutput) -> Bool {
        switch output {
        case .deadline, .noDeadline: false
        default: true
        }
    }

    @Test("never believes noise, and never stops for good because of it", arguments: DriverFixture.all)
    func noise(fixture: DriverFixture) throws {
        let pump = fixture.pump(fixture.few)
        for seed in 1...30 as ClosedRange<UInt64> {
            let line = FakeLine(seed: seed) { reply, generator in
                // About one damaged byte in forty, and garbage around every third reply.
                for index in reply.indices where UInt8.random(in: 0..<40, using: &generator) == 0 {
                    reply[index] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
                }
                if UInt8.random(in: 0..<3, using: &generator) == 0 {
                    reply.insert(
                        contentsOf: (0..<5).map { _ in UInt8.random(in: .min ... .max, using: &generator) }, at: 0)
                }
            }
            let noisy = try download(fixture, pump, line: line)
            let truth = Set(pump.truth)
            #expect(raw(noisy.ledger).allSatisfy(truth.contains), "seed \(seed)")
            #expect(noisy.isFinished || noisy.fatal != nil, "seed \(seed)")
            let clean = try download(fixture, pump, noisy.ledger)
            #expect(Set(raw(clean.ledger)) == truth, "seed \(seed)")
            #expect(clean.ledger.count == pump.truth.count, "seed \(seed)")
        }
    }

    @Test("lives through bytes that have nothing to do with its protocol", arguments: DriverFixture.all)
    func babble(fixture: DriverFixture) throws {
        for seed in 1...30 as ClosedRange<UInt64> {
            let line = FakeLine(seed: seed) { reply, generator in
                reply = (0..<Int.random(in: 0..<200, using: &generator)).map { _ in
                    UInt8.random(in: .min ... .max, using: &generator)
                }
            }
            let done = try download(fixture, fixture.pump(3), line: line)
            #expect(done.ledger.count == 0, "seed \(seed)")
            #expect(done.fatal != nil, "seed \(seed)")
        }
    }

    @Test("ends with a plain sentence when the pump says nothing", arguments: DriverFixture.all)
    func silence(fixture: DriverFixture) throws {
        let done = try download(fixture, fixture.pump(3), line: FakeLine { reply, _ in reply = [] })
        let fault = try #require(done.fatal)
        #expect(fault.kind == .silent)
        #expect(fault.message.hasSuffix(".") && fault.message.contains(" "))
    }

    @Test("sends only what its row in the driver table allows", arguments: DriverFixture.all)
    func allowList(fixture: DriverFixture) throws {
        let allowed = Set(fixture.driver.allowedCommands.map(\.code))
        var pump = fixture.pump(fixture.many)
        let first = try download(fixture, pump)
        pump.live(records: 30)
        let second = try download(
            fixture, pump, first.ledger,
            line: FakeLine { reply, generator in
                if UInt8.random(in: 0..<9, using: &generator) == 0 { reply = [0x15] }
            })
        for frame in first.sent + second.sent {
            let code = fixture.command(frame)
            #expect(code.map(allowed.contains) == true, "\(frame.hex)")
        }
        #expect(first.pump.heard.count == first.sent.count)
    }

    @Test("waits for the receipt before it sends on, and says nothing after its end", arguments: DriverFixture.all)
    func order(fixture: DriverFixture) throws {
        let done = try download(fixture, fixture.pump(fixture.few))
        var session = done.session
        #expect(session.receive([0x02, 0x03, 0xFF]).isEmpty)
        #expect(session.deadlinePassed().isEmpty)
        #expect(session.linkEnded().isEmpty)
    }
}
