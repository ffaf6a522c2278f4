import PumpCore
import TestSupport
import Testing

@testable import PumpDrivers

@Suite("MIVA frames")
struct MivaFrameTests {
    @Test("a frame is found in any pieces and between any garbage")
    func pieces() {
        let payload = Array("RI0000000000000010".utf8)
        let stream: [UInt8] =
            [0xFF, 0x03, 0x41] + MivaFrame.bytes(payload) + [0x0D, 0x0A, 0x03] + MivaFrame.bytes(payload)
        for cut in 0...stream.count {
            var framer = MivaFramer()
            let pieces = framer.feed(stream[..<cut]) + framer.feed(stream[cut...])
            #expect(pieces == [.payload(payload), .payload(payload)], "cut at \(cut)")
            #expect(!framer.isInside)
        }
    }

    @Test("a frame with one wrong bit is never the frame that was sent")
    func oneBit() {
        let payload = Array("RE000000100123456789ABCDEF0123456789ABCDEF".utf8)
        let frame = MivaFrame.bytes(payload)
        for index in frame.indices {
            for bit in 0..<8 {
                var damaged = frame
                damaged[index] ^= 1 << bit
                var framer = MivaFramer()
                #expect(framer.feed(damaged).contains(.payload(payload)) == false, "byte \(index), bit \(bit)")
            }
        }
    }

    @Test("lower-case digits are no digits: a flipped bit makes them")
    func lowerCase() {
        #expect(upperHexValue("0A".utf8) == 10)
        #expect(upperHexValue("0a".utf8) == nil)
        #expect(upperHexValue("".utf8) == nil)
        #expect(upperHexValue("123456789".utf8) == nil)
    }

    @Test("a frame that never ends is given up, and the next one is read")
    func endless() {
        var framer = MivaFramer()
        #expect(framer.feed([0x02] + [UInt8](repeating: 0x41, count: 600)) == [.damaged])
        #expect(framer.feed(MivaFrame.bytes(Array("RC".utf8))) == [.payload(Array("RC".utf8))])
    }

    @Test("no command of the list changes a pump")
    func allowList() {
        let codes = MivaCommand.allowed.map(\.code)
        #expect(codes.allSatisfy { !$0.hasPrefix("W") && !$0.hasPrefix("K") && $0 != "S9" })
        #expect(Set(codes).count == codes.count)
    }
}

@Suite("MIVA ring")
struct MivaRingTests {
    @Test("head and tail are inclusive, and a tail above the head has gone round")
    func counts() throws {
        #expect(try #require(MivaRing(tailPosition: 0, headPosition: 0)).count == 1)
        #expect(try #require(MivaRing(tailPosition: 0, headPosition: 43_263)).count == 43_264)
        #expect(try #require(MivaRing(tailPosition: 11, headPosition: 10)).count == 43_264)
        #expect(try #require(MivaRing(tailPosition: 43_260, headPosition: 3)).count == 8)
        #expect(MivaRing(tailPosition: 43_264, headPosition: 0) == nil)
        #expect(MivaRing(tailPosition: 0, headPosition: -1) == nil)
    }

    @Test("running numbers stand at their positions across the ring's end")
    func numbers() throws {
        let ring = try #require(MivaRing(tailPosition: 43_260, headPosition: 3))
        #expect(ring.numbers.map(MivaRing.position(of:)) == [43_260, 43_261, 43_262, 43_263, 0, 1, 2, 3])
        #expect(MivaRing.number(at: 43_263, notAbove: ring.head) == ring.head - 4)
        #expect(MivaRing.number(at: 4, notAbove: ring.head) == ring.head - 43_263)
    }

    @Test("a later look moves head and tail on, never back")
    func moves() throws {
        var ring = try #require(MivaRing(tailPosition: 100, headPosition: 99))
        let before = ring
        ring.move(to: try #require(MivaRing(tailPosition: 103, headPosition: 102)))
        #expect(ring.head == before.head + 3)
        #expect(ring.tail == before.tail + 3)
        ring.move(to: try #require(MivaRing(tailPosition: 103, headPosition: 102)))
        #expect(ring.head == before.head + 3)
    }

    @Test("a reply with an index outside the ring is none")
    func replies() {
        #expect(MivaRing(reply: Array("RI000000000000A8FF".utf8))?.count == 43_264)
        #expect(MivaRing(reply: Array("RI000000000000A900".utf8)) == nil)
        #expect(MivaRing(reply: Array("RI0000000000A8FF".utf8)) == nil)
    }
}

@Suite("MIVA reading plan")
struct MivaPlanTests {
    private func record(_ position: Int) -> RawRecord {
        RawRecord(raw: [UInt8(position & 0xFF)], devicePosition: position, event: PumpEvent(.note))
    }

    private func wanted(_ ring: MivaRing, _ known: KnownLog) -> [ClosedRange<Int>] {
        MivaPlan(ring: ring, known: known).stretches.map {
            MivaRing.position(of: $0.wanted.lowerBound)...MivaRing.position(of: $0.wanted.upperBound)
        }
    }

    @Test("nothing known: the whole ring")
    func nothing() throws {
        let ring = try #require(MivaRing(tailPosition: 5, headPosition: 99))
        #expect(wanted(ring, KnownLog()) == [5...99])
    }

    @Test("newest first, then the holes that earlier visits left")
    func holes() throws {
        let ring = try #require(MivaRing(tailPosition: 0, headPosition: 999))
        let known = KnownLog(confirmed: [100...199, 500...899], newest: (890...899).map(record))
        #expect(wanted(ring, known) == [900...999, 200...499, 0...99])
    }

    @Test("what a later run wrote over an earlier one is a hole where nobody read it")
    func overwrittenInPart() throws {
        // Everything was stored up to position 100 of the second round; then the head went on to 5,100, and only
        // 4,900 to 5,100 were read before the cable came out.
        let ring = try #require(MivaRing(tailPosition: 5_201, headPosition: 5_200))
        let known = KnownLog(
            confirmed: [101...43_263, 0...100, 4_900...5_100], newest: (5_090...5_100).map(record))
        #expect(wanted(ring, known) == [5_101...5_200, 101...4_899])
    }

    @Test("ranges sorted by position are turned to where the log ends")
    func sorted() throws {
        let ring = try #require(MivaRing(tailPosition: 201, headPosition: 110))
        let known = KnownLog(confirmed: [0...100, 5_000...43_263], newest: (91...100).map(record))
        let plan = MivaPlan(ring: ring, known: known).stretches.map(\.wanted)
        #expect(plan.map(\.count) == [10, 5_000 - 201])
    }

    @Test("the part of a hole that the pump overwrote meanwhile is counted")
    func lost() throws {
        let ring = try #require(MivaRing(tailPosition: 300, headPosition: 999))
        let known = KnownLog(confirmed: [100...199, 500...999], newest: (990...999).map(record))
        let plan = MivaPlan(ring: ring, known: known)
        #expect(plan.stretches.map(\.lost) == [0, 100])
        #expect(plan.stretches.last?.wanted.count == 200)
    }

    @Test("records that the ring cannot hold any more mean that it went round")
    func gone() throws {
        let ring = try #require(MivaRing(tailPosition: 300, headPosition: 999))
        let plan = MivaPlan(ring: ring, known: KnownLog(confirmed: [0...99], newest: (90...99).map(record)))
        #expect(plan.isOverwritten)
        #expect(plan.stretches.map(\.wanted) == [ring.numbers])
    }
}
