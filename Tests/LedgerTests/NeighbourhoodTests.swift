import PumpCore
import Testing

@testable import Ledger

@Suite("What a driver says of neighbours and holes")
struct NeighbourhoodTests {
    private func merged(_ downloads: Download..., positions: LogPositions = .none) throws -> (
        text: String, log: PumpLog
    ) {
        let folder = try TemporaryFolder()
        let ledger = try folder.ledger()
        for download in downloads { try ledger.store(download, positions: positions) }
        let log = try #require(try ledger.log(of: .onPaper))
        #expect(try ledger.verify().problems == [])
        return (LogOnPaper.text(log.records), log)
    }

    @Test("pages read newest first stand in the log's order")
    func descending() throws {
        #expect(try merged(Download("ghi", "def", "abc", adjacency: .precedesPrevious)).text == "abcdefghi")
    }

    @Test("pages read oldest first stand in the log's order")
    func ascending() throws {
        #expect(try merged(Download("abc", "def", "ghi", adjacency: .followsPrevious)).text == "abcdefghi")
    }

    @Test("pages of which nothing is said do not stand side by side")
    func unknown() throws {
        #expect(try merged(Download("abc", "def", at: 1)).log.gaps.map(\.reason) == [.unread])
    }

    @Test("twins on both sides of a page's edge stay two")
    func twinsAtTheEdge() throws {
        #expect(try merged(Download("bcd", "aab", adjacency: .precedesPrevious)).text == "aabbcd")
        #expect(try merged(Download("aab", "bcd", adjacency: .followsPrevious)).text == "aabbcd")
        #expect(try merged(Download("b", "b", adjacency: .precedesPrevious)).text == "bb")
    }

    @Test("a page that moved on while it was read is not read twice")
    func pageMoved() throws {
        // The newest page was full before the older one was asked for: it came again, with what had been written since.
        #expect(try merged(Download("def", "defgh", "abc", adjacency: .precedesPrevious)).text == "abcdefgh")
        #expect(try merged(Download("d", "defgh", "abc", adjacency: .precedesPrevious)).text == "abcdefgh")
        #expect(try merged(Download("efg", "bcdef", adjacency: .precedesPrevious)).text == "bcdefg")
    }

    @Test("undecoded bytes part their page from the one behind it, and the order stays")
    func undecodedBetween() throws {
        var download = Download("xyz", "abc", "mno", adjacency: .precedesPrevious)
        download.parts[1].isCutShort = true
        let (text, log) = try merged(download)
        #expect(text == "mnoabc|xyz")
        #expect(log.gaps.map(\.reason) == [.undecoded])
        #expect(log.gaps.first?.after == log.records[5].key)
        #expect(log.gaps.first?.before == log.records[6].key)
    }

    @Test("what a driver states of the order counts, whatever the letters")
    func statedOrder() throws {
        for (newer, older) in [("xyz", "abc"), ("abc", "xyz"), ("pqr", "stu"), ("stu", "pqr")] {
            var descending = Download(newer, older, adjacency: .precedesPrevious)
            descending.parts[1].isCutShort = true
            #expect(try merged(descending).text == "\(older)|\(newer)")
            var ascending = Download(older, newer, adjacency: .followsPrevious)
            ascending.parts[0].isCutShort = true
            #expect(try merged(ascending).text == "\(older)|\(newer)")
        }
    }

    @Test("of two reasons for one hole the graver one is told")
    func graverReason() throws {
        for reasons in everyOrder(of: [LogGap.Reason.unread, .failedCheck]) {
            let folder = try TemporaryFolder()
            let ledger = try folder.ledger()
            let session = try ledger.begin(session: .onPaper(at: 1))
            _ = try ledger.append(LogBatch(records: LogOnPaper.records("ghi")), in: session)
            for reason in reasons {
                try ledger.note(
                    gap: LogGap(after: nil, before: nil, from: nil, to: nil, reason: reason), in: session)
            }
            _ = try ledger.append(LogBatch(records: LogOnPaper.records("abc")), in: session)
            #expect(try ledger.log(of: .onPaper)?.gaps.map(\.reason) == [.failedCheck])
        }
    }

    @Test("undecoded bytes of the newest page are a hole at the end, until a reading steps over them")
    func undecodedAtTheEnd() throws {
        var download = Download("abc", at: 1)
        download.parts[0].isCutShort = true
        let (_, log) = try merged(download)
        #expect(log.gaps.map(\.reason) == [.undecoded])
        #expect(log.gaps.first?.after == log.records.last?.key)
        #expect(log.gaps.first?.before == nil)
        #expect(try merged(download, Download("abcd", at: 2)).log.gaps == [])
    }

    @Test("a page without any readable record parts its neighbours")
    func emptyPage() throws {
        var download = Download("ghi", "", "abc", adjacency: .precedesPrevious, at: 1)
        download.parts[1].isCutShort = true
        let (text, log) = try merged(download)
        #expect(text.split(separator: "|").sorted() == ["abc", "ghi"])
        #expect(log.gaps.map(\.reason) == [.undecoded])
    }

    @Test("a page that failed its check is a gap with that reason, until another reading has it")
    func failedCheck() throws {
        let folder = try TemporaryFolder()
        let ledger = try folder.ledger()
        let session = try ledger.begin(session: .onPaper(at: 10))
        _ = try ledger.append(LogBatch(records: LogOnPaper.records("ghi")), in: session)
        try ledger.note(
            gap: LogGap(after: nil, before: nil, from: nil, to: nil, reason: .failedCheck, detail: "page 1"),
            in: session)
        _ = try ledger.append(LogBatch(records: LogOnPaper.records("abc")), in: session)
        try ledger.end(session, SessionEnd(.partial, endedAt: Instant(secondsSince1970: 20)))
        let gaps = try #require(try ledger.log(of: .onPaper)).gaps
        #expect(gaps.map(\.reason) == [.failedCheck])
        #expect(gaps.first?.detail == "page 1")
        #expect(gaps.first?.after != nil && gaps.first?.before != nil)
        try ledger.store(Download("ghi", "def", "abc", adjacency: .precedesPrevious, at: 30))
        #expect(try ledger.log(of: .onPaper)?.gaps == [])
    }

    @Test("a gap of a session that stored nothing is told until a later session was complete")
    func homelessGap() throws {
        let folder = try TemporaryFolder()
        let ledger = try folder.ledger()
        let session = try ledger.begin(session: .onPaper(at: 10))
        try ledger.note(gap: LogGap(after: nil, before: nil, from: nil, to: nil, reason: .failedCheck), in: session)
        try ledger.end(session, SessionEnd(.failed, endedAt: Instant(secondsSince1970: 11)))
        #expect(try ledger.log(of: .onPaper)?.gaps.map(\.reason) == [.failedCheck])
        try ledger.store(Download("abc", at: 20), outcome: .partial)
        #expect(try ledger.log(of: .onPaper)?.gaps.map(\.reason) == [.failedCheck])
        try ledger.store(Download("abc", at: 30))
        #expect(try ledger.log(of: .onPaper)?.gaps == [])
    }

    @Test("downloads that tell one stretch in two ways are both kept, and the gap between them says so")
    func disagreement() throws {
        let (text, log) = try merged(Download("pqrst", at: 1), Download("pqxst", at: 2))
        #expect(text == "pqrst|pqxst")
        #expect(log.gaps.first?.detail == "4 records behind it also stand before it: the downloads disagree")
        #expect(try merged(Download("abca", at: 1), Download("axy", at: 2)).log.gaps.first?.detail == nil)
    }

    @Test("stretches stand in the order of the device's clock, whoever was read first")
    func orderByClock() throws {
        func download(_ text: String, hours: [Int], at readAt: Int?) -> Download {
            var records = LogOnPaper.records(text)
            for index in records.indices { records[index].deviceTime = .counter(seconds: hours[index] * 3600) }
            return Download(records: records, at: readAt)
        }
        let old = download("abc", hours: [1, 2, 3], at: 900)
        let new = download("xyz", hours: [7, 8, 9], at: 100)
        #expect(try merged(new, old).text == "abc|xyz")
        #expect(try merged(old, new).text == "abc|xyz")
        let gap = try #require(try merged(old, new).log.gaps.first)
        #expect(gap.from == .counter(seconds: 3 * 3600))
        #expect(gap.to == .counter(seconds: 7 * 3600))
        // Where the clock went back, the one read first stands first.
        let reset = download("pqr", hours: [2, 3, 4], at: 1000)
        #expect(try merged(reset, old).text == "abc|pqr")
    }
}

extension SessionStart {
    static func onPaper(
        at seconds: Int, positions: LogPositions = .none, origin: Origin = .live, link: String = "paper"
    ) -> SessionStart {
        SessionStart(
            pump: .onPaper, link: link, origin: origin, positions: positions, decoderVersion: 1,
            startedAt: Instant(secondsSince1970: seconds), readAt: Instant(secondsSince1970: seconds))
    }
}
