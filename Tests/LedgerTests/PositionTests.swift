import PumpCore
import Testing

@testable import Ledger

@Suite("Logs that go by positions")
struct PositionTests {
    private func ledger(_ downloads: Download..., positions: LogPositions) throws -> (TemporaryFolder, Ledger) {
        let folder = try TemporaryFolder()
        let ledger = try folder.ledger()
        for download in downloads { try ledger.store(download, positions: positions) }
        return (folder, ledger)
    }

    // MARK: - Ring

    @Test("a ring index that comes again with other bytes is a new record, later in the log")
    func wrap() throws {
        let ring = LogPositions.ring(size: 6)
        for order in everyOrder(of: [
            Download("abcdef", from: 0, ring: 6, at: 1), Download("efgh", from: 4, ring: 6, at: 2),
            Download("ghijkl", from: 0, ring: 6, at: 3),
        ]) {
            let (_, ledger) = try ledger(order[0], order[1], order[2], positions: ring)
            #expect(try ledger.text() == "abcdefghijkl")
        }
    }

    @Test("equal bytes at another index are another record")
    func equalBytes() throws {
        let (_, ledger) = try ledger(
            Download("aaa", from: 0, ring: 9, at: 1), Download("aaa", from: 2, ring: 9, at: 2),
            positions: .ring(size: 9))
        #expect(try ledger.text() == "aaaaa")
    }

    @Test("what was read in two parts without overlap is joined by its index")
    func backfill() throws {
        for order in everyOrder(of: [
            Download("ghi", from: 6, ring: 20, at: 1), Download("def", from: 3, ring: 20, at: 2),
            Download("abc", from: 0, ring: 20, at: 3),
        ]) {
            let (_, ledger) = try ledger(order[0], order[1], order[2], positions: .ring(size: 20))
            #expect(try ledger.text() == "abcdefghi")
        }
    }

    @Test("a ring that went round is not joined by its index, and the gap says so")
    func overwritten() throws {
        let (_, ledger) = try ledger(Download("abc", from: 0, ring: 20, at: 1), positions: .ring(size: 20))
        let session = try ledger.begin(session: .onPaper(at: 2, positions: .ring(size: 20)))
        try ledger.note(gap: LogGap(after: nil, before: nil, from: nil, to: nil, reason: .overwritten), in: session)
        let newer = LogOnPaper.records("xyz", positions: [3, 4, 5])
        _ = try ledger.append(LogBatch(records: newer), in: session)
        #expect(try ledger.text() == "abc|xyz")
        let gap = try #require(try ledger.log(of: .onPaper)?.gaps.first)
        #expect(gap.reason == .overwritten)
        // What the same session's successor reads below it belongs to the same round.
        try ledger.store(Download("uvw", from: 0, ring: 20, at: 3), positions: .ring(size: 20))
        #expect(try ledger.text() == "abc|uvwxyz")
        #expect(try ledger.known(of: .onPaper).confirmed == [0...5])
        #expect(try ledger.known(of: .onPaper).newest.map(\.devicePosition) == [0, 1, 2, 3, 4, 5])
    }

    @Test("a session is told which indexes are stored and still in the ring")
    func confirmed() throws {
        let ring = LogPositions.ring(size: 10)
        let (_, one) = try ledger(
            Download("abc", from: 0, ring: 10, at: 1), Download("ghi", from: 6, ring: 10, at: 2), positions: ring)
        #expect(try one.known(of: .onPaper).confirmed == [0...2, 6...8])
        #expect(try one.known(of: .onPaper, newest: 2).newest.map(\.raw) == [[0x68], [0x69]])
        // The ring went on: indexes 0 and 1 were written over, 2 was not.
        try one.store(Download("ijxy", from: 8, ring: 10, at: 3), positions: ring)
        #expect(try one.text() == "abc|ghijxy")
        #expect(try one.known(of: .onPaper).confirmed == [2...2, 6...9, 0...1])
    }

    @Test("an older round of the ring is not confirmed, and nothing behind an overwritten gap is")
    func olderRounds() throws {
        let ring = LogPositions.ring(size: 20)
        let (_, rounds) = try ledger(
            Download("ab", from: 5, ring: 20, at: 1), Download("cd", from: 2, ring: 20, at: 2),
            Download("e", from: 8, ring: 20, at: 3), positions: ring)
        #expect(try rounds.text() == "ab|cd|e")
        #expect(try rounds.known(of: .onPaper).confirmed == [2...3, 8...8])

        let (_, overwritten) = try ledger(Download("abc", from: 10, ring: 20, at: 1), positions: ring)
        let session = try overwritten.begin(session: .onPaper(at: 2, positions: ring))
        try overwritten.note(
            gap: LogGap(after: nil, before: nil, from: nil, to: nil, reason: .overwritten), in: session)
        _ = try overwritten.append(LogBatch(records: LogOnPaper.records("xyz", positions: [3, 4, 5])), in: session)
        #expect(try overwritten.known(of: .onPaper).confirmed == [3...5])
    }

    @Test("nothing is confirmed of a pump that nobody has read")
    func stranger() throws {
        let folder = try TemporaryFolder()
        #expect(try folder.ledger().known(of: .onPaper) == KnownRecords())
    }

    @Test("a position outside the ring is refused, and nothing of its batch is stored")
    func outside() throws {
        let (_, ledger) = try ledger(positions: .none)
        let session = try ledger.begin(session: .onPaper(at: 1, positions: .ring(size: 4)))
        for positions in [[0, 4], [0, -1], [0]] {
            let batch = LogBatch(records: LogOnPaper.records("ab", positions: positions))
            let wrong = positions.count > 1 ? positions[1] : nil
            #expect(throws: LedgerError.badPosition(session, record: 1, position: wrong)) {
                try ledger.append(batch, in: session)
            }
        }
        #expect(try ledger.text() == "")
    }

    // MARK: - Series

    @Test("numbered records stand where their number says, in whatever order they come")
    func series() throws {
        for order in everyOrder(of: [
            Download(series: [1: "a", 2: "b", 3: "c"], at: 1), Download(series: [7: "g", 6: "f"], at: 2),
            Download(series: [4: "d", 2: "b"], at: 3),
        ]) {
            let (_, ledger) = try ledger(order[0], order[1], order[2], positions: .series)
            #expect(try ledger.text() == "abcd|fg")
            let gap = try #require(try ledger.log(of: .onPaper)?.gaps.first)
            #expect(gap.reason == .missingSequence)
            #expect(gap.missing == 1)
            #expect(try ledger.known(of: .onPaper).confirmed == [1...4, 6...7])
        }
    }

    @Test("a number with new content is a new version, and the last statement holds, also when it was made before")
    func versions() throws {
        let (_, ledger) = try ledger(Download(series: [1: "a", 2: "b"], startedAt: 1), positions: .series)
        #expect(
            try ledger.store(Download(series: [1: "a", 2: "B"], startedAt: 2), positions: .series)
                == [BatchReceipt(added: 1, known: 1, reachedKnown: true, superseded: 1)])
        #expect(try ledger.text() == "ab~B")
        #expect(
            try ledger.store(Download(series: [1: "a", 2: "b"], startedAt: 3), positions: .series)
                == [BatchReceipt(added: 0, known: 2, reachedKnown: true)])
        #expect(try ledger.text() == "aB~b")
    }

    @Test("two imports in one second: the later one counts")
    func sameSecond() throws {
        let (_, ledger) = try ledger(
            Download(series: [1: "z"], startedAt: 5), Download(series: [1: "a"], startedAt: 5), positions: .series)
        #expect(try ledger.text() == "z~a")
    }

    @Test("the same line twice in a file is one record")
    func sameLineTwice() throws {
        let (_, ledger) = try ledger(positions: .series)
        #expect(
            try ledger.store(Download(series: [1: "a", 1: "a"]), positions: .series)
                == [BatchReceipt(added: 1, known: 1, reachedKnown: false)])
        #expect(try ledger.text() == "a")
    }
}
