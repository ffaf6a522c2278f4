import Foundation
import GRDB
import PumpCore
import Testing

@testable import Ledger

extension LedgerPerson {
    static let onPaper = LedgerPerson(user: "ann", uid: 1001)
}

extension NewClosing {
    /// January 1970, or other days of that year by their numbers.
    static func onPaper(
        mark: LedgerMark, days: ClosedRange<Int> = 0...30, parts: [Part]? = nil, rules: String = "rules"
    ) -> NewClosing {
        NewClosing(
            days: CivilDate(dayNumber: days.lowerBound)...CivilDate(dayNumber: days.upperBound), mark: mark,
            closedAt: Instant(secondsSince1970: 40), by: .onPaper, accepted: "why", program: "0",
            ruleBook: Array(rules.utf8),
            parts: parts ?? [
                Part(kind: "billable", content: [1, 2, 3]), Part(kind: "usage", number: 0, content: [4]),
                Part(kind: "usage", number: 1, content: []),
            ])
    }
}

@Suite("Closed periods on record")
struct ClosingStoreTests {
    @Test("what was frozen comes back as it was, part by part, also after the ledger was opened anew")
    func roundTrip() throws {
        let folder = try TemporaryFolder()
        var ledger = try folder.ledger()
        let closing = try ledger.close(.onPaper(mark: try ledger.mark()))
        ledger.close()
        ledger = try folder.ledger()
        #expect(try ledger.closing(of: closing.days) == closing)
        #expect(closing.by == .onPaper)
        #expect(closing.accepted == "why")
        #expect(closing.reopening == nil)
        #expect(try ledger.parts(of: closing, kind: "billable") == [[1, 2, 3]])
        #expect(try ledger.parts(of: closing, kind: "usage") == [[4], []])
        #expect(try ledger.parts(of: closing, kind: "else") == [])
        #expect(try ledger.ruleBook(of: closing) == Array("rules".utf8))
        #expect(try ledger.verify().problems == [])
    }

    @Test("no day is closed twice, and a reopened one can be closed again")
    func overlap() throws {
        let folder = try TemporaryFolder()
        let ledger = try folder.ledger()
        let mark = try ledger.mark()
        let first = try ledger.close(.onPaper(mark: mark))
        let refused = LedgerError.periodClosed(
            from: CivilDate(dayNumber: 0), to: CivilDate(dayNumber: 30), by: "ann", at: Instant(secondsSince1970: 40))
        for days in [0...30, 30...31, -5...0, 10...11, -5...99] {
            #expect(throws: refused, "\(days)") { try ledger.close(.onPaper(mark: mark, days: days)) }
        }
        let second = try ledger.close(.onPaper(mark: mark, days: 31...58))
        try ledger.reopen(first, at: Instant(secondsSince1970: 50), by: .onPaper, reason: "denied")
        #expect(try ledger.closing(of: first.days) == nil)
        #expect(try ledger.closings(touching: first.days.lowerBound...second.days.upperBound) == [second])
        let again = try ledger.close(.onPaper(mark: mark))
        #expect(try ledger.closings().map(\.number) == [first.number, second.number, again.number])
        #expect(try ledger.closings().map(\.reopening?.reason) == ["denied", nil, nil])
        // A closing is reopened once.
        #expect(throws: LedgerError.self) {
            try ledger.reopen(first, at: Instant(secondsSince1970: 51), by: .onPaper, reason: "again")
        }
    }

    @Test("a closing that fails in the middle leaves nothing")
    func halfDone() throws {
        let folder = try TemporaryFolder()
        let ledger = try folder.ledger()
        try ledger.write { db in
            try db.execute(
                sql: """
                    CREATE TEMP TRIGGER planted BEFORE INSERT ON main.closing_part WHEN NEW.kind = 'usage'
                    BEGIN SELECT RAISE(ABORT, 'planted'); END
                    """)
        }
        let new = NewClosing.onPaper(mark: try ledger.mark())
        #expect(throws: LedgerError.self) { try ledger.close(new) }
        #expect(try ledger.closings().isEmpty)
        for table in ["mark", "rule_book", "closing_part"] {
            #expect(try ledger.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM \(table)") } == 0, "\(table)")
        }
        try ledger.write { try $0.execute(sql: "DROP TRIGGER planted") }
        _ = try ledger.close(new)
        #expect(try ledger.verify().problems == [])
    }

    // MARK: What arrived later

    private func row(_ key: String, _ payer: String) -> RegisterEntry {
        RegisterEntry(
            table: "patients", key: key, columns: ["patient_id": key, "payer": payer], file: "patients.csv", line: 2)
    }

    @Test("nothing arrived is said without looking, and each arrival is found once by its pump or row")
    func arrivals() throws {
        let folder = try TemporaryFolder()
        let ledger = try folder.ledger()
        try ledger.store(Download("abc", at: 1))
        _ = try ledger.appendRegister([row("P1", "a")], importedAt: Instant(secondsSince1970: 2), by: "ann")
        let mark = try ledger.mark()
        #expect(try ledger.arrivals(since: mark).isEmpty)
        #expect(try ledger.mark() == mark)
        try ledger.store(Download("cde", at: 9), of: PumpIdentity(serial: "P2", driver: "paper"))
        _ = try ledger.appendRegister(
            [row("P1", "b"), row("P9", "c")], importedAt: Instant(secondsSince1970: 11), by: "ann")
        let arrivals = try ledger.arrivals(since: mark)
        #expect(arrivals.pumps == ["P2": Instant(secondsSince1970: 9)])
        #expect(arrivals.rows.map(\.entry.key) == ["P1", "P9"])
        #expect(arrivals.replaced.map(\.entry.columns["payer"]) == ["a"])
        #expect(try ledger.arrivals(since: try ledger.mark()).isEmpty)
    }

    @Test("a session that was open at the mark is an arrival when it goes on or ends, and not before")
    func openSession() throws {
        let folder = try TemporaryFolder()
        let ledger = try folder.ledger()
        let session = try ledger.begin(session: .onPaper(at: 1))
        _ = try ledger.append(LogBatch(records: LogOnPaper.records("ab")), in: session)
        let first = try ledger.mark()
        #expect(try ledger.arrivals(since: first).isEmpty)
        _ = try ledger.append(LogBatch(records: LogOnPaper.records("bc"), adjacency: .followsPrevious), in: session)
        #expect(try ledger.arrivals(since: first).pumps.keys.sorted() == ["P1"])
        let second = try ledger.mark()
        #expect(second != first)
        #expect(try ledger.arrivals(since: second).isEmpty)
        try ledger.end(session, SessionEnd(.complete, endedAt: Instant(secondsSince1970: 7)))
        #expect(try ledger.arrivals(since: second).pumps == ["P1": Instant(secondsSince1970: 7)])
        #expect(try ledger.arrivals(since: try ledger.mark()).isEmpty)
    }

    @Test("adjustments are entries in order; of two looks at the same moment one holds")
    func adjustments() throws {
        let folder = try TemporaryFolder()
        let ledger = try folder.ledger()
        let mark = try ledger.mark()
        let closing = try ledger.close(.onPaper(mark: mark))
        #expect(try ledger.state(of: closing) == ClosingState(check: nil, mark: mark, adjustments: []))
        try ledger.store(Download("abc", at: 60))
        let later = try ledger.mark()
        let now = Instant(secondsSince1970: 70)
        #expect(try ledger.append(adjustments: ["a", "b"], to: closing, after: nil, upTo: later, at: now))
        let first = try ledger.state(of: closing)
        #expect(first.adjustments == ["a", "b"])
        #expect(first.mark == later)
        #expect(try !ledger.append(adjustments: ["b"], to: closing, after: nil, upTo: later, at: now))
        #expect(try ledger.append(adjustments: ["c"], to: closing, after: first.check, upTo: later, at: now))
        #expect(try ledger.state(of: closing).adjustments == ["a", "b", "c"])
    }
}

@Suite("Ledgers of an older program")
struct MigrationTests {
    @Test("a ledger of the first step is brought forward, keeps its rows, and guards the new tables too")
    func fromStep1() throws {
        let folder = try TemporaryFolder()
        try LedgerFile.prepare(folder.ledgerPath)
        let queue = try DatabaseQueue(path: folder.ledgerPath)
        try queue.writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA journal_mode = WAL")
            try db.execute(sql: SchemaStep1.sql)
            for table in try Schema.tables(db) {
                for (name, change) in Schema.guards(of: table) {
                    try db.execute(
                        sql: """
                            CREATE TRIGGER \(name) BEFORE \(change) ON \(table)
                            BEGIN SELECT RAISE(ABORT, 'rows of \(table) are never changed'); END
                            """)
                }
            }
            try db.execute(
                sql: """
                    PRAGMA application_id = \(Schema.applicationID);
                    PRAGMA user_version = 1;
                    INSERT INTO register_import (imported_at, imported_by) VALUES (3, 'me');
                    INSERT INTO register_row (import, list, key, version, content, file, line)
                        VALUES (1, 'patients', 'P', 1, '{"payer":"x"}', 'patients.csv', 2);
                    """)
        }
        try queue.close()
        let ledger = try folder.ledger()
        #expect(try ledger.currentRegister().map(\.entry.columns) == [["payer": "x"]])
        let check = try ledger.verify()
        #expect(check.problems == [])
        #expect(check.schema == Schema.version)
        try ledger.store(Download("abc", at: 1))
        _ = try ledger.close(.onPaper(mark: try ledger.mark()))
        #expect(throws: LedgerError.self) { try ledger.write { try $0.execute(sql: "DELETE FROM closing_part") } }
        ledger.close()
        #expect(try folder.ledger().closings().count == 1)
    }
}

@Suite("Visits and the audit trail on record")
struct VisitAndAuditStoreTests {
    @Test("visits of a pump come back in their order, and a pump that was never read has none")
    func visits() throws {
        let folder = try TemporaryFolder()
        let ledger = try folder.ledger()
        try ledger.store(Download("abc", at: 1))
        // Also where the clock of the machine went back between them.
        let marks = [20, 10].map { second in
            VisitMark(
                at: Instant(secondsSince1970: second), by: .onPaper, records: second, newest: RecordKey("r:\(second)"),
                through: second == 10 ? nil : Instant(secondsSince1970: 5))
        }
        for mark in marks { try ledger.append(visit: mark, of: .onPaper) }
        #expect(try ledger.visits(of: .onPaper) == marks)
        let other = PumpIdentity(serial: "X", driver: "paper")
        #expect(try ledger.visits(of: other).isEmpty)
        #expect(throws: LedgerError.unknownPump(other)) { try ledger.append(visit: marks[0], of: other) }
    }

    @Test("an entry that was put down before its deed has no outcome until it is told")
    func audit() throws {
        let folder = try TemporaryFolder()
        let ledger = try folder.ledger()
        func put(_ second: Int, _ action: String, _ outcome: String?) throws -> Int64 {
            try ledger.audit(
                at: Instant(secondsSince1970: second), by: .onPaper, action: action,
                arguments: ["reason": "a \"b\"\n", "order": "O1"], outcome: outcome)
        }
        _ = try put(10, "billable", "done")
        let deed = try put(20, "close", nil)
        _ = try put(30, "reopen", nil)
        #expect(try ledger.auditEntries(from: nil, to: nil).map(\.outcome) == ["done", nil, nil])
        try ledger.audit(deed, outcome: "refused")
        let entries = try ledger.auditEntries(
            from: Instant(secondsSince1970: 11), to: Instant(secondsSince1970: 30))
        #expect(entries.map(\.action) == ["close", "reopen"])
        #expect(entries.map(\.outcome) == ["refused", nil])
        #expect(entries.first?.arguments == ["reason": "a \"b\"\n", "order": "O1"])
        #expect(entries.first?.by == .onPaper)
        // An outcome is told once.
        #expect(throws: LedgerError.self) { try ledger.audit(deed, outcome: "done") }
    }
}
