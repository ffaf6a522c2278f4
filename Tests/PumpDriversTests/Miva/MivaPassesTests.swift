import Foundation
import PumpCore
import TestSupport
import Testing

@testable import PumpDrivers

/// Why every slot is read twice: the sum of a frame has eight bits.
@Suite("MIVA, one pass against two")
struct MivaPassesTests {
    /// A line that flips bits, and a reader that asks again until a frame passes its check.
    private struct BadLine {
        let bitErrorRate: Double
        var generator: SeededGenerator
        /// Bits until the next flip.
        private var clean: Int
        private(set) var damagedFrames = 0

        init(bitErrorRate: Double, seed: UInt64) {
            self.bitErrorRate = bitErrorRate
            generator = SeededGenerator(seed: seed)
            clean = 0
            clean = gap()
        }

        private mutating func gap() -> Int {
            let chance = Double.random(in: 1e-18..<1, using: &generator)
            return Int(log(chance) / log(1 - bitErrorRate))
        }

        private mutating func damage(_ frame: [UInt8]) -> [UInt8] {
            var frame = frame
            let bits = frame.count * 8
            var at = clean
            if at < bits { damagedFrames += 1 }
            while at < bits {
                frame[at / 8] ^= 1 << UInt8(at % 8)
                at += 1 + gap()
            }
            clean = at - bits
            return frame
        }

        /// What the driver takes for the slot; nil where no attempt brought one.
        mutating func read(_ frame: [UInt8], index: Int) -> MivaSlot? {
            for _ in 0..<MivaExchange.attempts {
                var framer = MivaFramer()
                for case .payload(let payload) in framer.feed(damage(frame)) {
                    if let slot = MivaSlot(reply: payload, index: index) { return slot }
                }
            }
            return nil
        }
    }

    private struct Outcome {
        var wrongInOnePass = 0
        var wrongInTwo = 0
        var unread = 0
        var damagedFrames = 0
    }

    private func campaign(events: Int, bitErrorRate: Double, seed: UInt64) throws -> Outcome {
        var outcome = Outcome()
        var line = BadLine(bitErrorRate: bitErrorRate, seed: seed)
        var therapy = SeededGenerator(seed: seed + 1)
        for first in stride(from: 0, to: events, by: MivaWindow.slots) {
            let numbers = first...(first + MivaWindow.slots - 1)
            let truth = try numbers.map { number in
                let kind = UInt8.random(in: 0...31, using: &therapy)
                let volume = Float.random(in: 0..<250, using: &therapy).bitPattern
                return try #require(
                    MivaSlot(FakeMiva.event(type: kind, time: UInt32(number * 60), subtype: (0, 1), first: volume)))
            }
            var window = MivaWindow(numbers)
            while let number = window.next {
                let slot = truth[number - first]
                let index = number % MivaRing.size
                let text = String(decoding: upperHex(index, digits: 8), as: UTF8.self)
                let frame = FakeMiva.frame("RE" + text + slot.bytes.hex.uppercased())
                let read = line.read(frame, index: index)
                // The first pass alone is what a reader of one pass would have stored.
                if window.readingsDone < MivaWindow.slots, let read, read != slot { outcome.wrongInOnePass += 1 }
                window.take(read)
            }
            for (slot, confirmed) in zip(truth, window.numbers.map(window.confirmed)) {
                if confirmed == nil { outcome.unread += 1 }
                if let confirmed, confirmed != slot { outcome.wrongInTwo += 1 }
            }
        }
        outcome.damagedFrames = line.damagedFrames
        return outcome
    }

    /// One bit in ten thousand is a bad line, one in five hundred is hardly one at all. A campaign of millions is run by
    /// environment.
    @Test("wrong events slip through one pass and none through two", arguments: [1e-4, 2e-3])
    func passes(bitErrorRate: Double) throws {
        let wanted = ProcessInfo.processInfo.environment["PUMPLEDGER_EVENTS"].flatMap { Int($0) }
        let events = wanted ?? 12_800
        let outcome = try campaign(events: events, bitErrorRate: bitErrorRate, seed: 4_711)
        print(
            "MIVA, \(events) events, bit error rate \(bitErrorRate): \(outcome.damagedFrames) damaged frames; wrong events: "
                + "\(outcome.wrongInOnePass) in one pass, \(outcome.wrongInTwo) in two, \(outcome.unread) left as gaps")
        #expect(outcome.damagedFrames > 0)
        #expect(outcome.wrongInTwo == 0)
        // Else this test would show nothing.
        if bitErrorRate > 1e-3 { #expect(outcome.wrongInOnePass > 0) }
    }
}
