import PumpCore
import Testing

@testable import Ledger

@Suite("What the ledger tells")
struct ReadingTests {
    @Test("a record comes back with every field")
    func fields() throws {
        let folder = try TemporaryFolder()
        let ledger = try folder.ledger()
        let civil = try #require(CivilDateTime("2026-10-05T06:00:00"))
        let record = RawRecord(
            raw: [0, 1, 2, 255], opcode: 0x5B, offset: 17, devicePosition: 3, deviceTime: .civil(civil),
            event: PumpEvent(.bolus) { $0.delivered = .units(thousandths: 2100) }, stableIdentity: [9, 0])
        let bare = RawRecord(raw: [], event: PumpEvent(.unknown))
        let session = try ledger.begin(
            session: SessionStart(
                pump: PumpIdentity(serial: "007", driver: "d", model: "515"), link: "file", origin: .imported,
                decoderVersion: 4, startedAt: Instant(secondsSince1970: 50)))
        _ = try ledger.append(
            LogBatch(records: [record, bare], readAt: Instant(secondsSince1970: 77)), in: session)
        let log = try #require(try ledger.log(of: PumpIdentity(serial: "007", driver: "d")))
        #expect(log.records.map(\.record) == [record, bare])
        #expect(log.pump.model == "515")
        #expect(log.records[0].session == session)
        #expect(log.records[0].readAt == Instant(secondsSince1970: 77))
        #expect(log.records[0].decoderVersion == 4)
    }

    @Test("the batch that reached what a complete session had read says so, and no other")
    func reachedKnown() throws {
        let folder = try TemporaryFolder()
        let ledger = try folder.ledger()
        // Unplugged after the newest page: older ones were never read, so meeting it must not end the next reading.
        try ledger.store(Download("xyz", at: 1), outcome: .partial)
        let receipts = try ledger.store(
            Download("xyz", "uvw", "rst", adjacency: .precedesPrevious, at: 2), outcome: .complete)
        #expect(receipts.map(\.reachedKnown) == [false, false, false])
        #expect(receipts.map(\.known) == [3, 0, 0])
        #expect(try ledger.store(Download("yzab", at: 3)).map(\.reachedKnown) == [true])
        // One equal record is no meeting: it may be another one.
        #expect(try ledger.store(Download("prq", at: 4)).map(\.reachedKnown) == [false])
    }

    @Test("the last reading moves on when nothing new was found, but not when the newest record was not reached")
    func lastReadAt() throws {
        let folder = try TemporaryFolder()
        let ledger = try folder.ledger()
        try ledger.store(Download("abc", at: 10))
        func end(at seconds: Int, _ end: SessionEnd) throws -> Instant? {
            let session = try ledger.begin(session: .onPaper(at: seconds))
            try ledger.end(session, end)
            return try ledger.log(of: .onPaper)?.lastReadAt
        }
        let late = Instant(secondsSince1970: 99)
        #expect(try end(at: 20, SessionEnd(.complete, endedAt: late)) == Instant(secondsSince1970: 20))
        #expect(try end(at: 30, SessionEnd(.failed, endedAt: late)) == Instant(secondsSince1970: 20))
        #expect(
            try end(at: 40, SessionEnd(.partial, readToNewest: true, endedAt: late)) == Instant(secondsSince1970: 40))
        #expect(
            try end(at: 50, SessionEnd(.complete, endedAt: late, readAt: Instant(secondsSince1970: 45)))
                == Instant(secondsSince1970: 45))
    }

    @Test("a record's trail names every download that saw it, and the version that replaced it")
    func trail() throws {
        let folder = try TemporaryFolder()
        let ledger = try folder.ledger()
        try ledger.store(Download("xaabC", at: 1))
        try ledger.store(Download("abC'd", at: 2))
        try ledger.store(Download("xaa", at: 3))
        let log = try #require(try ledger.log(of: .onPaper)).records
        #expect(LogOnPaper.text(log) == "xaabC~C'd")
        func readings(_ index: Int) throws -> [Int?]? {
            try ledger.record(forKey: log[index].key)?.sightings.map { $0.readAt?.secondsSince1970 }
        }
        #expect(try readings(0) == [1, 3])
        #expect(try readings(1) == [1, 3])
        #expect(try readings(2) == [1, 2, 3])
        #expect(try readings(4) == [1])
        #expect(try readings(5) == [2])
        let old = try #require(try ledger.record(forKey: log[4].key))
        #expect(old.record == log[4])
        #expect(old.supersededBy == log[5].key)
        #expect(try ledger.record(forKey: log[5].key)?.supersededBy == nil)
        #expect(try ledger.record(forKey: RecordKey(log[0].key.text + ".1")) == nil)
        #expect(try ledger.record(forKey: RecordKey("nonsense")) == nil)
    }

    @Test("a record belongs to the session that read it first, whichever came into the ledger first")
    func firstReading() throws {
        let folder = try TemporaryFolder()
        let ledger = try folder.ledger()
        try ledger.store(Download("abcd", at: 20))
        try ledger.store(Download("abc", at: 10))
        try ledger.store(Download("abcd"))
        let records = try #require(try ledger.log(of: .onPaper)).records
        #expect(records.map { $0.readAt?.secondsSince1970 } == [10, 10, 10, 20])
    }

    @Test("a short reading that could lie in two places is taken for the later one, and adds nothing")
    func ambiguousReading() throws {
        for order in everyOrder(of: [Download("pabqabr", at: 20), Download("ab", at: 10)]) {
            let folder = try TemporaryFolder()
            let ledger = try folder.ledger()
            for download in order { try ledger.store(download) }
            let records = try #require(try ledger.log(of: .onPaper)).records
            #expect(LogOnPaper.text(records) == "pabqabr")
            #expect(records.map { $0.readAt?.secondsSince1970 } == [20, 20, 20, 20, 10, 10, 20])
        }
    }

    @Test("of versions without a time, the one seen beside newer records is the newer one")
    func versionsWithoutTime() throws {
        for letter in "ABCDEFGH" {
            for order in everyOrder(of: [Download("x\(letter)'yz"), Download("x\(letter)")]) {
                let folder = try TemporaryFolder()
                let ledger = try folder.ledger()
                for download in order { try ledger.store(download) }
                #expect(try ledger.text() == "x\(letter)~\(letter)'yz")
            }
        }
    }

    @Test("pumps are told with their counts, their last session and the latest clock reading")
    func summaries() throws {
        let folder = try TemporaryFolder()
        let ledger = try folder.ledger()
        #expect(try ledger.pumps().isEmpty)
        try ledger.store(Download("abc", at: 1))
        let session = try ledger.begin(session: .onPaper(at: 5, link: "serial:/dev/ttyUSB0"))
        try ledger.note(
            identity: PumpIdentity(serial: "P1", driver: "paper", model: "722", firmware: "2.4"), in: session)
        let clock = ClockReading(
            session: session, device: .counter(seconds: 400), host: Instant(secondsSince1970: 5))
        try ledger.note(clock: clock)
        _ = try ledger.append(LogBatch(records: LogOnPaper.records("xyz")), in: session)
        let pump = try #require(try ledger.pumps().first)
        #expect(pump.pump == PumpIdentity(serial: "P1", driver: "paper", model: "722", firmware: "2.4"))
        #expect(pump.recordCount == 6)
        #expect(pump.stretchCount == 2)
        #expect(pump.gaps.count == 1)
        #expect(pump.first?.record.raw == [0x61])
        #expect(pump.last?.record.raw == [0x7A])
        #expect(pump.last?.stretch == 1)
        #expect(pump.sessionCount == 2)
        #expect(pump.lastSession?.id == session)
        #expect(pump.lastSession?.start.link == "serial:/dev/ttyUSB0")
        #expect(pump.lastSession?.end == nil)
        #expect(pump.lastSession?.recordsSeen == 3)
        #expect(pump.clock == clock)
        #expect(try ledger.log(of: .onPaper)?.clocks == [clock])
    }

    @Test("a session is told as it began and ended")
    func sessionDetail() throws {
        let folder = try TemporaryFolder()
        let ledger = try folder.ledger()
        let start = SessionStart.onPaper(at: 5, positions: .ring(size: 12), origin: .replay)
        let id = try ledger.begin(session: start)
        let end = SessionEnd(
            .failed, readToNewest: true, endedAt: Instant(secondsSince1970: 9),
            readAt: Instant(secondsSince1970: 8), detail: "unplugged")
        try ledger.end(id, end)
        let detail = try #require(try ledger.session(id))
        #expect(detail.start == start)
        #expect(detail.end == end)
        #expect(try ledger.session(SessionID("nobody")) == nil)
        #expect(id.text.wholeMatch(of: /[0-9a-hjkmnp-tv-z]{16}/) != nil)
    }
}
