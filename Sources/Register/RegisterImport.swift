import PumpCore

/// The way of CSV files into the register: all rows of all files, or the mistakes of all files.
package enum RegisterImport {
    /// Reads the files of a folder, by their names. Names that are no file of the register are ignored here;
    /// `RegisterFolder` reports them.
    ///
    /// `existing` is the newest version of every row that the ledger has: rows may refer to them. The result holds every
    /// row of the files, in their order; the ledger keeps those whose key is new or whose columns have changed. Rows
    /// that the ledger has and the files do not stay as they are.
    ///
    /// `payers`: the rule profiles that there are, where the caller knows them; a patient of another payer is refused.
    package static func read(
        folder files: [String: [UInt8]], existing: [RegisterEntry], payers: [String]? = nil
    ) throws(RegisterErrors) -> [RegisterEntry] {
        let tables = RegisterTable.allCases.filter { files.keys.contains($0.file) }
        guard !tables.isEmpty else { throw RegisterErrors([RegisterError(file: "register", .noFile)]) }
        var run = try ImportRun(existing: existing, payers: payers)
        for table in tables where !run.errors.isFull {
            if let bytes = files[table.file] { run.read(table, bytes) }
        }
        run.checkAssignments()
        guard run.errors.errors.isEmpty else { throw run.errors }
        return run.entries
    }

    /// Checks one row that somebody types elsewhere (`assign`, `count`, `dispose`) as if it stood in a file, and names
    /// it. Of a table without a key each such row is one more.
    package static func entry(
        _ table: RegisterTable, columns: [String: String], origin: RowOrigin, existing: [RegisterEntry]
    ) throws(RegisterErrors) -> RegisterEntry {
        var run = try ImportRun(existing: existing)
        return try run.entry(
            table, columns.filter { !$0.value.isEmpty }, origin,
            taken: Set(existing.lazy.filter { $0.table == table.rawValue }.map(\.key)))
    }

    /// The columns of each file that nobody knows: kept, ignored, and worth a line on the screen.
    package static func unknownColumns(folder files: [String: [UInt8]]) -> [(file: String, columns: [String])] {
        RegisterTable.allCases.compactMap { table in
            guard let bytes = files[table.file],
                let file = try? TableFile(name: table.file, columns: table.columns, bytes: bytes)
            else { return nil }
            let unknown = file.unknownColumns.filter { $0 != RegisterEntry.withdrawnColumn }
            return unknown.isEmpty ? nil : (table.file, unknown)
        }
    }
}

/// One import, file by file.
private struct ImportRun {
    private(set) var errors = RegisterErrors()
    private(set) var entries: [RegisterEntry] = []
    private var book: RegisterBook
    /// Kept to point at assignments once all of them are known.
    private var assignmentFile: TableFile?
    private var assignmentRows: [String: CSVRow] = [:]

    /// Nil where nobody says which there are.
    private let payers: [String]?

    init(existing: [RegisterEntry], payers: [String]? = nil) throws(RegisterErrors) {
        book = try RegisterBook(existing: existing)
        self.payers = payers
    }

    mutating func read(_ table: RegisterTable, _ bytes: [UInt8]) {
        do throws(RegisterErrors) {
            try read(table, TableFile(name: table.file, columns: table.columns, bytes: bytes))
        } catch {
            errors.append(error.errors)
            book.doubt(table)
        }
    }

    /// Throws only what ends the file; mistakes of rows are collected.
    private mutating func read(_ table: RegisterTable, _ opened: TableFile) throws(RegisterErrors) {
        var file = opened
        var reader = RowReader(table.columns)
        var keys = KeyBook(table)
        defer { if table == .assignments { assignmentFile = file } }
        while !errors.isFull, let row = try next(&file) {
            if let error = file.misshapen(row) {
                errors.append(error)
                book.doubt(table)
                continue
            }
            let cells = file.cells(row)
            reader.load(cells, origin: RowOrigin(file: table.file, line: row.line))
            let typed = RegisterRow(table, reading: &reader)
            if let typed {
                for (column, complaint) in book.complaints(about: typed) { reader.complain(column, complaint) }
                if case .patient(let patient) = typed, let payers, !payers.contains(patient.payer) {
                    reader.complain(PatientColumns.payer.name, .unknownPayer(payers))
                }
            }
            guard let typed, reader.complaints.isEmpty else {
                errors.append(reader.complaints.map { file.error($0.complaint, in: row, column: $0.column) })
                let idColumn = table.columns.first?.name ?? ""
                if reader.complaints.contains(where: { $0.column == idColumn }) { book.doubt(table) }
                book.declare(table, id: reader.cell(idColumn))
                continue
            }
            do throws(RegisterComplaint) {
                let key = try keys.key(of: typed, line: row.line)
                let entry = RegisterEntry(
                    table: table.rawValue, key: key, columns: file.filled(row, cells), origin: reader.origin)
                if entry.isWithdrawn {
                    book.withdraw(key)
                } else {
                    if table == .assignments { assignmentRows[key] = row }
                    book.admit(typed, key: key, isStored: false)
                }
                entries.append(entry)
            } catch {
                errors.append(file.error(error, in: row, column: table.columns.first?.name ?? ""))
            }
        }
    }

    private func next(_ file: inout TableFile) throws(RegisterErrors) -> CSVRow? {
        do throws(RegisterError) { return try file.next() } catch { throw RegisterErrors([error]) }
    }

    mutating func checkAssignments() {
        for (placed, other) in book.overlaps() {
            let complaint = RegisterComplaint.channelTaken(
                by: other.assignment.origin, isStored: other.isStored)
            let column = AssignmentColumns.pump.name
            if !placed.isStored, let file = assignmentFile, let row = assignmentRows[placed.key] {
                errors.append(file.error(complaint, in: row, column: column))
            } else {
                errors.append(
                    RegisterError(
                        stored: placed.assignment.origin, columnName: column, cell: placed.assignment.pump, complaint))
            }
        }
    }

    mutating func entry(
        _ table: RegisterTable, _ columns: [String: String], _ origin: RowOrigin, taken: Set<String>
    ) throws(RegisterErrors) -> RegisterEntry {
        var entry = RegisterEntry(table: table.rawValue, key: "", columns: columns, origin: origin)
        var reader = RowReader(table.columns)
        let typed = try RegisterRow(stored: entry, of: table, with: &reader)
        for (column, complaint) in book.complaints(about: typed) {
            errors.append(
                RegisterError(stored: origin, columnName: column, cell: columns[column] ?? "", complaint))
        }
        var keys = KeyBook(table)
        do throws(RegisterComplaint) {
            repeat {
                entry.key = try keys.key(of: typed, line: origin.line)
            } while table.keyColumns.isEmpty && taken.contains(entry.key)
        } catch {
            errors.append(RegisterError(stored: origin, columnName: "", cell: "", error))
        }
        book.admit(typed, key: entry.key, isStored: false)
        if table == .assignments || table == .orders { checkAssignments() }
        guard errors.errors.isEmpty else { throw errors }
        return entry
    }
}

/// The keys of one file: each once, or, where equal rows count, each with its number.
private struct KeyBook {
    private let table: RegisterTable
    private var seen: [String: Int] = [:]

    init(_ table: RegisterTable) { self.table = table }

    mutating func key(of row: RegisterRow, line: Int) throws(RegisterComplaint) -> String {
        let text = csvRow(row.keyFields)
        guard !table.keyColumns.isEmpty else {
            let number = (seen[text] ?? 0) + 1
            seen[text] = number
            return text + "," + String(number)
        }
        if let first = seen[text] { throw .keyTwice(columns: table.keyColumns, line: first) }
        seen[text] = line
        return text
    }
}

extension RegisterRow {
    /// A row of the ledger, checked again: rules grow stricter, and files are edited by hand.
    init(stored entry: RegisterEntry, of table: RegisterTable, with reader: inout RowReader) throws(RegisterErrors) {
        reader.load(entry)
        let row = RegisterRow(table, reading: &reader)
        guard let row, reader.complaints.isEmpty else {
            throw RegisterErrors(
                reader.complaints.map {
                    RegisterError(
                        stored: entry.origin, columnName: $0.column, cell: reader.cell($0.column), $0.complaint)
                })
        }
        self = row
    }
}
