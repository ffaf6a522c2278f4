import PumpCore

/// A CSV file whose header names the columns of a table: its rows one after the other, and its mistakes with their place.
struct TableFile {
    let name: String
    private var reader: CSVReader
    private let header: CSVRow
    private let columns: [ColumnDescription]
    /// For each column of the table its field in a row; nil where the file does not have it.
    private let fieldOfColumn: [Int?]
    /// The columns of the file that the table does not have, with their fields.
    private let unknown: [(name: String, field: Int)]

    init(name: String, columns: [ColumnDescription], bytes: [UInt8]) throws(RegisterErrors) {
        self.name = name
        self.columns = columns
        (reader, header) = try Self.open(name, columns, bytes)
        let names = header.fields.map(reader.text)
        let known = Set(columns.map(\.name))
        fieldOfColumn = columns.map { names.firstIndex(of: $0.name) }
        unknown = names.enumerated().filter { !known.contains($0.element) }.map { ($0.element, $0.offset) }
        let mistakes = headerMistakes(names)
        guard mistakes.isEmpty else { throw RegisterErrors(mistakes) }
    }

    var unknownColumns: [String] { unknown.map(\.name) }

    /// The next row, or nil at the end. After an error there are no more rows.
    mutating func next() throws(RegisterError) -> CSVRow? {
        do throws(CSVFault) {
            return try reader.next()
        } catch {
            throw Self.error(error, in: reader.bytes, of: name)
        }
    }

    /// The row's cells in the order of the table's columns; empty for a column that the file does not have.
    func cells(_ row: CSVRow) -> [String] {
        fieldOfColumn.map { $0.flatMap { $0 < row.fields.count ? reader.text(row.fields[$0]) : nil } ?? "" }
    }

    /// The cells that are not empty by the names of their columns, unknown ones too.
    func filled(_ row: CSVRow, _ cells: [String]) -> [String: String] {
        var filled: [String: String] = [:]
        filled.reserveCapacity(cells.count)
        for (column, cell) in zip(columns, cells) where !cell.isEmpty { filled[column.name] = cell }
        for (name, field) in unknown where field < row.fields.count {
            let cell = reader.text(row.fields[field])
            if !cell.isEmpty { filled[name] = cell }
        }
        return filled
    }

    /// What is wrong with the shape of a row, before its cells are looked at.
    func misshapen(_ row: CSVRow) -> RegisterError? {
        if row.fields.count == header.fields.count {
            let isBlank = row.fields.allSatisfy(\.content.isEmpty)
            return isBlank ? error(.blankRow, at: row.fields.first, columnName: nil, line: row.line) : nil
        }
        let complaint = RegisterComplaint.ragged(fields: row.fields.count, header: header.fields.count)
        let surplus = row.fields.dropFirst(header.fields.count).first
        return error(complaint, at: surplus ?? row.fields.last, columnName: nil, line: row.line)
    }

    func error(_ complaint: RegisterComplaint, in row: CSVRow, column: String) -> RegisterError {
        let place = columns.firstIndex { $0.name == column }.flatMap { fieldOfColumn[$0] }
        let field = place.flatMap { $0 < row.fields.count ? row.fields[$0] : nil }
        return error(complaint, at: field ?? row.fields.first, columnName: column, line: row.line)
    }

    private func error(
        _ complaint: RegisterComplaint, at field: CSVField?, columnName: String?, line: Int
    ) -> RegisterError {
        let extent = field?.extent ?? 0..<0
        return RegisterError(
            file: name, line: field?.line ?? line, column: Self.column(of: extent.lowerBound, in: reader.bytes),
            columnName: columnName, excerpt: Excerpt(of: extent, in: reader.bytes), complaint)
    }

    private func headerMistakes(_ names: [String]) -> [RegisterError] {
        if names.count == 1, columns.count > 1, let name = names.first {
            for (separator, word) in [(";", "semicolons"), ("\t", "tabs")] where name.contains(separator) {
                return [error(.separator(word), at: header.fields.first, columnName: nil, line: header.line)]
            }
        }
        var mistakes: [RegisterError] = []
        var seen: Set<String> = []
        let known = columns.map(\.name)
        for (name, field) in zip(names, header.fields) {
            let isNew = seen.insert(name).inserted
            let meant = Self.likely(name)
            let complaint: RegisterComplaint? =
                if name.isEmpty {
                    .unnamedColumn
                } else if !isNew {
                    .columnTwice
                } else if !known.contains(name), known.contains(meant) {
                    .columnMisspelt(meant)
                } else {
                    nil
                }
            if let complaint {
                mistakes.append(
                    error(complaint, at: field, columnName: name.isEmpty ? nil : name, line: header.line))
            }
        }
        let misspelt = Set(names.map(Self.likely))
        for column in columns where column.isRequired && !misspelt.contains(column.name) {
            mistakes.append(
                error(.columnMissing(column.name), at: header.fields.last, columnName: column.name, line: header.line))
        }
        return mistakes
    }

    /// The column that a name means if blanks, hyphens and capitals are typing errors. A misspelt column that may be
    /// absent would else be ignored without a word.
    private static func likely(_ name: String) -> String {
        var scalars = Substring(name).unicodeScalars
        while let first = scalars.first, first.properties.isWhitespace { scalars.removeFirst() }
        while let last = scalars.last, last.properties.isWhitespace { scalars.removeLast() }
        return String(String(scalars).lowercased().map { $0 == " " || $0 == "-" ? "_" : $0 })
    }

    private static func open(
        _ name: String, _ columns: [ColumnDescription], _ bytes: [UInt8]
    ) throws(RegisterErrors) -> (CSVReader, CSVRow) {
        do throws(CSVFault) {
            var reader = try CSVReader(bytes)
            if let header = try reader.next() { return (reader, header) }
        } catch {
            throw RegisterErrors([Self.error(error, in: bytes, of: name)])
        }
        throw RegisterErrors([RegisterError(file: name, line: 1, .empty(columns: columns.map(\.name)))])
    }

    private static func error(_ fault: CSVFault, in bytes: [UInt8], of name: String) -> RegisterError {
        if case .fileTooLong = fault.kind { return RegisterError(file: name, line: 1, .csv(fault.kind)) }
        return RegisterError(
            file: name, line: fault.line, column: column(of: fault.extent.lowerBound, in: bytes),
            excerpt: Excerpt(of: fault.extent, in: bytes), .csv(fault.kind))
    }

    /// The character of its line, from 1, that begins at `offset`.
    private static func column(of offset: Int, in bytes: [UInt8]) -> Int {
        let start = min(offset, bytes.count)
        let before = bytes[min(start, CSVReader.bodyStart(in: bytes))..<start]
        let line = before.lastIndex(of: UInt8(ascii: "\n")).map { before[($0 + 1)...] } ?? before
        return line.count { $0 & 0xC0 != 0x80 } + 1
    }
}
