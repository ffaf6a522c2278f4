import Foundation
import PumpCore
import Testing

@testable import Ledger

@Suite("A backup is whole, or it is not there")
struct BackupTests {
    private let now = Instant(secondsSince1970: 100)

    private func copies(_ folder: TemporaryFolder) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasPrefix("copy") }.sorted()
    }

    @Test("made while others store, it is sound, holds a moment of the ledger, and leaves nothing beside it")
    func underLoad() async throws {
        let folder = try TemporaryFolder()
        let ledger = try Ledger.furnished(folder)
        let session = try ledger.begin(session: .onPaper(at: 20))
        for number in 0..<60 {
            let records = (0..<256).map { RawRecord(raw: Array("\(number) \($0)".utf8), event: PumpEvent(.bolus)) }
            _ = try ledger.append(LogBatch(records: records), in: session)
        }
        let before = try ledger.chainLength().entries
        let writer = Task.detached {
            while !Task.isCancelled {
                try ledger.audit(
                    at: Instant(secondsSince1970: 1), by: .onPaper, action: "events", arguments: [:], outcome: "done")
            }
        }
        while try ledger.chainLength().entries == before { try await Task.sleep(for: .milliseconds(1)) }
        let copy = try ledger.backUp(to: folder.path + "/copy.db", at: now)
        writer.cancel()
        try await writer.value
        #expect(copy.entries > before && copy.records == 60 * 256 + 4)
        #expect(try copies(folder) == ["copy.db", "copy.db.manifest.json"])
        let mode = try FileManager.default.attributesOfItem(atPath: folder.path + "/copy.db")[.posixPermissions] as? Int
        #expect(mode == 0o600)
        #expect(try FileDigest.of(folder.path + "/copy.db").hex == copy.sha256)
        // What the ledger signs later goes through the copy's head: the same history.
        let opened = try Ledger.open(at: folder.path + "/copy.db")
        defer { opened.close() }
        let head = try opened.read { try Chain.end($0).head.hex }
        #expect(head == copy.head)
    }

    @Test("nothing is written over, and a disk without space leaves no copy")
    func refused() throws {
        let folder = try TemporaryFolder()
        let ledger = try Ledger.furnished(folder)
        let path = folder.path + "/copy.db"
        try Data("mine".utf8).write(to: URL(filePath: path))
        #expect(throws: LedgerError.exists(path: path)) { try ledger.backUp(to: path, at: now) }
        #expect(try Data(contentsOf: URL(filePath: path)) == Data("mine".utf8))
        #expect(throws: LedgerError.self) { try ledger.backUp(to: "/dev/full/copy.db", at: now) }
        #expect(throws: LedgerError.self) { try ledger.backUp(to: folder.path + "/none/copy.db", at: now) }
        #expect(try copies(folder) == ["copy.db"])
    }

    @Test("restored into an empty place it is the ledger, and says so on record")
    func restored() throws {
        let (here, there) = (try TemporaryFolder(), try TemporaryFolder())
        let ledger = try Ledger.furnished(here)
        let text = try ledger.text()
        _ = try ledger.backUp(to: here.path + "/copy.db", at: now)
        ledger.close()
        let done = try Ledger.restore(
            here.path + "/copy.db", to: there.ledgerPath, at: now, by: .onPaper, accepting: nil)
        #expect(done.objections == [] && done.replaced == nil)
        let again = try there.ledger()
        #expect(try again.text() == text)
        #expect(try again.auditEntries(from: nil, to: nil).last?.action == "restore")
        #expect(try again.verify().problems == [])
        again.close()
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: there.path).filter { $0.contains("restoring") } == [])
    }

    @Test(
        "a copy that is older than the ledger, of another one, or without a manifest needs a reason, and the old stays")
    func needsReason() throws {
        let folder = try TemporaryFolder()
        let ledger = try Ledger.furnished(folder)
        let path = folder.path + "/copy.db"
        _ = try ledger.backUp(to: path, at: now)
        try ledger.audit(at: now, by: .onPaper, action: "events", arguments: [:], outcome: "done")
        #expect(throws: LedgerError.self) {
            // Its owner has it open.
            try Ledger.restore(path, to: folder.ledgerPath, at: now, by: .onPaper, accepting: "why not")
        }
        ledger.close()
        do {
            _ = try Ledger.restore(path, to: folder.ledgerPath, at: now, by: .onPaper, accepting: nil)
            Issue.record("an older copy was restored")
        } catch {
            #expect("\(error)".contains("the copy is older: it ends with entry"))
        }
        let kept = try folder.ledger()
        let entries = try kept.chainLength().entries
        kept.close()
        let done = try Ledger.restore(path, to: folder.ledgerPath, at: now, by: .onPaper, accepting: "the disk failed")
        #expect(done.objections.count == 1)
        let replaced = try Ledger.open(at: try #require(done.replaced))
        #expect(try replaced.chainLength().entries == entries)
        replaced.close()
        let audit = try folder.ledger()
        #expect(try audit.auditEntries(from: nil, to: nil).last?.arguments["accept"] == "the disk failed")
        audit.close()

        let elsewhere = try TemporaryFolder()
        try Ledger.furnished(elsewhere).close()
        #expect(throws: LedgerError.self) {
            try Ledger.restore(path, to: elsewhere.ledgerPath, at: now, by: .onPaper, accepting: nil)
        }
        try FileManager.default.removeItem(atPath: LedgerCopy.manifest(of: path))
        let empty = try TemporaryFolder()
        #expect(throws: LedgerError.self) {
            try Ledger.restore(path, to: empty.ledgerPath, at: now, by: .onPaper, accepting: nil)
        }
        #expect(!FileManager.default.fileExists(atPath: empty.ledgerPath))
    }

    @Test("a broken copy is never restored, whatever the reason; one that is not its manifest's needs one")
    func broken() throws {
        let (folder, empty) = (try TemporaryFolder(), try TemporaryFolder())
        let ledger = try Ledger.furnished(folder)
        let path = folder.path + "/copy.db"
        _ = try ledger.backUp(to: path, at: now)
        ledger.close()
        let whole = try Data(contentsOf: URL(filePath: path))
        // A page's rows stand at its end.
        var damaged = whole
        for page in stride(from: 8192, to: whole.count, by: 4096) { damaged[page - 20] ^= 0x55 }
        for bytes in [damaged, whole.prefix(whole.count - 4096), whole.prefix(100), Data()] {
            try bytes.write(to: URL(filePath: path))
            #expect(throws: LedgerError.self) {
                try Ledger.restore(path, to: empty.ledgerPath, at: now, by: .onPaper, accepting: "please")
            }
            #expect(!FileManager.default.fileExists(atPath: empty.ledgerPath))
        }
        // A bit that SQLite does not use: the ledger in it is sound, and yet it is another file.
        var other = whole
        other[72] ^= 1
        try other.write(to: URL(filePath: path))
        #expect(throws: LedgerError.self) {
            try Ledger.restore(path, to: empty.ledgerPath, at: now, by: .onPaper, accepting: nil)
        }
    }
}
