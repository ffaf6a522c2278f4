import PumpCore
import Supplies
import TestSupport
import Testing

@Suite("Frozen bytes")
struct FrozenBytesTests {
    @Test("numbers, texts and times of every size come back")
    func roundTrip() throws {
        let numbers = [0, 1, -1, 63, 64, -64, -65, 1 << 20, -(1 << 40), Int.max, Int.min]
        var writer = FrozenWriter()
        for number in numbers { writer.put(number) }
        for number in [nil, 7] as [Int?] { writer.put(number) }
        for text in ["", "a", "ü💊\u{0}\n"] { writer.put(text) }
        writer.put([] as [String])
        writer.put(["x", ""])
        for text in ["same", "other", "same"] { writer.putShared(text) }
        for value in [["a"], [], ["a"]] { try writer.putShared(value: value) }
        var reader = try FrozenReader(writer.bytes)
        for number in numbers { #expect(try reader.int() == number) }
        #expect(try reader.optionalInt() == nil)
        #expect(try reader.optionalInt() == 7)
        for text in ["", "a", "ü💊\u{0}\n"] { #expect(try reader.text() == text) }
        #expect(try reader.list() == [])
        #expect(try reader.list() == ["x", ""])
        for text in ["same", "other", "same"] { #expect(try reader.sharedText() == text) }
        for value in [["a"], [], ["a"]] { #expect(try reader.sharedValue() == value) }
        #expect(throws: FrozenReader.Failure.cutShort) { try reader.int() }
    }

    @Test("other bytes are an error and never a crash, and nothing is made for a length that cannot be")
    func hostile() throws {
        #expect(throws: FrozenReader.Failure.unknownForm(7)) { try FrozenReader([14]) }
        var random = SeededGenerator(seed: 0xF0_2E)
        var refused = 0
        for _ in 0..<5_000 {
            let length = Int.random(in: 0...40, using: &random)
            let bytes =
                [2]
                + (0..<length).map { _ in
                    Bool.random(using: &random)
                        ? UInt8.random(in: 0...3, using: &random) : UInt8.random(in: 0...255, using: &random)
                }
            func attempt(_ read: (inout FrozenReader) throws -> Void) {
                do {
                    var reader = try FrozenReader(bytes)
                    try read(&reader)
                } catch { refused += 1 }
            }
            attempt { _ = try $0.billableLines() }
            attempt { _ = try $0.containers() }
            attempt { _ = try $0.reconcileLines() }
            attempt { _ = try $0.list() }
        }
        #expect(refused > 5_000, "seed \(random.seed)")
    }
}
