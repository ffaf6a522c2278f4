import PumpCore
import Testing

@testable import Ledger

@Suite("A disowned download bears on nothing")
struct DisowningTests {
    private let later = Instant(secondsSince1970: 50)

    @Test("its own records go out of the log, what others saw too stays, and it is read again")
    func disowned() throws {
        let folder = try TemporaryFolder()
        let ledger = try folder.ledger()
        try ledger.store(Download("abc", at: 1))
        try ledger.store(Download("bcxy", at: 2))
        let forged = try #require(try ledger.sessions(of: .onPaper).first?.id)
        #expect(try ledger.text() == "abcxy")
        let disowned = try ledger.disown(forged, at: later, by: .onPaper, reason: "another pump with its serial")
        #expect(disowned.recordsOfItsOwn == 2)
        #expect(try ledger.text() == "abc")
        #expect(try ledger.known(of: .onPaper).newest.count == 3)
        #expect(try ledger.disowning(of: forged)?.reason == "another pump with its serial")
        #expect(try ledger.verify().problems == [])
        try ledger.store(Download("bcxyz", at: 3))
        #expect(try ledger.text() == "abcxyz")
        #expect(try ledger.verify().problems == [])
    }

    @Test("the log is the same as if it had never been read", arguments: ["abc", "cde", "xyz", "abcdefgh", "ef"])
    func neverRead(log: String) throws {
        let (with, without) = (try TemporaryFolder(), try TemporaryFolder())
        let (one, other) = (try with.ledger(), try without.ledger())
        try one.store(Download(log, at: 1))
        let forged = try #require(try one.sessions(of: .onPaper).first?.id)
        for ledger in [one, other] {
            try ledger.store(Download("abcd", at: 2))
            try ledger.store(Download("cdefg", at: 3))
        }
        _ = try one.disown(forged, at: later, by: .onPaper, reason: "forged")
        #expect(try one.text() == other.text())
        #expect(try one.log(of: .onPaper)?.gaps == other.log(of: .onPaper)?.gaps)
        #expect(try one.log(of: .onPaper)?.lastReadAt == other.log(of: .onPaper)?.lastReadAt)
    }

    @Test("it changes what a closed period is compared with")
    func arrivals() throws {
        let folder = try TemporaryFolder()
        let ledger = try folder.ledger()
        try ledger.store(Download("abc", at: 1))
        let mark = try ledger.mark()
        #expect(try ledger.arrivals(since: mark).isEmpty)
        let session = try #require(try ledger.sessions(of: .onPaper).first?.id)
        _ = try ledger.disown(session, at: later, by: .onPaper, reason: "forged")
        #expect(try ledger.arrivals(since: mark).pumps == [PumpIdentity.onPaper.serial: later])
    }

    @Test("twice is refused, and so is a session that is not there")
    func refused() throws {
        let folder = try TemporaryFolder()
        let ledger = try folder.ledger()
        try ledger.store(Download("abc", at: 1))
        let session = try #require(try ledger.sessions(of: .onPaper).first?.id)
        _ = try ledger.disown(session, at: later, by: .onPaper, reason: "forged")
        #expect(throws: LedgerError.disownedAlready(session, by: LedgerPerson.onPaper.user, at: later)) {
            try ledger.disown(session, at: later, by: .onPaper, reason: "again")
        }
        #expect(throws: LedgerError.unknownSession(SessionID("nobody"))) {
            try ledger.disown(SessionID("nobody"), at: later, by: .onPaper, reason: "forged")
        }
    }
}
