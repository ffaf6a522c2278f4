import TestSupport
import Testing

@testable import ServiceSocket

@Suite("Frames")
struct FrameTests {
    @Test("a frame is its length, its kind, its payload")
    func layout() {
        let frame = Frame(.request, [0xAA, 0xBB])
        #expect(frame.header + frame.payload == [0, 0, 0, 3, 2, 0xAA, 0xBB])
        #expect(
            Hello(version: 1, largestFrame: 0x0102_0304).frame.payload == Array("pumpledger".utf8) + [0, 1, 1, 2, 3, 4])
        #expect(Refusal(.busy, "no").frame.payload == [4] + Array("no".utf8))
    }

    @Test("frames cut anywhere come out whole", arguments: UInt64(1)...20)
    func anyCut(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let frames = (0..<30).map { _ in
            Frame(
                Bool.random(using: &generator) ? .part : .request,
                (0..<Int.random(in: 0...300, using: &generator)).map { _ in UInt8.random(in: 0...255, using: &generator)
                })
        }
        let wire = frames.flatMap { $0.header + $0.payload }
        var reader = FrameReader(limit: 300)
        var seen: [Frame] = []
        var rest = wire[...]
        while !rest.isEmpty {
            let size = Int.random(in: 1...40, using: &generator)
            var piece = rest.prefix(size)
            rest = rest.dropFirst(size)
            while !piece.isEmpty {
                if let frame = try reader.take(from: &piece) { seen.append(frame) }
            }
        }
        #expect(seen == frames, "seed \(seed)")
        #expect(reader.held == 0, "seed \(seed)")
    }

    @Test("noise is refused or kept small, and never traps", arguments: UInt64(1)...50)
    func noise(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var reader = FrameReader(limit: 64)
        for _ in 0..<200 {
            var bytes = (0..<Int.random(in: 0...9, using: &generator)).map { _ in
                // Small bytes: lengths that look honest.
                Bool.random(using: &generator) ? 0 : UInt8.random(in: 0...255, using: &generator)
            }[...]
            do {
                while !bytes.isEmpty { _ = try reader.take(from: &bytes) }
            } catch {
                reader = FrameReader(limit: 64)
            }
            #expect(reader.held <= Frame.headerBytes + 64, "seed \(seed)")
        }
    }

    @Test("a length above the limit is refused at the header, before a byte of it is kept")
    func tooLong() {
        var reader = FrameReader(limit: 10)
        var bytes: ArraySlice<UInt8> = [0xFF, 0xFF, 0xFF, 0xFF, 2, 1, 2, 3]
        #expect(throws: FrameFault.tooLong(payload: 0xFFFF_FFFE, limit: 10)) { try reader.take(from: &bytes) }
        var exact = FrameReader(limit: 10)
        var fits = (Frame(.request, [UInt8](repeating: 7, count: 10)).header + [UInt8](repeating: 7, count: 10))[...]
        #expect(throws: Never.self) { try exact.take(from: &fits) != nil }
    }

    @Test("an empty frame and an unknown kind are refused")
    func malformed() {
        var reader = FrameReader(limit: 10)
        var empty: ArraySlice<UInt8> = [0, 0, 0, 0, 2]
        #expect(throws: FrameFault.noKind) { try reader.take(from: &empty) }
        var other = FrameReader(limit: 10)
        var unknown: ArraySlice<UInt8> = [0, 0, 0, 1, 99]
        #expect(throws: FrameFault.unknownKind(99)) { try other.take(from: &unknown) }
    }

    @Test("what a header promises takes no room until it comes")
    func promises() throws {
        var reader = FrameReader(limit: 64 << 20)
        var bytes: ArraySlice<UInt8> = [0x03, 0xFF, 0xFF, 0xFF, 2, 1, 2]
        #expect(try reader.take(from: &bytes) == nil)
        #expect(reader.held == Frame.headerBytes + 2)
    }
}
