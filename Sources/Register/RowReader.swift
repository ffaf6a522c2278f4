/// Turns the cells of one row after the other into typed values and collects what is wrong with them. Rows that come
/// from a file and rows that come from the ledger go the same way.
struct RowReader {
    private let columns: [ColumnDescription]
    private let places: [String: Int]
    private var cells: [String] = []
    private(set) var origin = RowOrigin(file: "", line: 0)
    private(set) var complaints: [(column: String, complaint: RegisterComplaint)] = []

    init(_ columns: [ColumnDescription]) {
        self.columns = columns
        places = Dictionary(
            columns.enumerated().map { ($0.element.name, $0.offset) }, uniquingKeysWith: { first, _ in first })
    }

    /// For whoever reads a few rows of a table at a time, many times over.
    static func ofTable(_ table: RegisterTable) -> RowReader { known[table] ?? RowReader(table.columns) }

    private static let known = Dictionary(
        uniqueKeysWithValues: RegisterTable.allCases.map { ($0, RowReader($0.columns)) })

    /// Begins a row. `cells` stand in the order of the columns; a column that the row does not have is empty.
    mutating func load(_ cells: [String], origin: RowOrigin) {
        self.cells = cells
        self.origin = origin
        complaints.removeAll(keepingCapacity: true)
    }

    mutating func load(_ entry: RegisterEntry) {
        load(columns.map { entry.columns[$0.name] ?? "" }, origin: entry.origin)
    }

    /// The value of a cell; nil where it is empty or wrong, and then the complaint is noted.
    mutating func read<Value>(_ column: Column<Value>) -> Value? {
        let cell = cell(column.name)
        if cell.isEmpty {
            if column.description.isRequired { complain(column.name, .missing) }
            return nil
        }
        do throws(RegisterComplaint) {
            return try column.read(cell)
        } catch {
            complain(column.name, error)
            return nil
        }
    }

    mutating func complain(_ column: String, _ complaint: RegisterComplaint) { complaints.append((column, complaint)) }

    func cell(_ name: String) -> String {
        guard let place = places[name], place < cells.count else { return "" }
        return cells[place]
    }
}
