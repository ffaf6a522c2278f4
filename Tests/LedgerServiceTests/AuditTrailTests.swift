import Foundation
import GRDB
import Ledger
import PumpCore
import TestSupport
import Testing

@testable import LedgerService

@Suite("Who did and read what")
struct AuditTrailTests {
    private func month() throws -> OneMonth {
        let month = try OneMonth()
        month.doses(1...30)
        month.end()
        try month.importRegister()
        try month.importEvents()
        return month
    }

    @Test("every request is on record with its caller, its arguments and its outcome, reading the record too")
    func everything() throws {
        let month = try month()
        let ben = Caller(user: "ben", uid: 1002, roles: Set(Role.allCases))
        _ = try month.answer(.billable(period: "2026-09"), by: ben)
        _ = try month.answer(.usage(period: "2026-09", order: "O1"), by: ben)
        _ = try month.answer(.explain(id: "l:2026-09-01..2026-09-30:O1:A4222"), by: ben)
        _ = try month.answer(.events(EventsFilter(pump: "M1", from: CivilDate("2026-09-02"))), by: ben)
        _ = try month.answer(.pumps, by: ben)
        _ = try month.answer(.close(period: "2026-09", accept: nil), by: ben)
        _ = try? month.answer(.close(period: "2026-09", accept: "again"), by: ben)
        _ = try? month.answer(.explain(id: "nonsense"), by: ben)
        _ = try month.answer(.reopen(period: "2026-09", reason: "denied"), by: ben)
        _ = try month.audit()
        let lines = try month.audit()
        let expected: [(String, [String: String], String)] = [
            ("import register", ["dryRun": "no"], "done"), ("import events", ["dryRun": "no"], "done"),
            ("billable", ["period": "2026-09"], "done"), ("usage", ["order": "O1", "period": "2026-09"], "done"),
            ("explain", ["id": "l:2026-09-01..2026-09-30:O1:A4222"], "done"),
            ("events", ["from": "2026-09-02", "pump": "M1"], "done"), ("pumps", [:], "done"),
            ("close", ["period": "2026-09"], "done"),
            ("close", ["accept": "again", "period": "2026-09"], "refused: period closed"),
            ("explain", ["id": "nonsense"], "refused: wrong usage"),
            ("reopen", ["period": "2026-09", "reason": "denied"], "done"), ("audit", [:], "done"),
        ]
        #expect(lines.map(\.action) == expected.map(\.0))
        #expect(lines.map(\.arguments) == expected.map(\.1))
        #expect(lines.map(\.outcome) == expected.map(\.2))
        #expect(lines.map(\.user) == ["ann", "ann"] + Array(repeating: "ben", count: 9) + ["ann"])
        #expect(lines.first?.uid == 1001)
        #expect(lines.map(\.number) == Array(1...lines.count))
    }

    @Test("nothing of a file gets into the record, neither its name nor what is in it")
    func noContent() throws {
        let month = try OneMonth()
        let marker = "JaneDoe1949"
        let bytes = Array("patient_id,home_zone,payer,name\n\(marker),America/New_York,medicare-dme,\(marker)\n".utf8)
        _ = try month.answer(
            .importRegister(RegisterFiles(files: [InputFile(name: "patients.csv", bytes: bytes)], dryRun: false)))
        _ = try? month.answer(
            .importRegister(
                RegisterFiles(files: [InputFile(name: "\(marker).csv", bytes: bytes)], dryRun: false)))
        _ = try? month.answer(
            .importLog(
                LogFilesToImport(
                    driver: "miva", serial: "S1", files: [InputFile(name: "\(marker).bin", bytes: [1, 2, 3])])))
        let lines = try month.audit()
        #expect(lines.count == 3)
        #expect(lines.last?.arguments == ["driver": "miva", "serial": "S1"])
        #expect(!"\(lines)".contains(marker))
    }

    @Test("where the record cannot be written there is no answer, and nothing is stored before it is on record")
    func failingTrail() throws {
        let month = try month()
        let queue = try DatabaseQueue(path: month.path)
        try queue.inDatabase { db in
            try db.execute(
                sql: """
                    CREATE TRIGGER planted BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'planted'); END
                    """)
        }
        try queue.close()
        for request in [Request.billable(period: "2026-09"), .close(period: "2026-09", accept: nil)] {
            do {
                _ = try month.answer(request)
                Issue.record("answered off the record: \(request)")
            } catch let error as ServiceError {
                #expect(error.kind != .usage)
                #expect("\(error)".contains("planted"), "\(error)")
            }
        }
        let ledger = try Ledger.open(at: month.path)
        defer { ledger.close() }
        #expect(try ledger.closings().isEmpty)
    }

    @Test("a deed that was cut short is on record without an outcome")
    func cutShort() throws {
        let month = try month()
        let ledger = try Ledger.open(at: month.path)
        // What a crash leaves is what stands before the deed.
        try ledger.audit(
            at: OneMonth.closedAt, by: LedgerPerson(user: "ann", uid: 1001), action: "close",
            arguments: ["period": "2026-09"], outcome: nil)
        ledger.close()
        #expect(try month.audit().map(\.outcome) == ["done", "done", nil])
    }

    @Test("a ledger that is not there keeps no record and is not made")
    func scratch() throws {
        let month = try OneMonth()
        _ = try month.answer(.pumps)
        _ = try month.answer(.billable(period: "2026-09"))
        #expect(!FileManager.default.fileExists(atPath: month.path))
        for request in [
            Request.audit(from: nil, to: nil), .visit(pump: nil, dryRun: false), .close(period: "2026-09", accept: nil),
            .reopen(period: "2026-09", reason: "x"),
        ] {
            #expect(throws: ServiceError.self) { try month.answer(request) }
            #expect(!FileManager.default.fileExists(atPath: month.path))
        }
    }

    @Test("every request has a command's name, and days are those of the zone of printing")
    func words() throws {
        #expect(
            RequestInWords(.importLog(LogFilesToImport(driver: "d", serial: "s", files: []))).words.action
                == "import log")
        #expect(RequestInWords(.pumps).words.action == "pumps")
        #expect(RequestInWords(.visit(pump: "M1", dryRun: true)).words.arguments == ["pump": "M1", "dryRun": "yes"])
        let count = DeskEntry(
            .count(ShelfQuantity(order: "O1", quantity: 7, day: nil)), by: "Jane Doe", undo: false, dryRun: true)
        #expect(RequestInWords(.enter(count)).words.action == "count")
        #expect(
            RequestInWords(.enter(count)).words.arguments
                == ["order": "O1", "quantity": "7", "undo": "no", "dryRun": "yes"])
        let month = try month()
        let ledger = try Ledger.open(at: month.path)
        for text in ["2020-01-01T04:59:59Z", "2020-01-01T05:00:00Z", "2020-01-02T04:59:59Z", "2020-01-02T05:00:00Z"] {
            try ledger.audit(
                at: OneMonth.at(text), by: LedgerPerson(user: "x", uid: 1), action: text, arguments: [:],
                outcome: "done")
        }
        let found = try AuditQuery(ledger: ledger).entries(
            from: CivilDate("2020-01-01"), to: CivilDate("2020-01-01"), OneMonth.context())
        ledger.close()
        #expect(found.lines.map(\.action) == ["2020-01-01T05:00:00Z", "2020-01-02T04:59:59Z"])
    }
}
