import Testing

@testable import PumpSimulator

@Suite("The line between pump and host")
struct WireTests {
    private static let millisecond = 1_000_000
    private static let byteTime = 1_000_000_000 / 960

    private static func bytes(_ events: [Wire.Event]) -> [UInt8] {
        events.flatMap { if case .bytes(let bytes) = $0 { bytes } else { [UInt8]() } }
    }

    @Test("without pace and faults everything goes at once")
    func plain() {
        var wire = Wire(faults: [], baud: nil, seed: 1)
        #expect(wire.nextAt == nil)
        wire.heard(10, at: 0)
        wire.send([1, 2, 3], at: 5)
        #expect(wire.nextAt == 5)
        #expect(wire.take(at: 5) == [.bytes([1, 2, 3])])
        #expect(wire.nextAt == nil)
    }

    @Test("an event's request and reply take 62.5 ms at 9600 baud, and no byte comes early")
    func pace() {
        var wire = Wire(faults: [], baud: Wire.usualBaud, seed: 1)
        wire.heard(14, at: 0)
        wire.send([UInt8](repeating: 7, count: 46), at: 0)
        var came: [Int] = []
        for now in stride(from: 0, through: 70 * Self.millisecond, by: Self.millisecond / 10) {
            came += Self.bytes(wire.take(at: now)).map { _ in now }
        }
        #expect(came.count == 46)
        #expect(abs((came.first ?? 0) - 15 * Self.byteTime) < Self.millisecond / 5)
        #expect(abs((came.last ?? 0) - 62 * Self.millisecond - Self.millisecond / 2) < Self.millisecond / 5)
    }

    @Test("a paced wire asks to be woken for the last byte, not later")
    func lastByte() {
        var wire = Wire(faults: [], baud: Wire.usualBaud, seed: 1)
        wire.send([1, 2, 3], at: 1000)
        let last = 1000 + 3 * Self.byteTime
        #expect(wire.nextAt == last)
        #expect(Self.bytes(wire.take(at: last - 1)).count == 2)
        #expect(Self.bytes(wire.take(at: last)) == [3])
    }

    @Test("the cable comes out after exactly so many bytes", arguments: [0, 1, 5, 6])
    func drop(after: Int) {
        var wire = Wire(faults: [.drop(afterBytes: after, backAfterSeconds: 2)], baud: nil, seed: 1)
        wire.send([1, 2, 3, 4, 5], at: 0)
        let events = wire.take(at: 0)
        #expect(Self.bytes(events).count == min(after, 5))
        #expect(events.contains(.unplug(backAfterSeconds: 2)) == (after <= 5))
        if after == 6 {
            wire.send([6, 7], at: 1)
            #expect(wire.take(at: 1) == [.bytes([6]), .unplug(backAfterSeconds: 2)])
        }
        // It fires once.
        wire.clear()
        wire.send([9], at: 2)
        #expect(wire.take(at: 2) == [.bytes([9])])
    }

    @Test("a stall holds the rest back for its seconds")
    func stall() {
        var wire = Wire(faults: [.stall(afterBytes: 2, seconds: 3)], baud: nil, seed: 1)
        wire.send([1, 2, 3], at: 0)
        #expect(wire.take(at: 0) == [.bytes([1, 2]), .note(.stalled(seconds: 3))])
        #expect(wire.take(at: 2_999_999_999) == [])
        #expect(wire.take(at: 3_000_000_000) == [.bytes([3])])
    }

    @Test("bits flip at the rate that was asked for, and the same seed flips the same ones")
    func corrupt() {
        func flips(_ seed: UInt64) -> ([UInt8], Int) {
            var wire = Wire(faults: [.corrupt(bitErrorRate: 0.01)], baud: nil, seed: seed)
            wire.send([UInt8](repeating: 0, count: 10_000), at: 0)
            let bytes = Self.bytes(wire.take(at: 0))
            return (bytes, bytes.reduce(0) { $0 + $1.nonzeroBitCount })
        }
        let (bytes, bits) = flips(5)
        #expect((600...1000).contains(bits))
        #expect(flips(5).0 == bytes)
        #expect(flips(6).0 != bytes)
    }

    @Test("a duplicated reply comes twice")
    func duplicate() {
        var wire = Wire(faults: [.duplicate(probability: 1)], baud: nil, seed: 1)
        wire.send([1, 2], at: 0)
        #expect(wire.take(at: 0) == [.note(.duplicated(bytes: 2)), .bytes([1, 2, 1, 2])])
    }

    @Test("a babbling pump sends at its rate, asked or not")
    func babble() {
        var wire = Wire(faults: [.babble(bytesPerSecond: 960)], baud: nil, seed: 1)
        #expect(wire.take(at: 0) == [.note(.babbling)])
        var count = 0
        for step in 1...100 { count += Self.bytes(wire.take(at: step * 10 * Self.millisecond)).count }
        // What does not make up a whole byte yet waits for the next look.
        #expect((940...960).contains(count))
    }
}
