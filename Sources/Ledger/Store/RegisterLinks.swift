import GRDB

/// What rows of the register name each other by. The ledger does not know what else their columns mean.
package enum RegisterLink: String, CaseIterable, Sendable {
    case order = "order_id"
    case patient = "patient_id"

    /// The cell of a column as SQLite sees it; NULL where it is empty, and in a row that cannot be read.
    static func cell(_ column: String) -> String {
        "CASE WHEN json_valid(content) THEN json_extract(content, '$.\(column)') END"
    }
}

/// A month looks for the rows of one patient after the other: they are found without reading those of all the others.
/// Made of the rows themselves, when they are stored; `verify` holds it against them.
enum RegisterLinks {
    static let sql = """
        CREATE TABLE register_link (
            link TEXT NOT NULL,
            name TEXT NOT NULL,
            row INTEGER NOT NULL REFERENCES register_row,
            PRIMARY KEY (link, name, row)
        ) STRICT, WITHOUT ROWID;
        INSERT INTO register_link \(ofRows);
        """

    /// What the table must hold.
    private static let ofRows = RegisterLink.allCases.map { link in
        "SELECT '\(link.rawValue)' AS link, \(RegisterLink.cell(link.rawValue)) AS name, id AS row FROM register_row "
            + "WHERE \(RegisterLink.cell(link.rawValue)) IS NOT NULL"
    }.joined(separator: " UNION ALL ")

    /// Puts down what a new row names.
    static func store(_ entry: RegisterEntry, row: Int64, _ db: Database) throws {
        let insert = try db.cachedStatement(sql: "INSERT INTO register_link (link, name, row) VALUES (?, ?, ?)")
        for link in RegisterLink.allCases {
            guard let name = entry.columns[link.rawValue] else { continue }
            try insert.execute(arguments: [link.rawValue, name, row])
        }
    }

    static func problems(_ db: Database) throws -> [String] {
        let (table, rows) = ("SELECT link, name, row FROM register_link", "SELECT * FROM (\(ofRows))")
        let differing = try Int.fetchAll(
            db,
            sql: """
                SELECT DISTINCT row FROM (
                    SELECT * FROM (\(rows) EXCEPT \(table)) UNION ALL SELECT * FROM (\(table) EXCEPT \(rows)))
                ORDER BY row LIMIT 20
                """)
        return differing.map { "register: row \($0) is not found by the order or patient that it names" }
    }
}
