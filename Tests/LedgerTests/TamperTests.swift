import Foundation
import GRDB
import PumpCore
import TestSupport
import Testing

@testable import Ledger

/// A ledger's file in the hands of somebody who knows SQLite and has no key. `PUMPLEDGER_TAMPERINGS` sets how many random
/// changes are tried.
@Suite("A change to the past is found")
struct TamperTests {
    private static let tamperings =
        ProcessInfo.processInfo.environment["PUMPLEDGER_TAMPERINGS"].flatMap { Int($0) } ?? 150

    /// The file with its guards taken away, changed, and the guards put back.
    private func change(_ path: String, _ change: (Database) throws -> Void) throws {
        var configuration = Configuration()
        configuration.foreignKeysEnabled = false
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        try queue.inDatabase { db in
            try db.execute(sql: "PRAGMA ignore_check_constraints = ON")
            let guards = try Row.fetchAll(db, sql: "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
            for row in guards { try db.execute(sql: "DROP TRIGGER \(row[0] as String)") }
            try change(db)
            for row in guards { try db.execute(sql: row[1]) }
        }
        try queue.close()
    }

    private func problems(_ folder: TemporaryFolder, _ kept: KeptCheckpoint?) throws -> [String] {
        do {
            let ledger = try folder.ledger()
            defer { ledger.close() }
            return try ledger.verify(against: kept).problems
        } catch {
            // A file that does not even open is found out too.
            return ["\(error)"]
        }
    }

    /// One random change, in words.
    private func tamper(_ path: String, _ generator: inout SeededGenerator) throws -> String {
        var words = ""
        var random = generator
        try change(path) { db in
            let tables = try Schema.tables(db).filter {
                try Int.fetchOne(db, sql: "SELECT count(*) FROM \($0)") ?? 0 > 0
            }
            let table = tables[Int.random(in: 0..<tables.count, using: &random)]
            let columns = try db.columns(in: table).map(\.name)
            let column = columns[Int.random(in: 0..<columns.count, using: &random)]
            let keys = try db.primaryKey(table).columns
            let rows = try Row.fetchAll(db, sql: "SELECT * FROM \(table)")
            let row = rows[Int.random(in: 0..<rows.count, using: &random)]
            let place = keys.map { "\($0) IS ?" }.joined(separator: " AND ")
            let key = StatementArguments(keys.map { row[$0] as DatabaseValue })
            switch Int.random(in: 0..<4, using: &random) {
            case 0:
                words = "delete a row of \(table)"
                try db.execute(sql: "DELETE FROM \(table) WHERE \(place)", arguments: key)
            case 1 where rows.count > 1:
                // Two rows change places in all but their keys.
                let other = rows[Int.random(in: 0..<rows.count, using: &random)]
                let rest = columns.filter { !keys.contains($0) }
                guard other != row, !rest.isEmpty, rest.contains(where: { (row[$0] as DatabaseValue) != other[$0] })
                else {
                    fallthrough
                }
                words = "swap two rows of \(table)"
                let sets = rest.map { "\($0) = ?" }.joined(separator: ", ")
                for (from, to) in [(row, other), (other, row)] {
                    let values = rest.map { from[$0] as DatabaseValue } + keys.map { to[$0] as DatabaseValue }
                    // A unique column stands in the way of the first half; then the second half alone is a change too.
                    try? db.execute(
                        sql: "UPDATE \(table) SET \(sets) WHERE \(place)", arguments: StatementArguments(values))
                }
                guard try Row.fetchAll(db, sql: "SELECT * FROM \(table)") == rows else { return }
                fallthrough
            default:
                let old: DatabaseValue = row[column]
                let new = Self.other(than: old, &random)
                words = "\(table).\(column): \(old) becomes \(new)"
                do {
                    try db.execute(
                        sql: "UPDATE \(table) SET \(column) = ? WHERE \(place)",
                        arguments: StatementArguments([new]) + key)
                } catch {
                    // NOT NULL, UNIQUE or the type did not let it in: the row goes instead.
                    words = "delete a row of \(table)"
                    try db.execute(sql: "DELETE FROM \(table) WHERE \(place)", arguments: key)
                }
            }
        }
        generator = random
        return words
    }

    private static func other(than old: DatabaseValue, _ random: inout SeededGenerator) -> DatabaseValue {
        switch old.storage {
        case .int64(let number): return (number &+ Int64.random(in: 1...3, using: &random)).databaseValue
        case .string(let text):
            var bytes = Array(text.utf8)
            guard !bytes.isEmpty else { return "x".databaseValue }
            bytes[Int.random(in: 0..<bytes.count, using: &random)] ^= 1
            return (String(validating: bytes, as: UTF8.self) ?? text + "x").databaseValue
        case .blob(let data):
            var bytes = [UInt8](data)
            guard !bytes.isEmpty else { return Data([1]).databaseValue }
            bytes[Int.random(in: 0..<bytes.count, using: &random)] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            return Data(bytes).databaseValue
        default: return 7.databaseValue
        }
    }

    @Test("every random edit, deletion, swap and cut is found, and an untouched file never is")
    func random() throws {
        let master = try TemporaryFolder()
        let ledger = try Ledger.furnished(master)
        let note = try #require(try ledger.newestCheckpoint()).note
        ledger.close()
        let kept = try #require(KeptCheckpoint(note: Array(note.utf8)))
        var generator = SeededGenerator(seed: 20_261_123)
        for number in 0..<Self.tamperings {
            let folder = try TemporaryFolder()
            try FileManager.default.copyItem(atPath: master.ledgerPath, toPath: folder.ledgerPath)
            if number % 50 == 0 { #expect(try problems(folder, kept) == []) }
            let words = try tamper(folder.ledgerPath, &generator)
            #expect(try problems(folder, kept) != [], "change \(number): \(words)")
        }
    }

    @Test("the first bad entry is named")
    func firstBadEntry() throws {
        let folder = try TemporaryFolder()
        try Ledger.furnished(folder).close()
        try change(folder.ledgerPath) { db in
            try db.execute(sql: "UPDATE session SET link = 'elsewhere' WHERE id = 2")
            try db.execute(sql: "UPDATE audit SET user = 'nobody'")
        }
        let chain = try problems(folder, nil).filter { $0.hasPrefix("chain:") }
        #expect(chain.count == 1)
        #expect(chain.first?.contains("the beginning of session 2, is not what was put on record") == true, "\(chain)")
    }

    @Test("a restored old copy and a cut tail are found by a checkpoint that was kept, and by nothing else")
    func oldCopy() throws {
        let folder = try TemporaryFolder()
        let ledger = try Ledger.furnished(folder)
        ledger.close()
        let old = try Data(contentsOf: URL(filePath: folder.ledgerPath))
        let later = try folder.ledger()
        try later.audit(
            at: Instant(secondsSince1970: 20), by: .onPaper, action: "events", arguments: [:], outcome: "done")
        let note = try #require(try later.checkpoint(at: Instant(secondsSince1970: 21))).note
        later.close()
        let kept = try #require(KeptCheckpoint(note: Array(note.utf8)))
        #expect(try problems(folder, kept) == [])
        try old.write(to: URL(filePath: folder.ledgerPath))
        #expect(try problems(folder, nil) == [])
        #expect(try problems(folder, kept).contains { $0.contains("old copy was put in the ledger's place") })
    }

    @Test("a chain that was made anew over a changed past is found by a checkpoint that was kept, and by nothing else")
    func madeAnew() throws {
        let folder = try TemporaryFolder()
        let ledger = try Ledger.furnished(folder)
        let note = try #require(try ledger.newestCheckpoint()).note
        ledger.close()
        let kept = try #require(KeptCheckpoint(note: Array(note.utf8)))
        // Somebody with the program, the file and the key.
        try change(folder.ledgerPath) { db in
            try db.execute(sql: "UPDATE audit SET user = 'nobody'; DELETE FROM checkpoint")
            let rows = try Row.fetchAll(db, sql: "SELECT kind, a, b, c, d FROM chain ORDER BY number")
            try db.execute(sql: "DELETE FROM chain")
            for row in rows {
                let columns = (0..<5).map { row[$0] as Int }
                try Chain.append(try #require(ChainSubject(columns: columns)), db)
            }
        }
        let forged = try folder.ledger()
        try forged.checkpoint(at: Instant(secondsSince1970: 11))
        forged.close()
        #expect(try problems(folder, nil) == [])
        #expect(try problems(folder, kept).contains { $0.contains("the past was made anew") })
    }

    @Test("a ledger older than its chain is put into one, and every table with it")
    func adoption() throws {
        let folder = try TemporaryFolder()
        try Ledger.furnished(folder).close()
        try change(folder.ledgerPath) { db in
            try db.execute(sql: "DELETE FROM checkpoint; DELETE FROM chain")
            try ChainAdoption.adopt(db)
        }
        #expect(try problems(folder, nil) == [])
        try change(folder.ledgerPath) { try $0.execute(sql: "UPDATE gap SET missing = 4") }
        #expect(try problems(folder, nil).contains { $0.contains("gap 1, is not what was put on record") })
    }

    // MARK: - Checkpoints

    @Test("what is put on record is signed after a hundred entries, in time, and at the closing")
    func pace() async throws {
        let folder = try TemporaryFolder()
        let ledger = try folder.ledger()
        func entry() throws {
            try ledger.audit(
                at: Instant(secondsSince1970: 1), by: .onPaper, action: "events", arguments: [:], outcome: "done")
        }
        for _ in 0..<Ledger.Options.entriesPerCheckpoint - 1 { try entry() }
        #expect(try ledger.newestCheckpoint() == nil)
        try entry()
        #expect(try ledger.newestCheckpoint()?.number == 100)
        try entry()
        #expect(try ledger.chainLength() == (101, 1))
        ledger.close()
        let hasty = try Ledger.open(at: folder.ledgerPath, options: Ledger.Options(signsWithin: .milliseconds(20)))
        #expect(try hasty.chainLength() == (101, 0))
        try hasty.audit(
            at: Instant(secondsSince1970: 1), by: .onPaper, action: "events", arguments: [:], outcome: "done")
        for _ in 0..<500 where try hasty.chainLength().unsigned > 0 { try await Task.sleep(for: .milliseconds(10)) }
        #expect(try hasty.chainLength() == (102, 0))
        hasty.close()
    }

    @Test("a checkpoint's text comes back as it was, and no changed one is taken for it")
    func notes() throws {
        let folder = try TemporaryFolder()
        let ledger = try Ledger.furnished(folder)
        let point = try #require(try ledger.newestCheckpoint())
        let kept = try #require(KeptCheckpoint(note: Array(point.note.utf8)))
        #expect(kept.number == point.number && kept.head == point.head && kept.origin == point.origin)
        #expect(kept.at == point.at && kept.isSigned(by: point.publicKey) && point.isSigned)
        let bytes = Array(point.note.utf8)
        for index in bytes.indices {
            var changed = bytes
            changed[index] ^= 1
            // Bits of base 64 beyond the last byte mean nothing; everything else breaks the text or its signature.
            guard let other = KeptCheckpoint(note: changed), other != kept else { continue }
            #expect(!other.isSigned(by: point.publicKey), "byte \(index)")
        }
        #expect(KeptCheckpoint(note: []) == nil)
        #expect(KeptCheckpoint(note: Array("a\n1\n\nb\n".utf8)) == nil)
    }

    @Test("a key that others can read is refused, and no record is lost for it")
    func openKey() throws {
        let folder = try TemporaryFolder()
        try Ledger.furnished(folder).close()
        let key = CheckpointKey.place(besideLedger: folder.ledgerPath)
        #expect(chmod(key, 0o644) == 0)
        let ledger = try folder.ledger()
        #expect(throws: LedgerError.openKey(path: key)) { try ledger.checkpoint(at: Instant(secondsSince1970: 1)) }
        for _ in 0..<120 {
            try ledger.audit(
                at: Instant(secondsSince1970: 1), by: .onPaper, action: "events", arguments: [:], outcome: "done")
        }
        #expect(ledger.checkpointProblem?.contains("chmod 600") == true)
        #expect(try ledger.verify().chain.unsigned >= 120)
    }
}
