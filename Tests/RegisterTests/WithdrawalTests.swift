import Register
import Testing

@Suite("Rows that are taken back")
struct WithdrawalTests {
    private let assignment = [
        "assignments.csv": """
        pump_serial,order_id,from,withdrawn_by
        M1,O1,2026-10-01,

        """
    ]

    @Test("a row that was taken back is on record and in no register")
    func outOfRegister() throws {
        let all = try entries(smallRegister.merging(assignment) { $1 })
        #expect(try SupplyRegister(entries: all).assignments.count == 1)
        let row = try #require(all.first { $0.table == "assignments" })
        let back = try row.withdrawn(by: "RN-1", origin: RowOrigin(file: "assign", line: 0))
        #expect(back.key == row.key)
        #expect(back.columns["withdrawn_by"] == "RN-1")
        #expect(try SupplyRegister(entries: all + [back]).assignments.isEmpty)
    }

    @Test("it stands in nobody's way: its channel is free")
    func freesTheChannel() throws {
        let other = ["assignments.csv": "pump_serial,order_id,from\nM1,O2,2026-10-05\n"]
        let all = try entries(smallRegister.merging(assignment) { $1 })
        #expect(throws: RegisterErrors.self) { try entries(other, existing: all) }
        let row = try #require(all.first { $0.table == "assignments" })
        let back = try row.withdrawn(by: "RN-1", origin: row.origin)
        let kept = all.filter { $0.key != row.key } + [back]
        #expect(try entries(other, existing: kept).count == 1)
    }

    @Test("a file can take a row back too, and its column is no unknown one")
    func inFiles() throws {
        let all = try entries(smallRegister.merging(assignment) { $1 })
        let files = [
            "assignments.csv":
                "pump_serial,order_id,from,withdrawn_by,colour\nM1,O1,2026-10-01,W,red\nM1,O2,2026-10-01,,\n"
        ]
        let read = try entries(files, existing: all)
        #expect(read.map(\.isWithdrawn) == [true, false])
        let unknown = RegisterImport.unknownColumns(folder: files.mapValues { Array($0.utf8) })
        #expect(unknown.map(\.columns) == [["colour"]])
    }

    @Test("a row that others refer to cannot be taken back")
    func references() throws {
        let files = smallRegister.merging([
            "orders.csv":
                "order_id,patient_id,drug,mode,starts_at,container,withdrawn_by\nO1,P1,x,continuous,2026-10-01,bag,W\n"
        ]) { $1 }
        #expect(try register(with: files).orders.count == 1)
    }

    @Test("who takes it back is a text that a terminal can show")
    func person() throws {
        let row = try #require(try entries(smallRegister.merging(assignment) { $1 }).last)
        #expect(throws: RegisterErrors.self) { try row.withdrawn(by: "\u{1B}[2J", origin: row.origin) }
    }
}
