import PumpCore
import Synchronization
import TestSupport
import Testing

@testable import PumpDrivers

@Suite("MIVA download")
struct MivaSessionTests {
    private func download(
        _ pump: FakeMiva, _ ledger: FakeLedger = FakeLedger(), line: FakeLine = FakeLine()
    ) -> Conversation {
        var conversation = Conversation(MivaSession(DecodingHints()), pump, ledger, line: line)
        conversation.run()
        return conversation
    }

    private func raw(_ ledger: FakeLedger) -> [[UInt8]] { ledger.log.map(\.raw) }

    private func indexes(_ said: [SessionOutput]) -> [Int] {
        said.compactMap { output in
            guard case .send(let frame) = output, frame.count == 14, frame[1] == 0x52, frame[2] == 0x45 else {
                return nil
            }
            return upperHexValue(frame[3..<11])
        }
    }

    @Test("a ring that has gone round is brought in order, with positions")
    func wrapped() {
        let pump = FakeMiva(first: FakeMiva.ringSize - 300, records: 700)
        let done = download(pump)
        #expect(done.isFinished)
        #expect(raw(done.ledger) == pump.truth)
        #expect(done.ledger.log.first?.devicePosition == FakeMiva.ringSize - 300)
        #expect(done.ledger.log.last?.devicePosition == 399)
        #expect(done.ledger.runCount == 1)
    }

    @Test("the newest events come first, and each batch says that it lies before the one delivered last")
    func newestFirst() {
        let done = download(FakeMiva(records: 900))
        let batches = done.said.compactMap { if case .batch(let batch) = $0 { batch } else { nil } }
        #expect(batches.count == 4)
        #expect(batches.first?.records.last?.devicePosition == 899)
        #expect(batches.dropFirst().allSatisfy { $0.adjacency == .precedesPrevious })
        for (newer, older) in zip(batches, batches.dropFirst()) {
            #expect(newer.records.first?.devicePosition == (older.records.last?.devicePosition ?? -2) + 1)
        }
    }

    @Test("two passes and nothing else: the wire carries at least 97 % events")
    func wire() {
        let done = download(FakeMiva(records: 1_000))
        let events = 1_000 * 2 * (14 + 46)
        #expect(Double(events) / Double(done.bytes) >= 0.97)
    }

    @Test("the next question leaves with the last byte of the reply, not with a timer")
    func noIdling() {
        let done = download(FakeMiva(records: 300))
        // Every deadline was replaced by an answer before it passed: one for each question, none repeated.
        #expect(indexes(done.said).count == 600)
        #expect(Set(done.sent).count == 300 + 6)
    }

    @Test("the nurse may unplug once everything new is stored; old holes are read after that")
    func mayUnplug() throws {
        let pump = FakeMiva(records: 3_000)
        let first = download(pump, line: FakeLine(endsAfter: 3 * 32_000))
        var later = pump
        later.live(records: 20)
        let second = download(later, first.ledger)
        let said = try #require(second.said.firstIndex(of: .mayUnplug))
        let stored = second.said[..<said].flatMap { output -> [Int] in
            if case .batch(let batch) = output { batch.records.compactMap(\.devicePosition) } else { [] }
        }
        #expect(Set(3_000..<3_020).isSubset(of: Set(stored)))
        #expect(second.said[said...].contains { if case .batch = $0 { true } else { false } })
        #expect(second.said.count { $0 == .mayUnplug } == 1)
        #expect(raw(second.ledger) == later.truth)
        #expect(second.ledger.runCount == 1)
    }

    @Test("on a first visit the nurse waits for a month's worth, not for the ring")
    func firstVisit() throws {
        let done = download(FakeMiva(records: 2_000))
        let said = try #require(done.said.firstIndex(of: .mayUnplug))
        let before = done.said[..<said].reduce(0) {
            if case .batch(let batch) = $1 { $0 + batch.records.count } else { $0 }
        }
        #expect((900...1_100).contains(before))
    }

    @Test("a resumed download reads only what is missing, and a little overlap")
    func resumeReadsLittle() {
        let pump = FakeMiva(records: 1_500)
        let first = download(pump, line: FakeLine(endsAfter: 100_000))
        #expect(first.ledger.count > 500)
        let second = download(pump, first.ledger)
        let asked = Set(indexes(second.said))
        let known = Set(first.ledger.log.compactMap(\.devicePosition))
        #expect(asked.intersection(known).count <= 60)
        #expect(raw(second.ledger) == pump.truth)
    }

    @Test("events that the pump writes while it is read are brought in the same session")
    func movingHead() {
        var conversation = Conversation(MivaSession(DecodingHints()), FakeMiva(records: 600))
        conversation.afterBatch = { pump, count in if count <= 2 { pump.live(records: 5) } }
        conversation.run()
        #expect(conversation.isFinished)
        #expect(conversation.pump.truth.count == 610)
        #expect(raw(conversation.ledger) == conversation.pump.truth)
        #expect(conversation.ledger.runCount == 1)
    }

    @Test("slots that the pump overwrites while they wait are a gap, never newer events in an older place")
    func movingTail() {
        // A full ring in which the oldest 500 slots are all that a second visit has to fetch.
        var pump = FakeMiva(first: 0, records: FakeMiva.ringSize)
        pump.live(records: 50)
        let ring = FakeMiva.ringSize
        let records = pump.truth
        var ledger = FakeLedger()
        let log = (500..<ring).map { offset in
            RawRecord(raw: records[offset], devicePosition: (50 + offset) % ring, event: PumpEvent(.note))
        }
        _ = ledger.known()
        _ = ledger.store(LogBatch(records: log))
        var conversation = Conversation(MivaSession(DecodingHints()), pump, ledger)
        conversation.afterBatch = { pump, count in if count == 1 { pump.live(records: 120) } }
        conversation.run()
        #expect(conversation.isFinished)
        let gaps = conversation.ledger.gaps
        #expect(gaps.map(\.reason) == [.overwritten])
        #expect(gaps.first?.missing == 120)
        #expect(conversation.pump.truth.allSatisfy(Set(raw(conversation.ledger)).contains))
        #expect(conversation.ledger.count == ring - 120 + 120)
    }

    @Test("a ring that went round exactly once more is found by its bytes, read whole, and a gap is recorded")
    func wholeRingOverwritten() {
        var pump = FakeMiva(records: 100)
        let first = download(pump)
        pump.goRound(and: 4)
        let second = download(pump, first.ledger)
        #expect(second.isFinished)
        #expect(second.ledger.gaps.map(\.reason) == [.overwritten])
        #expect(second.ledger.count == 100 + FakeMiva.ringSize)
        #expect(raw(second.ledger) == first.ledger.log.map(\.raw) + pump.truth)
        #expect(second.ledger.runCount == 2)
    }

    @Test("a ring that went round and stopped at the very same slot is not taken for one in which nothing happened")
    func wholeRingToTheSameSlot() {
        var pump = FakeMiva(records: 100)
        let first = download(pump)
        pump.outlive()
        let head = pump.head
        // To the position at which the first visit ended.
        pump.live(records: (99 - head + FakeMiva.ringSize) % FakeMiva.ringSize)
        #expect(pump.head == 99)
        let second = download(pump, first.ledger)
        #expect(second.ledger.gaps.map(\.reason) == [.overwritten])
        #expect(raw(second.ledger) == raw(first.ledger) + pump.truth)
    }

    @Test("an unplug at every byte of a short download loses nothing and doubles nothing")
    func unplugEverywhere() {
        var pump = FakeMiva(first: FakeMiva.ringSize - 4, records: 9)
        let whole = download(pump)
        for end in 1..<whole.bytes {
            var torn = download(pump, line: FakeLine(endsAfter: end))
            #expect(torn.fatal?.kind == .linkEnded, "byte \(end)")
            #expect(torn.said.count { if case .fault = $0 { true } else { false } } == 1, "byte \(end)")
            if end.isMultiple(of: 5) { pump.live(records: 0) }
            torn = download(pump, torn.ledger)
            #expect(raw(torn.ledger) == pump.truth, "byte \(end)")
        }
    }

    @Test("two readings that differ are settled by a third")
    func third() throws {
        var session = MivaSession(DecodingHints())
        var pump = FakeMiva(records: 3)
        var seen: [Int: Int] = [:]
        var batch: LogBatch?
        var queue = session.start()
        while !queue.isEmpty {
            switch queue.removeFirst() {
            case .send(let frame):
                var reply = pump.receive(frame)
                if frame.count == 14, let index = upperHexValue(frame[3..<11]) {
                    seen[index, default: 0] += 1
                    // The second reading of slot 1 is wrong, with a sum that is right.
                    if index == 1, seen[index] == 2 {
                        let text = String(decoding: reply.dropFirst().dropLast(3), as: UTF8.self)
                        reply = FakeMiva.frame(text.dropLast(2) + "0F")
                    }
                }
                queue += session.receive(reply)
            case .identity: queue += session.known(KnownLog())
            case .batch(let stored):
                batch = stored
                queue += session.stored(BatchReceipt(added: stored.records.count, known: 0, reachedKnown: false))
            default: break
            }
        }
        #expect(seen == [0: 2, 1: 3, 2: 2])
        #expect(try #require(batch).records.map(\.raw) == pump.truth)
    }

    @Test("a slot that no two readings agree on is a gap between its neighbours, and is tried again next time")
    func failedCheck() {
        let pump = FakeMiva(records: 60)
        let line = FakeLine { reply, generator in
            // Every reading of slot 30 says something else, with a good sum.
            let text = String(decoding: reply.dropFirst().dropLast(3), as: UTF8.self)
            guard text.hasPrefix("RE0000001E") else { return }
            let digits = String(Int.random(in: 0x1000...0xFFFF, using: &generator), radix: 16, uppercase: true)
            reply = FakeMiva.frame(text.dropLast(4) + digits)
        }
        let done = download(pump, line: line)
        #expect(done.isFinished)
        #expect(done.ledger.gaps.map(\.reason) == [.failedCheck])
        #expect(done.ledger.gaps.first?.missing == 1)
        #expect(done.ledger.gaps.first?.from != nil && done.ledger.gaps.first?.to != nil)
        #expect(done.ledger.count == 59)
        #expect(done.ledger.runCount == 2)
        let mended = download(pump, done.ledger)
        #expect(raw(mended.ledger) == pump.truth)
        #expect(mended.ledger.runCount == 1)
    }

    @Test("a program is data wherever batches, the ring's end and visits cut through it", arguments: [2, 16])
    func programsAcrossCuts(blocks: Int) {
        for offset in 225...260 {
            var pump = FakeMiva(first: FakeMiva.ringSize - 240)
            pump.live(records: 300 - offset)
            pump.appendProgram(blocks: blocks)
            pump.live(records: offset)
            let half = download(pump)
            var ledger = half.ledger
            pump.appendProgram(blocks: blocks)
            pump.live(records: 2)
            ledger = download(pump, ledger).ledger
            #expect(raw(ledger) == pump.truth, "offset \(offset)")
            #expect(ledger.log.count { $0.event.kind == .setting } == 2 * blocks, "offset \(offset)")
            #expect(
                ledger.log.allSatisfy { ($0.event.kind == .setting) == ($0.opcode == nil) }, "offset \(offset)")
        }
    }

    @Test("a visit that ends inside a program leaves no block behind as an event")
    func programsAcrossVisits() {
        var full = FakeMiva()
        full.live(records: 40)
        full.appendProgram(blocks: 16)
        full.live(records: 40)
        let slots = full.truth
        for cut in 38...60 {
            var pump = FakeMiva()
            for slot in slots[..<cut] { pump.append(slot) }
            var ledger = download(pump).ledger
            for slot in slots[cut...] { pump.append(slot) }
            ledger = download(pump, ledger).ledger
            #expect(raw(ledger) == slots, "cut at \(cut)")
            #expect(ledger.log.count { $0.event.kind == .setting } == 16, "cut at \(cut)")
        }
    }

    @Test("older firmware and a calendar clock are heard from the pump itself")
    func firmwareAndClock() throws {
        var pump = FakeMiva()
        pump.firmware = "1.08"
        pump.clock = "050A1A120000"
        pump.append(FakeMiva.event(type: 3, time: UInt32(26 << 26 | 10 << 22 | 5 << 17 | 6 << 12).byteSwapped))
        let done = download(pump)
        #expect(done.said.contains(.clock(.civil(try #require(CivilDateTime("2026-10-05T18:00:00"))))))
        #expect(done.ledger.log.map(\.event.kind) == [.deliveryStopped])
        #expect(done.ledger.log.map { $0.deviceTime?.description } == ["2026-10-05T06:00:00"])
    }

    /// Two characters in each other's place: the sum is the same.
    @Test("a serial number that arrives damaged and passes its check makes no other pump", arguments: [0, 1])
    func damagedSerial(reading: Int) throws {
        let count = Mutex(0)
        let done = download(
            FakeMiva(serial: "SIM00042", records: 5),
            line: FakeLine { reply, _ in
                let current = count.withLock { count in
                    defer { count += 1 }
                    return count
                }
                if current == reading { reply.swapAt(3, 4) }
            })
        #expect(done.isFinished)
        #expect(done.said.compactMap { if case .identity(let pump) = $0 { pump.serial } else { nil } } == ["SIM00042"])
        let always = download(
            FakeMiva(serial: "SIM00042", records: 5),
            line: FakeLine(seed: 3) { reply, generator in
                if reply.starts(with: [0x02, 0x52, 0x4E]) { reply[3...10].shuffle(using: &generator) }
            })
        #expect(always.fatal?.kind == .garbled && always.ledger.count == 0)
    }

    @Test("a pump that does not know its library is read all the same; one that says no serial is not")
    func optionalQuestions() {
        var pump = FakeMiva(records: 5)
        pump.refuses = ["RL", "RM"]
        let done = download(pump)
        #expect(done.isFinished)
        #expect(raw(done.ledger) == pump.truth)
        var nameless = FakeMiva(serial: "?!", records: 5)
        #expect(download(nameless).fatal?.kind == .wrongDevice)
        nameless.refuses = ["RN"]
        #expect(download(nameless).fatal?.kind == .refused)
    }

    @Test("the echo of another index is passed over, and a lost reply is asked for again")
    func wrongEcho() {
        let pump = FakeMiva(records: 20)
        let stray = FakeMiva.frame("RE0000000A" + String(repeating: "AB", count: 16))
        let done = download(
            pump,
            line: FakeLine { reply, generator in
                switch UInt8.random(in: 0..<4, using: &generator) {
                case 0: reply = stray.contains(0x41) && !reply.contains(0x41) ? reply : []
                default: break
                }
            })
        #expect(raw(done.ledger) == pump.truth)
        let echoed = download(
            pump,
            line: FakeLine { reply, _ in
                let asked = String(decoding: reply.dropFirst().prefix(10), as: UTF8.self)
                if asked != "RE0000000A" { reply = stray + reply }
            })
        #expect(raw(echoed.ledger) == pump.truth)
    }

    @Test("a line with one wrong bit in a thousand never stores a wrong record")
    func bitErrors() {
        for seed in 1...6 as ClosedRange<UInt64> {
            let pump = FakeMiva(records: 120)
            let noisy = FakeLine(seed: seed) { reply, generator in
                for index in reply.indices {
                    for bit in 0..<8 where Int.random(in: 0..<1_000, using: &generator) == 0 {
                        reply[index] ^= 1 << bit
                    }
                }
            }
            let done = download(pump, line: noisy)
            #expect(raw(done.ledger).allSatisfy(Set(pump.truth).contains), "seed \(seed)")
            #expect(done.isFinished, "seed \(seed)")
        }
    }
}
