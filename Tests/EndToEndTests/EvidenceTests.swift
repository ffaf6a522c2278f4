import Foundation
import TestSupport
import Testing

/// What holds the ledger itself to account, through the program: backups, checkpoints, disowned downloads.
@Suite("The ledger held to account")
struct EvidenceTests {
    private func month(_ workplace: Workplace) throws {
        var month = TherapyMonth()
        month.order = [
            "mode": "intermittent", "starts_at": "2026-09-01T00:00", "ends_at": "2026-09-30",
            "dose_times": "06:00;18:00", "container": "bag",
        ]
        month.deliveries = [("A4222", "2026-09-01", 60)]
        month.event("2026-09-01T00:00", "power-on")
        for number in 1...30 {
            let day = "2026-09-" + (number < 10 ? "0" : "") + String(number)
            for hour in ["06", "18"] {
                month.doseWithOwnContainer(
                    at: "\(day)T\(hour):00", end: "\(day)T\(hour):59", container: "B\(number)-\(hour)")
            }
        }
        month.event("2026-10-01T05:00", "note")
        try month.write(to: workplace)
        #expect(try workplace.pumpledger("import", "register", workplace.path("register")).exitCode == 0)
        #expect(
            try workplace.pumpledger(
                "import", "events", "--now", "2026-10-02T12:00:00Z", workplace.path("events.csv")
            ).exitCode == 0)
    }

    private static let reports = [
        ["billable", "--json", "--period", "2026-09"], ["usage", "--json", "--period", "2026-09"],
        ["reconcile", "--json", "--period", "2026-09"], ["scrub", "--json", "--period", "2026-09"],
        ["billable", "--period", "2026-09"], ["events", "--json"], ["pumps", "--json"],
    ]

    private func reports(_ ledger: String) throws -> [String] {
        try Self.reports.map {
            let outcome = try Program().run(["--ledger", ledger, "--now", "2026-10-03T12:00:00Z"] + $0)
            #expect(outcome.exitCode == 0, "\(outcome.err)")
            return outcome.out
        }
    }

    @Test("the drill: a backup restored elsewhere prints every report byte for byte")
    func drill() throws {
        let workplace = try Workplace()
        try month(workplace)
        let before = try reports(workplace.ledger)
        #expect(before[0].contains("\"supported\""))
        let backup = try workplace.pumpledger("backup", workplace.path("copy.db"))
        #expect(backup.exitCode == 0, "\(backup.err)")
        #expect(backup.out.contains("every entry of it checked"))
        #expect(try workplace.pumpledger("backup", workplace.path("copy.db")).exitCode == 3)
        let elsewhere = workplace.path("elsewhere/ledger.db")
        let restored = try Program().run(["--ledger", elsewhere, "restore", workplace.path("copy.db")])
        #expect(restored.exitCode == 0, "\(restored.err)")
        #expect(try reports(elsewhere) == before)
        // The ledger has gone on since: the backup does not hold all that it holds.
        let older = try workplace.pumpledger("restore", workplace.path("copy.db"))
        #expect(older.exitCode == 6)
        #expect(older.err.contains("the copy is older") && older.err.contains("--accept REASON"))
        #expect(try reports(workplace.ledger) == before)
        #expect(try workplace.pumpledger("restore", workplace.path("copy.db"), "--accept", "").exitCode == 2)
        let forced = try workplace.pumpledger("restore", workplace.path("copy.db"), "--accept", "the disk failed")
        #expect(forced.exitCode == 0)
        #expect(forced.out.contains("OVERRULED: the copy is older"))
        #expect(try workplace.pumpledger("audit").out.contains("the disk failed"))
    }

    @Test("a checkpoint that was kept shows an old copy put in the ledger's place: exit code 6")
    func checkpoint() throws {
        let workplace = try Workplace()
        try month(workplace)
        let old = try Data(contentsOf: URL(filePath: workplace.ledger))
        let note = try workplace.pumpledger("checkpoint")
        #expect(note.exitCode == 0)
        #expect(note.out.hasPrefix("pumpledger/") && note.out.contains("\n— pumpledger/"))
        let kept = try workplace.write(note.out, to: "kept.checkpoint")
        let sound = try workplace.pumpledger("verify", "--against", kept)
        #expect(sound.exitCode == 0, "\(sound.out)")
        #expect(sound.out.contains("held against the checkpoint that you kept: entry "))
        try old.write(to: URL(filePath: workplace.ledger))
        #expect(try workplace.pumpledger("verify").exitCode == 0)
        let found = try workplace.pumpledger("verify", "--against", kept)
        #expect(found.exitCode == 6)
        #expect(found.out.contains("old copy was put in the ledger's place"))
        let nothing = try workplace.pumpledger("verify", "--against", workplace.write("hello\n", to: "no.checkpoint"))
        #expect(nothing.exitCode == 3)
        #expect(nothing.err.contains("no.checkpoint"))
    }

    @Test("a disowned download counts no more, on record, and a closed month shows the difference")
    func disown() throws {
        let workplace = try Workplace()
        try month(workplace)
        func used() throws -> Int? {
            let billable = try workplace.pumpledger("billable", "--json", "--period", "2026-09").json()
            return (billable["lines"] as? [[String: Any]])?.first { $0["hcpcs"] as? String == "A4222" }?["used"] as? Int
        }
        #expect(try used() == 60)
        let closed = try workplace.pumpledger("close", "--period", "2026-09", "--now", "2026-10-03T12:00:00Z")
        #expect(closed.exitCode == 0, "\(closed.out)")
        let event = try #require(try workplace.pumpledger("events", "--json").jsonLines().first)
        let session = try #require(event["session"] as? String)
        #expect(try workplace.pumpledger("disown", session).exitCode == 2)
        #expect(try workplace.pumpledger("disown", session, "--reason", " ").exitCode == 2)
        #expect(try workplace.pumpledger("disown", "nobody", "--reason", "forged").exitCode == 3)
        let done = try workplace.pumpledger("disown", session, "--reason", "forged pump")
        #expect(done.exitCode == 0, "\(done.err)")
        #expect(done.out.contains("that only this download saw count no more"))
        #expect(try workplace.pumpledger("events", "--json").out.contains(session) == false)
        let month = try workplace.pumpledger("billable", "--json", "--period", "2026-09").json()
        let adjustment = try #require(
            (month["adjustments"] as? [[String: Any]])?.first { $0["hcpcs"] as? String == "A4222" })
        #expect(adjustment["used"] as? Int == -60)
        #expect(try used() == 60)
        let audit = try workplace.pumpledger("audit").out
        #expect(audit.contains("disown") && audit.contains("forged pump"))
        #expect(try workplace.pumpledger("verify").exitCode == 0)
    }
}
