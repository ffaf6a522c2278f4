import PumpCore
import PumpLinks
import TestSupport
import Testing

@testable import PumpDrivers

@Suite("Paradigm under noise")
struct ParadigmNoiseTests {
    /// Where a reading claims the whole input, padding, records and the undecoded rest must cover it once.
    func covers(_ reading: LogReading, _ bytes: [UInt8]) -> Bool {
        var at = 0
        for record in reading.records {
            guard let offset = record.offset, offset >= at, bytes[at..<offset].allSatisfy({ $0 == 0 }),
                !record.raw.isEmpty, bytes[offset...].starts(with: record.raw)
            else { return false }
            at = offset + record.raw.count
        }
        let end = reading.undecoded?.offset ?? bytes.count
        guard end >= at, bytes[at..<end].allSatisfy({ $0 == 0 }) else { return false }
        return reading.undecoded.map { $0.bytes == Array(bytes[end...]) } ?? true
    }

    func mutate(_ bytes: [UInt8], _ random: inout SeededGenerator) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...6, using: &random) where !bytes.isEmpty {
            let at = Int.random(in: 0..<bytes.count, using: &random)
            switch Int.random(in: 0..<4, using: &random) {
            case 0: bytes[at] = .random(in: 0...255, using: &random)
            case 1: bytes[at] ^= 1 << UInt8.random(in: 0...7, using: &random)
            case 2: bytes.remove(at: at)
            default: bytes.insert(.random(in: 0...255, using: &random), at: at)
            }
        }
        return bytes
    }

    @Test(
        "12,000 random and mutated pages are read or stopped, never trap, and no byte is lost",
        arguments: UInt64(1)...12)
    func pages(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let opcodes = RecordTable.rows.map(\.opcode)
        for _ in 0..<1_000 {
            var bytes: [UInt8] = []
            let length = Int.random(in: 1...160, using: &random)
            if Bool.random(using: &random) {
                bytes = (0..<length).map { _ in .random(in: 0...255, using: &random) }
            } else {
                while bytes.count < length {
                    bytes.append(opcodes.randomElement(using: &random) ?? 0)
                    bytes += (0..<6).map { _ in .random(in: 0...255, using: &random) }
                }
                bytes = mutate(bytes, &random)
            }
            let model = ["515", "554", nil].randomElement(using: &random) ?? nil
            switch ParadigmDecoder(DecodingHints(model: model)).decode(bytes) {
            case .read(let reading): #expect(covers(reading, bytes), "seed \(seed): \(bytes.hex)")
            case .ambiguous(let readings):
                #expect(readings.allSatisfy { covers($0, bytes) }, "seed \(seed): \(bytes.hex)")
            case .refused: #expect(bytes.isEmpty || bytes.count > 1022, "seed \(seed): \(bytes.hex)")
            }
        }
    }

    @Test("8,000 random and mutated frames are heard or dropped, and never trap", arguments: UInt64(1)...8)
    func frames(seed: UInt64) {
        var done = Download(FakeCareLink(pages: [ParadigmSessionTests.pages[0]]))
        done.run()
        var random = SeededGenerator(seed: seed)
        var listener = ParadigmListener(DecodingHints())
        for _ in 0..<1_000 {
            guard let transfer = done.transfers.randomElement(using: &random) else { return }
            let noise = (0..<Int.random(in: 0...90, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            let bytes = Bool.random(using: &random) ? mutate(transfer.bytes, &random) : noise
            for output in listener.observe(transfer.direction, bytes) {
                if case .send = output { Issue.record("the listener sent, seed \(seed)") }
            }
            _ = PumpPacket(bytes[...])
            _ = StickCommand.split(bytes)
            _ = StickReply(bytes)
        }
        _ = listener.end()
    }

    @Test("a session that hears noise ends, and sends nothing but reads", arguments: UInt64(1)...40)
    func noisySession(seed: UInt64) {
        final class Box {
            var random: SeededGenerator
            init(_ seed: UInt64) { random = SeededGenerator(seed: seed) }
        }
        let box = Box(seed)
        var done = Download(FakeCareLink(pages: ParadigmSessionTests.pages))
        done.chunk = { Int.random(in: 1...max(1, $0), using: &box.random) }
        done.damage = { _, bytes in
            Int.random(in: 0..<12, using: &box.random) == 0 ? mutate(bytes, &box.random) : bytes
        }
        done.run()
        #expect(done.ended, "seed \(seed)")
        #expect(done.fake.complaints == [], "seed \(seed)")
        // Whatever arrived is a page of the pump, whole.
        let sound = ParadigmSessionTests.pages.map { ParadigmDecoder(DecodingHints(model: "515")).decode($0) }
        for batch in done.batches {
            #expect(
                sound.contains { if case .read(let page) = $0 { page.records == batch.records } else { false } },
                "seed \(seed)")
        }
    }
}
