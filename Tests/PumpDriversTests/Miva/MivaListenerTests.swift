import PumpCore
import TestSupport
import Testing

@testable import PumpDrivers

@Suite("MIVA recordings")
struct MivaListenerTests {
    /// A recording of somebody who reads every event once, newest first, as the maker's reader does.
    private func record(_ pump: FakeMiva, changesIt: Bool = false) -> [(Direction, [UInt8])] {
        var pump = pump
        var lines: [(Direction, [UInt8])] = []
        let count = pump.truth.count
        let indexes = (0..<count).reversed().map { (pump.tail + $0) % FakeMiva.ringSize }
        let events = indexes.map { "RE" + String(decoding: upperHex($0, digits: 8), as: UTF8.self) }
        for question in ["RN", "RS", "RI", "RC"] + events {
            let frame = FakeMiva.frame(question)
            lines.append((.hostToDevice, frame))
            lines.append((.deviceToHost, pump.receive(frame)))
        }
        return lines
    }

    private func listen(_ lines: [(Direction, [UInt8])]) -> [SessionOutput] {
        var listener = MivaListener(DecodingHints())
        var said: [SessionOutput] = []
        for (direction, bytes) in lines { said += listener.observe(direction, bytes) }
        return said + listener.end()
    }

    private func records(_ said: [SessionOutput]) -> [RawRecord] {
        said.flatMap { output -> [RawRecord] in
            if case .batch(let batch) = output { batch.records } else { [] }
        }
    }

    @Test("a recorded download gives identity, clock and every event in log order")
    func whole() {
        let pump = FakeMiva(first: FakeMiva.ringSize - 100, records: 700)
        let said = listen(record(pump))
        #expect(
            said.first == .identity(PumpIdentity(serial: "SIM00001", driver: "miva", model: "MIVA", firmware: "2.04.1"))
        )
        #expect(said.contains(.clock(.counter(seconds: pump.now + 60))))
        #expect(records(said).map(\.raw) == pump.truth)
        #expect(said.last == .finished)
        let batches = said.compactMap { if case .batch(let batch) = $0 { batch } else { nil } }
        #expect(batches.dropFirst().allSatisfy { $0.adjacency == .followsPrevious })
    }

    @Test("a slot that was read as two different things is a gap")
    func disagreement() {
        let pump = FakeMiva(records: 20)
        var lines = record(pump)
        lines.append((.deviceToHost, FakeMiva.frame("RE00000005" + String(repeating: "0C", count: 16))))
        let said = listen(lines)
        #expect(records(said).count == 19)
        #expect(said.contains { if case .gap(let gap) = $0 { gap.reason == .failedCheck } else { false } })
    }

    @Test("a recording without the serial belongs to nobody")
    func nameless() {
        let said = listen(Array(record(FakeMiva(records: 3)).dropFirst(2)))
        #expect(records(said).isEmpty)
        #expect(said.contains { if case .fault(let fault) = $0 { fault.isFatal } else { false } })
    }

    @Test("a listener never sends, whatever it hears")
    func silent() {
        for seed in 1...40 as ClosedRange<UInt64> {
            var generator = SeededGenerator(seed: seed)
            var lines = record(FakeMiva(records: 12))
            for index in lines.indices {
                for byte in lines[index].1.indices where UInt8.random(in: 0..<60, using: &generator) == 0 {
                    lines[index].1[byte] = UInt8.random(in: .min ... .max, using: &generator)
                }
            }
            for output in listen(lines) {
                if case .send = output { Issue.record("seed \(seed): it sent") }
                if case .deadline = output { Issue.record("seed \(seed): it set a deadline") }
            }
        }
    }
}
