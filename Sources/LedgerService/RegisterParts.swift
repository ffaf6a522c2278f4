import Ledger
import PumpCore
import Register
import Supplies

/// The register cut into groups of patients: who belongs together is known at once, and the rows of a group are read
/// when it is its turn.
struct RegisterParts {
    /// A row cannot be read. Whoever reads the register whole says which one, and why.
    struct Unreadable: Error {}

    let groups: [PatientGroup]

    /// Nil where a row cannot be read: within a look at the file every error is the ledger's.
    init?(_ reader: LogReader) throws {
        guard try reader.registerTables().allSatisfy({ RegisterTable(rawValue: $0) != nil }) else { return nil }
        var isReadable = true
        var patients: [String] = []
        try reader.registerCells(["patient_id"], of: RegisterTable.patients.rawValue) { _, cells in
            if let patient = cells(0) { patients.append(patient) } else { isReadable = false }
        }
        var patientOfOrder: [String: String] = [:]
        try reader.registerCells(["order_id", "patient_id"], of: RegisterTable.orders.rawValue) { _, cells in
            guard let order = cells(0), let patient = cells(1) else {
                isReadable = false
                return
            }
            patientOfOrder[order] = patient
        }
        var uses: [(pump: String, patient: String)] = []
        uses.reserveCapacity(patientOfOrder.count)
        let columns = ["pump_serial", "order_id", Register.RegisterEntry.withdrawnColumn]
        try reader.registerCells(columns, of: RegisterTable.assignments.rawValue) { _, cells in
            guard let pump = cells(0), let order = cells(1) else {
                isReadable = false
                return
            }
            if cells(2) == nil, let patient = patientOfOrder[order] { uses.append((pump, patient)) }
        }
        guard isReadable else { return nil }
        groups = PatientGroups(patients: patients, uses: uses).groups
    }

    /// The rows of a group; nil where one cannot be read.
    static func rows(of group: PatientGroup, _ reader: LogReader) throws -> [RegisterRowText]? {
        let orders = RegisterTable.orders.rawValue
        var rows: [RegisterRowText] = []
        for patient in group.patients {
            let own = try reader.registerRows(naming: patient, as: .patient)
            rows += own
            for row in own where row.table == orders {
                guard let order = row.columns()?["order_id"] else { return nil }
                rows += try reader.registerRows(naming: order, as: .order, except: orders)
            }
        }
        for pump in group.pumps { rows += try row(ofPump: pump, reader) }
        return rows
    }

    /// None for a pump that the register does not know.
    static func row(ofPump serial: String, _ reader: LogReader) throws -> [RegisterRowText] {
        try reader.registerRow(table: RegisterTable.pumps.rawValue, key: csvRow([serial])).map { [$0] } ?? []
    }

    static func register(of rows: [RegisterRowText]) throws -> SupplyRegister {
        let entries = try rows.map { row in
            guard let columns = row.columns() else { throw Unreadable() }
            return Register.RegisterEntry(
                table: row.table, key: row.key, columns: columns, origin: RowOrigin(file: row.file, line: row.line))
        }
        do { return try SupplyRegister(entries: entries) } catch { throw Unreadable() }
    }
}
