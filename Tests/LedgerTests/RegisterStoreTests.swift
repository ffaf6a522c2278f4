import PumpCore
import Testing

@testable import Ledger

@Suite("The register on record")
struct RegisterStoreTests {
    private func row(_ key: String, _ payer: String, table: String = "patients", line: Int = 2) -> RegisterEntry {
        RegisterEntry(
            table: table, key: key, columns: ["patient_id": key, "payer": payer, "home_zone": "America/New_York"],
            file: table + ".csv", line: line)
    }

    private let monday = Instant(secondsSince1970: 1_000)
    private let friday = Instant(secondsSince1970: 5_000)

    @Test("a row is added, then nothing, then a new version, and history keeps both")
    func versions() throws {
        let folder = try TemporaryFolder()
        let ledger = try folder.ledger()
        let first = try ledger.appendRegister([row("P1", "a"), row("P2", "b")], importedAt: monday, by: "Ann")
        #expect(first.added.map(\.key) == ["P1", "P2"])
        let again = try ledger.appendRegister([row("P2", "b"), row("P1", "a")], importedAt: friday, by: "Ben")
        #expect(again == RegisterChange(unchanged: 2))
        let changed = try ledger.appendRegister([row("P2", "c", line: 9)], importedAt: friday, by: "Ben")
        #expect(changed.changed.map(\.old.entry.columns["payer"]) == ["b"])
        #expect(changed.changed.map(\.new.columns["payer"]) == ["c"])
        #expect(
            try ledger.currentRegister().map { [$0.entry.key, $0.entry.columns["payer"], $0.importedBy] }
                == [["P1", "a", "Ann"], ["P2", "c", "Ben"]])
        let history = try ledger.registerHistory(table: "patients", key: "P2")
        #expect(history.map(\.version) == [1, 2])
        #expect(history.map(\.entry.line) == [2, 9])
        #expect(history.map(\.importedAt) == [monday, friday])
    }

    @Test("going back to an older content is a version of its own")
    func backAgain() throws {
        let folder = try TemporaryFolder()
        let ledger = try folder.ledger()
        for payer in ["a", "b", "a"] {
            _ = try ledger.appendRegister([row("P1", payer)], importedAt: monday, by: "Ann")
        }
        #expect(try ledger.registerHistory(table: "patients", key: "P1").count == 3)
        #expect(try ledger.currentRegister().map(\.entry.columns["payer"]) == ["a"])
    }

    @Test("a dry run tells the change and stores nothing")
    func dryRun() throws {
        let folder = try TemporaryFolder()
        let ledger = try folder.ledger()
        let change = try ledger.appendRegister([row("P1", "a")], importedAt: monday, by: "Ann", dryRun: true)
        #expect(change.added.map(\.key) == ["P1"])
        #expect(try ledger.currentRegister().isEmpty)
    }

    @Test("two different rows with one key are refused, all of the import with them")
    func contradiction() throws {
        let folder = try TemporaryFolder()
        let ledger = try folder.ledger()
        #expect(
            throws: LedgerError.contradictingRows(list: "patients", key: "P1", file: "patients.csv", lines: [2, 5])
        ) {
            try ledger.appendRegister(
                [row("P0", "z"), row("P1", "a"), row("P1", "b", line: 5)], importedAt: monday, by: "Ann")
        }
        #expect(try ledger.currentRegister().isEmpty)
    }

    @Test("the same key in two tables is two rows, in a stable order")
    func tables() throws {
        let folder = try TemporaryFolder()
        let ledger = try folder.ledger()
        _ = try ledger.appendRegister(
            [row("X", "1", table: "stays"), row("X", "2", table: "orders"), row("A", "3", table: "orders")],
            importedAt: monday, by: "Ann")
        #expect(try ledger.currentRegister().map { $0.entry.table + $0.entry.key } == ["ordersA", "ordersX", "staysX"])
    }

    @Test("columns with quotes, line ends and no content come back as they were")
    func content() throws {
        let folder = try TemporaryFolder()
        let ledger = try folder.ledger()
        let columns = ["note": "a \"b\"\r\n\t\\ é 💊", "empty": "", "odd name,": "1"]
        let entry = RegisterEntry(table: "orders", key: "k\"1", columns: columns, file: "orders.csv", line: 3)
        _ = try ledger.appendRegister([entry], importedAt: monday, by: "Ann")
        #expect(try ledger.currentRegister().map(\.entry) == [entry])
    }
}
