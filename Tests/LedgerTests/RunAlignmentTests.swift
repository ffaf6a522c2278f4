import PumpCore
import Testing

@testable import Ledger

@Suite("Downloads laid over each other")
struct RunAlignmentTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var downloads: [Download]
        var merged: String

        init(_ name: String, _ downloads: Download..., merged: String) {
            self.name = name
            self.downloads = downloads
            self.merged = merged
        }

        var testDescription: String { name }
    }

    static let cases = [
        Case("a later run goes on", Download("abcdef", at: 1), Download("defgh", at: 2), merged: "abcdefgh"),
        Case("nothing in common", Download("abc", at: 1), Download("xyz", at: 2), merged: "abc|xyz"),
        Case(
            "a run between two closes the gap", Download("abc", at: 1), Download("ghi", at: 2),
            Download("bcdefgh", at: 3), merged: "abcdefghi"),
        Case(
            "one run joins four", Download("ab", at: 1), Download("de", at: 2), Download("gh", at: 3),
            Download("jk", at: 4), Download("abcdefghijk", at: 5), merged: "abcdefghijk"),
        Case("a run inside another", Download("abcdef", at: 1), Download("cd", at: 2), merged: "abcdef"),
        Case("the same run twice", Download("abcdef", at: 1), Download("abcdef", at: 2), merged: "abcdef"),
        Case("twins stay two", Download("xaay", at: 1), Download("aayz", at: 2), merged: "xaayz"),
        Case("three equal ones and two", Download("xaaay", at: 1), Download("aaay", at: 2), merged: "xaaay"),
        Case(
            "one record in common, and it is the only one", Download("abc", at: 1), Download("cde", at: 2),
            merged: "abcde"),
        Case("one record in common, but which", Download("abca", at: 1), Download("axy", at: 2), merged: "abca|axy"),
        Case(
            "equal records far apart: the whole meeting decides", Download("pqrxpqry", at: 1), Download("qryz", at: 2),
            merged: "pqrxpqryz"),
        Case(
            "equal records far apart: seen whole, two short runs are not one", Download("pqr", at: 1),
            Download("qrs", at: 2), Download("pqrxqrs", at: 3), merged: "pqrxqrs"),
        Case(
            "what disagrees is not laid over each other", Download("pqrst", at: 1), Download("pqxst", at: 2),
            merged: "pqrst|pqxst"),
        Case(
            "updated in place", Download("abC", at: 1), Download("bC'd", at: 2), merged: "abC~C'd"),
        Case(
            "updated twice, the middle version read last", Download("abC", at: 1), Download("abC''de", at: 3),
            Download("abC'd", at: 2), merged: "abC~C'~C''de"),
        Case(
            "an old version read again is no news", Download("abC", at: 1), Download("bC'd", at: 2),
            Download("abC", at: 3), merged: "abC~C'd"),
        Case(
            "versions without a time: the one beside newer records is newer", Download("abC'de"), Download("abC"),
            merged: "abC~C'de"),
        Case(
            "an old file imported again later, with a late time", Download("abC'de", at: 2), Download("abC", at: 1),
            Download("abC", at: 9), merged: "abC~C'de"),
    ]

    @Test("runs merge to one log, whichever arrives first", arguments: cases)
    func merge(example: Case) throws {
        for order in everyOrder(of: Array(example.downloads.enumerated())) {
            let folder = try TemporaryFolder()
            let ledger = try folder.ledger()
            for (_, download) in order { try ledger.store(download) }
            #expect(try ledger.text() == example.merged, "in the order \(order.map(\.offset))")
        }
    }

    @Test("reading the same again adds nothing and is on record as a reading")
    func again() throws {
        let folder = try TemporaryFolder()
        let ledger = try folder.ledger()
        let first = try ledger.store(Download("aabbCaa", at: 10))
        #expect(first == [BatchReceipt(added: 7, known: 0, reachedKnown: false)])
        let second = try ledger.store(Download("aabbCaa", at: 20))
        #expect(second == [BatchReceipt(added: 0, known: 7, reachedKnown: true)])
        let log = try #require(try ledger.log(of: .onPaper))
        #expect(LogOnPaper.text(log.records) == "aabbCaa")
        #expect(log.lastReadAt == Instant(secondsSince1970: 20))
        #expect(log.records.allSatisfy { $0.readAt == Instant(secondsSince1970: 10) })
        #expect(try ledger.sessions(of: .onPaper).count == 2)
    }

    @Test("equal records have keys that differ by their ordinal, and keys keep when older records are found")
    func keys() throws {
        let folder = try TemporaryFolder()
        let ledger = try folder.ledger()
        try ledger.store(Download("xaay", at: 1))
        let before = try #require(try ledger.log(of: .onPaper)).records
        #expect(before[1].key.text + ".1" == before[2].key.text)
        #expect(before[0].key.text.wholeMatch(of: /r:[0-9a-f]{20}/) != nil)
        try ledger.store(Download("uvwxa", at: 2))
        let after = try #require(try ledger.log(of: .onPaper)).records
        #expect(after.suffix(4).map(\.key) == before.map(\.key))
        #expect(after.map(\.position) == Array(0..<7))
    }

    @Test("a receipt counts what an update in place replaces")
    func superseded() throws {
        let folder = try TemporaryFolder()
        let ledger = try folder.ledger()
        try ledger.store(Download("abC", at: 1))
        #expect(
            try ledger.store(Download("abC'd", at: 2))
                == [BatchReceipt(added: 2, known: 2, reachedKnown: true, superseded: 1)])
    }

    @Test("a gap shows between stretches and vanishes when a run closes it")
    func gaps() throws {
        let folder = try TemporaryFolder()
        let ledger = try folder.ledger()
        try ledger.store(Download("abc", at: 1))
        try ledger.store(Download("ghi", at: 2))
        let open = try #require(try ledger.log(of: .onPaper))
        #expect(open.gaps.count == 1)
        #expect(open.gaps.first?.reason == .unread)
        #expect(open.gaps.first?.after == open.records[2].key)
        #expect(open.gaps.first?.before == open.records[3].key)
        try ledger.store(Download("bcdefgh", at: 3))
        #expect(try ledger.log(of: .onPaper)?.gaps == [])
    }

    @Test("two pumps with equal records have two logs")
    func twoPumps() throws {
        let folder = try TemporaryFolder()
        let ledger = try folder.ledger()
        let other = PumpIdentity(serial: "P2", driver: "paper")
        try ledger.store(Download("abc", at: 1))
        try ledger.store(Download("bcd", at: 2), of: other)
        try ledger.store(Download("cde", at: 3))
        #expect(try ledger.text() == "abcde")
        #expect(try ledger.text(of: other) == "bcd")
        #expect(try ledger.pumps().map(\.pump.serial) == ["P1", "P2"])
    }
}
