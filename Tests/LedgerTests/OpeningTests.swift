import Foundation
import GRDB
import PumpCore
import Testing

@testable import Ledger

@Suite("Opening a ledger")
struct OpeningTests {
    private func mode(_ path: String) throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        return try #require(attributes[.posixPermissions] as? Int)
    }

    private func error(_ body: () throws -> Void) -> LedgerError? {
        do {
            try body()
            return nil
        } catch { return error as? LedgerError }
    }

    @Test("a commit is on the disk before it is acknowledged: WAL and synchronous=FULL, read back")
    func durable() throws {
        let folder = try TemporaryFolder()
        let ledger = try folder.ledger()
        let settings = try ledger.read { db in
            (
                try String.fetchOne(db, sql: "PRAGMA journal_mode"), try Int.fetchOne(db, sql: "PRAGMA synchronous"),
                try Int.fetchOne(db, sql: "PRAGMA foreign_keys"), try Int.fetchOne(db, sql: "PRAGMA mmap_size"),
                try Int.fetchOne(db, sql: "PRAGMA cell_size_check"), try Int.fetchOne(db, sql: "PRAGMA trusted_schema")
            )
        }
        #expect(settings == ("wal", 2, 1, 0, 1, 0))
    }

    @Test(
        "a setting that could lose a record is refused", arguments: ["synchronous = NORMAL", "journal_mode = DELETE"])
    func notDurable(setting: String) throws {
        let folder = try TemporaryFolder()
        let refused = error {
            _ = try Ledger.open(at: folder.ledgerPath, options: Ledger.Options()) { db in
                try db.execute(sql: "PRAGMA \(setting)")
            }
        }
        guard case .notDurable(_, let name, _, _) = refused else {
            Issue.record("opened with \(setting): \(String(describing: refused))")
            return
        }
        #expect(setting.hasPrefix(name))
        // Refusing gives the lock back.
        _ = try folder.ledger()
    }

    @Test("only the owner can read the file, its log and its folders")
    func permissions() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/made/for/it/ledger.db"
        let ledger = try Ledger.open(at: path)
        try ledger.store(Download("abc"))
        for name in ["", "-wal", "-shm", ".lock"] { #expect(try mode(path + name) == 0o600, "\(name)") }
        for made in ["/made", "/made/for", "/made/for/it"] { #expect(try mode(folder.path + made) == 0o700) }
    }

    @Test("a ledger that others could read is closed to them")
    func tightened() throws {
        let folder = try TemporaryFolder()
        try folder.ledger().close()
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: folder.ledgerPath)
        _ = try folder.ledger()
        #expect(try mode(folder.ledgerPath) == 0o600)
    }

    @Test("there is one owner, and the second one is told who")
    func secondOpener() throws {
        let folder = try TemporaryFolder()
        let first = try folder.ledger()
        let path = folder.ledgerPath
        #expect(throws: LedgerError.inUse(path: path, holder: getpid())) { try folder.ledger() }
        first.close()
        let second = try folder.ledger()
        #expect(throws: LedgerError.closed(path: path)) { try first.pumps() }
        #expect(try second.pumps().isEmpty)
    }

    @Test("a link, a hard link, a folder in its place are refused")
    func unsafeFiles() throws {
        let folder = try TemporaryFolder()
        let real = folder.path + "/real.db"
        try Ledger.open(at: real).close()
        let files = FileManager.default
        let link = folder.path + "/link.db"
        try files.createSymbolicLink(atPath: link, withDestinationPath: real)
        #expect(throws: LedgerError.unsafeFile(path: link, .symbolicLink)) { try Ledger.open(at: link) }
        let place = folder.path + "/folder.db"
        try files.createDirectory(atPath: place, withIntermediateDirectories: false)
        #expect(throws: LedgerError.unsafeFile(path: place, .notAFile)) { try Ledger.open(at: place) }
        let locked = folder.path + "/locked.db"
        try files.createSymbolicLink(atPath: locked + ".lock", withDestinationPath: real)
        #expect(throws: LedgerError.unsafeFile(path: locked + ".lock", .symbolicLink)) { try Ledger.open(at: locked) }
        try files.linkItem(atPath: real, toPath: folder.path + "/hard.db")
        #expect(throws: LedgerError.unsafeFile(path: real, .hardLinks)) { try Ledger.open(at: real) }
    }

    @Test(
        "another user's file is refused",
        .enabled(if: geteuid() == 0, "only root can give a file to somebody else"))
    func foreignOwner() throws {
        let folder = try TemporaryFolder()
        try folder.ledger().close()
        try FileManager.default.setAttributes([.ownerAccountID: 4321], ofItemAtPath: folder.ledgerPath)
        #expect(throws: LedgerError.unsafeFile(path: folder.ledgerPath, .foreignOwner(uid: 4321))) {
            try folder.ledger()
        }
    }

    @Test("a ledger of a newer program is refused and stays as it is")
    func newerSchema() throws {
        let folder = try TemporaryFolder()
        try folder.ledger().close()
        let queue = try DatabaseQueue(path: folder.ledgerPath)
        try queue.inDatabase { try $0.execute(sql: "PRAGMA user_version = 99") }
        try queue.close()
        #expect(
            throws: LedgerError.newerSchema(path: folder.ledgerPath, found: 99, known: Schema.version)
        ) { try folder.ledger() }
    }

    @Test("another program's database and a text file are refused and stay as they are")
    func foreign() throws {
        let folder = try TemporaryFolder()
        let queue = try DatabaseQueue(path: folder.ledgerPath)
        try queue.inDatabase { try $0.execute(sql: "CREATE TABLE theirs (x)") }
        try queue.close()
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: folder.ledgerPath)
        let before = try Data(contentsOf: URL(filePath: folder.ledgerPath))
        #expect(throws: LedgerError.notALedger(path: folder.ledgerPath)) { try folder.ledger() }
        #expect(try Data(contentsOf: URL(filePath: folder.ledgerPath)) == before)
        #expect(try mode(folder.ledgerPath) == 0o644)

        let text = folder.path + "/text.db"
        try Data(String(repeating: "not a database\n", count: 100).utf8).write(to: URL(filePath: text))
        #expect(throws: LedgerError.notALedger(path: text)) { try Ledger.open(at: text) }
    }

    @Test("a damaged file is named, not served")
    func damaged() throws {
        let folder = try TemporaryFolder()
        let ledger = try folder.ledger()
        for round in 0..<20 { try ledger.store(Download(records: manyRecords(100, round), at: round)) }
        ledger.close()
        var bytes = try Data(contentsOf: URL(filePath: folder.ledgerPath))
        // The page behind the schema's own, from its header on.
        for index in (bytes.count - 4096 * 3)..<(bytes.count - 4096 * 2) { bytes[index] = 0xA5 }
        try bytes.write(to: URL(filePath: folder.ledgerPath))
        let refused = error { _ = try folder.ledger() }
        guard case .damaged = refused else {
            Issue.record("opened a damaged file: \(String(describing: refused))")
            return
        }
    }

    private func manyRecords(_ count: Int, _ round: Int) -> [RawRecord] {
        (0..<count).map { RawRecord(raw: Array("record \(round) \($0)".utf8), event: PumpEvent(.bolus)) }
    }

    @Test("what was stored is there after closing and opening")
    func reopen() throws {
        let folder = try TemporaryFolder()
        try folder.ledger().store(Download("abC", at: 1))
        let ledger = try folder.ledger()
        try ledger.store(Download("C'd", at: 2))
        #expect(try ledger.text() == "abC~C'd")
    }

    @Test("each error names the place and a remedy")
    func messages() {
        let errors: [LedgerError] = [
            .inUse(path: "/l.db", holder: 7), .unsafeFile(path: "/l.db", .symbolicLink),
            .system(call: "mkdir", path: "/l.db", errno: 13), .notALedger(path: "/l.db"),
            .newerSchema(path: "/l.db", found: 2, known: 1),
            .notDurable(path: "/l.db", setting: "synchronous", found: "1", wanted: "2"),
            .damaged(path: "/l.db", problems: ["x"]), .diskFull(path: "/l.db"),
            .database(path: "/l.db", code: 1, message: "m"), .stopped(path: "/l.db", reason: "r"),
            .closed(path: "/l.db"),
        ]
        for error in errors {
            #expect(error.description.hasPrefix("/l.db: "))
            #expect(error.description.hasSuffix(".") || error.description.hasSuffix("safe."))
        }
        #expect(
            LedgerError.inUse(path: "/l.db", holder: 7).description
                == "/l.db: in use by process 7. Go through the daemon's socket, or stop that process first.")
    }
}
