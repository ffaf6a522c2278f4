import Foundation
import GRDB
import PumpCore
import Testing

@testable import Ledger

@Suite("Rows are added and never changed")
struct AppendOnlyTests {
    @Test("no table lets a row be updated, deleted or replaced")
    func guarded() throws {
        let folder = try TemporaryFolder()
        let ledger = try Ledger.furnished(folder)
        let tables = try ledger.read { try Schema.tables($0) }
        #expect(tables.count == 27)
        for table in tables {
            let column = try #require(try ledger.read { try $0.columns(in: table).first?.name })
            let changes = [
                "UPDATE \(table) SET \(column) = \(column)", "DELETE FROM \(table)",
                "INSERT OR REPLACE INTO \(table) SELECT * FROM \(table)",
            ]
            for change in changes {
                let before = try ledger.read { try Row.fetchAll($0, sql: "SELECT * FROM \(table)") }
                #expect(!before.isEmpty, "\(table) is empty, so nothing is tried")
                #expect(throws: LedgerError.self, "\(change)") { try ledger.write { try $0.execute(sql: change) } }
                #expect(try ledger.read { try Row.fetchAll($0, sql: "SELECT * FROM \(table)") } == before)
            }
        }
    }

    @Test("a batch that fails in the middle leaves nothing, and the session goes on")
    func halfDone() throws {
        let folder = try TemporaryFolder()
        let ledger = try folder.ledger()
        let session = try ledger.begin(session: .onPaper(at: 1))
        _ = try ledger.append(LogBatch(records: LogOnPaper.records("ab")), in: session)
        try ledger.write { db in
            try db.execute(
                sql: """
                    CREATE TEMP TRIGGER planted BEFORE INSERT ON main.record WHEN NEW.raw = x'64'
                    BEGIN SELECT RAISE(ABORT, 'planted'); END
                    """)
        }
        let batch = LogBatch(records: LogOnPaper.records("bcdef"), adjacency: .followsPrevious)
        #expect(throws: LedgerError.self) { try ledger.append(batch, in: session) }
        #expect(try ledger.text() == "ab")
        #expect(try ledger.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM record") } == 2)
        #expect(try ledger.verify().problems == [])
        try ledger.write { try $0.execute(sql: "DROP TRIGGER planted") }
        #expect(try ledger.append(batch, in: session).added == 4)
        #expect(try ledger.text() == "abbcdef")
    }

    @Test("a full disk leaves nothing half done, and can be repeated when there is space")
    func diskFull() throws {
        let folder = try TemporaryFolder()
        let ledger = try folder.ledger()
        let session = try ledger.begin(session: .onPaper(at: 1))
        let records = (0..<500).map { RawRecord(raw: Array("record \($0)".utf8), event: PumpEvent(.bolus)) }
        try ledger.write { db in
            let pages = try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0
            try db.execute(sql: "PRAGMA max_page_count = \(pages + 2)")
        }
        #expect(throws: LedgerError.diskFull(path: ledger.path)) {
            try ledger.append(LogBatch(records: records), in: session)
        }
        #expect(try ledger.log(of: .onPaper)?.records == [])
        try ledger.write { try $0.execute(sql: "PRAGMA max_page_count = 100000") }
        #expect(try ledger.append(LogBatch(records: records), in: session).added == 500)
    }

    @Test("after a disk error nothing more is written until the ledger is opened anew")
    func stopped() throws {
        let folder = try TemporaryFolder()
        let ledger = try folder.ledger()
        try ledger.store(Download("ab", at: 1))
        #expect(throws: LedgerError.stopped(path: ledger.path, reason: "fsync")) {
            try ledger.write { _ in throw DatabaseError(resultCode: .SQLITE_IOERR_FSYNC, message: "fsync") }
        }
        #expect(throws: LedgerError.stopped(path: ledger.path, reason: "fsync")) { try ledger.store(Download("c")) }
        ledger.close()
        #expect(try folder.ledger().text() == "ab")
    }

    @Test("an ended session takes nothing more, and an unknown one never did")
    func sessions() throws {
        let folder = try TemporaryFolder()
        let ledger = try folder.ledger()
        let session = try ledger.begin(session: .onPaper(at: 1))
        try ledger.end(session, SessionEnd(.partial, endedAt: Instant(secondsSince1970: 2)))
        #expect(throws: LedgerError.endedSession(session)) { try ledger.append(LogBatch(records: []), in: session) }
        let unknown = SessionID("nobody")
        #expect(throws: LedgerError.unknownSession(unknown)) { try ledger.append(LogBatch(records: []), in: unknown) }
        let other = PumpIdentity(serial: "P2", driver: "paper")
        let again = try ledger.begin(session: .onPaper(at: 3))
        #expect(throws: LedgerError.otherPump(again, expected: .onPaper, found: other)) {
            try ledger.note(identity: other, in: again)
        }
    }

    // MARK: - Verify

    @Test("an untouched ledger is sound")
    func sound() throws {
        let folder = try TemporaryFolder()
        let check = try Ledger.furnished(folder).verify()
        #expect(check.problems == [])
        #expect(check.recordCount == 4)
        #expect(check.sessionCount == 3)
        #expect(check.schema == Schema.version)
    }

    @Test(
        "verify finds what was done behind the ledger's back",
        arguments: [
            ("UPDATE record SET raw = x'FF' WHERE id & 15 = 2", "does not hold the bytes"),
            ("UPDATE record SET position = 7 WHERE id & 15 = 2", "does not hold the bytes"),
            ("UPDATE record SET kind = 'dreamt' WHERE id & 15 = 2", "decoded event cannot be read"),
            ("DELETE FROM run", "records were read and 0 are on record"),
            ("UPDATE run SET last = last - 1", "3 records were read and 2 are on record"),
            ("DELETE FROM record WHERE id & 15 = 2", "is missing"),
            ("DELETE FROM pump", "refers to a row of pump"),
            ("UPDATE register_row SET content = '{\"payer\"'", "register: a row of patients"),
            ("UPDATE closing_part SET content = x'00' WHERE id = 1", "does not hold what was frozen"),
            ("DELETE FROM closing_part WHERE id = 2", "does not hold what was frozen"),
            ("UPDATE rule_book SET content = x'00'", "are not those that their digest was made of"),
            ("DROP TRIGGER record_is_not_updated", "record_is_not_updated is missing"),
            ("UPDATE audit SET user = 'nobody'", "audit entry 1, is not what was put on record"),
            ("DELETE FROM audit_outcome", "the outcome of audit entry 1, is not what was put on record"),
            ("INSERT INTO audit_outcome SELECT id + 1, 'x' FROM audit", "refers to a row of audit"),
            ("UPDATE disowning SET reason = 'none'", "disowning 1, is not what was put on record"),
            ("UPDATE chain SET head = zeroblob(32) WHERE number = 5", "chain: entry 5"),
            ("DELETE FROM chain WHERE number = 5", "chain: entry 5 is missing"),
            ("UPDATE checkpoint SET at = at + 1", "its signature does not fit"),
            (
                "INSERT INTO visit SELECT id + 1, pump, 9, visited_by, uid, 3, NULL, NULL FROM visit",
                "table visit has 2 rows"
            ),
        ])
    func tampered(change: String, found: String) throws {
        let folder = try TemporaryFolder()
        try Ledger.furnished(folder).close()
        var configuration = Configuration()
        configuration.foreignKeysEnabled = false
        let queue = try DatabaseQueue(path: folder.ledgerPath, configuration: configuration)
        try queue.inDatabase { db in
            let guards = try Row.fetchAll(db, sql: "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
            if !change.hasPrefix("DROP") {
                for row in guards { try db.execute(sql: "DROP TRIGGER \(row[0] as String)") }
            }
            try db.execute(sql: change)
            if !change.hasPrefix("DROP") { for row in guards { try db.execute(sql: row[1]) } }
        }
        try queue.close()
        let problems = try folder.ledger().verify().problems
        #expect(problems.contains { $0.contains(found) }, "\(problems)")
    }
}
