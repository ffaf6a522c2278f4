import PumpCore
import TestSupport
import Testing

@testable import PumpDrivers

/// What `DriverConformance` does not ask of a download, and what a hostile device may try.
@Suite("A download from an 11073 pump")
struct PhdSessionTests {
    private func download(
        _ pump: FakePhd, _ ledger: FakeLedger = FakeLedger(), line: FakeLine = FakeLine()
    ) -> Conversation {
        var conversation = Conversation(PhdSession(DecodingHints()), pump, ledger, line: line)
        conversation.run()
        return conversation
    }

    @Test("every event of the log comes out with its number, its time and what it says")
    func events() {
        let done = download(FakePhd(records: 9, firstNumber: 70))
        #expect(done.isFinished)
        let log = done.ledger.log
        #expect(log.map(\.devicePosition) == (70...78).map { $0 })
        #expect(
            log.map(\.event.kind) == [
                .powerOn, .containerAttached, .setting, .deliveryStarted, .deliveryStopped, .deliveryStopped,
                .containerDetached, .containerAttached, .deliveryStarted,
            ])
        #expect(log.last?.deviceTime == CivilDateTime("2026-10-05T00:09:00").map { .civil($0) })
        #expect(log[5].event.amount == .milliliters(thousandths: 625))
    }

    @Test("the newest segment comes first, and the nurse may unplug when what is new is stored")
    func newestFirst() {
        var pump = FakePhd(records: 250)
        let first = download(pump)
        let batches = first.said.compactMap { if case .batch(let batch) = $0 { batch } else { nil } }
        #expect(batches.first?.records.first?.devicePosition == 201)
        pump.live(records: 160)
        let second = download(pump, first.ledger)
        let unplug = second.said.firstIndex(of: .mayUnplug)
        let last = second.said.lastIndex { if case .batch = $0 { true } else { false } }
        #expect(unplug != nil && last != nil && (last ?? 0) < (unplug ?? 0))
        #expect(second.ledger.log.map(\.raw) == pump.truth)
        #expect(second.said.count { $0 == .mayUnplug } == 1)
    }

    @Test("an entry is confirmed only after it is stored, and no command clears the log")
    func order() {
        let done = download(FakePhd(records: 120))
        var isStored = false
        for output in done.said {
            if case .batch = output { isStored = true }
            if case .send(let bytes) = output, FakePhd.command(bytes) == "0201/3361" {
                #expect(isStored)
                isStored = false
            }
        }
        let heard = Set(done.pump.heard)
        #expect(heard == ["ABRT", "AARE", "0201/3356", "0103", "0107/3085", "0107/3100", "0201/3361", "RLRQ"])
    }

    @Test("events that were overwritten between two visits are a gap with their number")
    func overwritten() {
        var pump = FakePhd(records: 24)
        let first = download(pump)
        pump.outlive()
        let second = download(pump, first.ledger)
        #expect(second.ledger.gaps.map(\.missing) == [500])
        #expect(second.ledger.gaps.map(\.reason) == [.overwritten])
    }

    @Test("numbers that begin anew: all is read, and it is said")
    func reset() {
        var pump = FakePhd(records: 24)
        let first = download(pump)
        pump.forgetEverything(records: 5)
        let second = download(pump, first.ledger)
        #expect(second.isFinished)
        #expect(second.said.contains { if case .fault(let fault) = $0 { fault.kind == .undecoded } else { false } })
        let truth = pump.truth
        #expect(truth.allSatisfy { entry in second.ledger.log.contains { $0.raw == entry } })
    }

    @Test(
        "a device of a standard configuration is told apart from a pump by name",
        arguments: [0x0190, 0x05DC] as [UInt16])
    func scale(configuration: UInt16) {
        var pump = FakePhd(records: 3)
        pump.configurationID = configuration
        let done = download(pump)
        #expect(done.fatal?.kind == .wrongDevice)
        #expect(done.fatal?.message.contains(configuration == 0x0190 ? "pulse oximeter" : "weighing scale") == true)
        #expect(!done.said.contains { if case .identity = $0 { true } else { false } })
    }

    @Test("a device without a store of events is refused in plain words")
    func noStore() {
        var pump = FakePhd(records: 3)
        pump.hasStore = false
        let done = download(pump)
        #expect(done.fatal?.kind == .wrongDevice)
        #expect(done.ledger.count == 0)
    }

    // MARK: Hostile bytes

    @Test("a device that offers one configuration after the other is left")
    func endlessConfiguration() throws {
        var session = PhdSession(DecodingHints())
        var pump = FakePhd(records: 1)
        pump.hasStore = false
        _ = session.start()
        _ = session.receive(pump.receive(Apdu.abort(reason: 0).bytes))
        let report = pump.receive(PhdWord.accept(configurationKnown: false).bytes)
        var outputs: [SessionOutput] = []
        var rounds = 0
        while !outputs.contains(where: Self.isFatal), rounds < 1_000 {
            outputs += session.receive(report)
            rounds += 1
        }
        #expect(rounds == PhdTiming.configurations)
        #expect(outputs.contains(where: Self.isFatal))
    }

    @Test("a message that announces 63 KB and never ends takes no more memory than that, and ends in a fault")
    func oversized() {
        var session = PhdSession(DecodingHints())
        _ = session.start()
        var outputs = session.receive([0xE7, 0x00, 0xFB, 0xFC])
        for _ in 0..<200 { outputs += session.receive([UInt8](repeating: 0xE7, count: 1_000)) }
        // One message of that size is complete and no APDU; what is behind it waits for more.
        for _ in 0..<20 where !outputs.contains(where: Self.isFatal) { outputs += session.deadlinePassed() }
        #expect(outputs.contains(where: Self.isFatal))
    }

    @Test("what comes while a batch is being stored is bounded")
    func flood() {
        var pump = FakePhd(records: 60)
        var session = PhdSession(DecodingHints())
        var pending = session.start()
        var isStoring = false
        for _ in 0..<1_000 where !isStoring {
            guard !pending.isEmpty else {
                pending = session.deadlinePassed()
                continue
            }
            switch pending.removeFirst() {
            case .send(let request): pending += session.receive(pump.receive(request))
            case .identity: pending += session.known(KnownLog())
            case .batch: isStoring = true
            default: break
            }
        }
        var outputs: [SessionOutput] = []
        for _ in 0..<200 { outputs += session.receive([UInt8](repeating: 0xE7, count: 1_000)) }
        #expect(outputs.contains(where: Self.isFatal))
        #expect(session.receive([1, 2, 3]).isEmpty)
    }

    /// Fields that lie: each length, count, index and status of a sound conversation replaced by another number.
    @Test("lengths and counts that lie crash nothing, store nothing wrong, and end with a reason or the whole log")
    func lies() {
        let pump = FakePhd(records: 24)
        let truth = Set(pump.truth)
        for seed in 1...300 as ClosedRange<UInt64> {
            let line = FakeLine(seed: seed) { reply, generator in
                guard reply.count > 3 else { return }
                for _ in 0..<Int.random(in: 0...2, using: &generator) {
                    let at = Int.random(in: 0..<(reply.count - 1), using: &generator)
                    let lie = [0, 1, 0x7FFF, 0xFFFF, 0xFC00, 0xE700].randomElement(using: &generator) ?? 0
                    reply[at] = UInt8(lie >> 8)
                    reply[at + 1] = UInt8(lie & 0xFF)
                }
            }
            let done = download(pump, line: line)
            #expect(done.isFinished || done.fatal != nil, "seed \(seed)")
            #expect(done.ledger.log.map(\.raw).allSatisfy(truth.contains), "seed \(seed)")
            if let fatal = done.fatal { #expect(fatal.message.hasSuffix("."), "seed \(seed)") }
        }
    }

    @Test("a long list of nothing is no list")
    func emptyItems() {
        // 65,535 observations in no bytes.
        let report = FakePhd.presentation(
            1, 0x0101,
            [0, 0, 0, 0, 0, 0] + FakePhd.big(3370, 2) + FakePhd.sized([0xF0, 0, 0, 0, 0xFF, 0xFF, 0, 0]))
        #expect(throws: ApduProblem.countDisagrees("the observations of a scan report", says: 65_535)) {
            try Apdu(report)
        }
    }

    @Test("mutated messages are read or refused, and what is read encodes again")
    func mutated() throws {
        var generator = SeededGenerator(seed: 11_073)
        var pump = FakePhd(records: 30)
        var sound: [[UInt8]] = []
        for request in [Apdu.abort(reason: 0).bytes, PhdWord.accept(configurationKnown: false).bytes]
            + [
                PhdWord.describeSystem(call: 1).bytes, PhdWord.listSegments(call: 2, store: 1).bytes,
                PhdWord.transfer(call: 3, store: 1, segment: 1).bytes,
            ]
        {
            var stream = ApduStream()
            let fits = stream.append(pump.receive(request))
            #expect(fits)
            while let apdu = stream.next() { sound.append(apdu) }
        }
        #expect(sound.count == 6)
        for round in 0..<6_000 {
            var bytes = sound[round % sound.count]
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                switch Int.random(in: 0..<4, using: &generator) {
                case 0:
                    bytes[Int.random(in: 0..<bytes.count, using: &generator)] = .random(
                        in: .min ... .max, using: &generator)
                case 1: bytes.removeLast(min(bytes.count - 1, Int.random(in: 0..<9, using: &generator)))
                case 2: bytes.append(.random(in: .min ... .max, using: &generator))
                default: bytes[Int.random(in: 0..<bytes.count, using: &generator)] = 0xFF
                }
            }
            guard let apdu = try? Apdu(bytes) else { continue }
            #expect(apdu.bytes == bytes, "round \(round): \(bytes.hex)")
        }
    }

    private static func isFatal(_ output: SessionOutput) -> Bool {
        if case .fault(let fault) = output { fault.isFatal } else { false }
    }
}
