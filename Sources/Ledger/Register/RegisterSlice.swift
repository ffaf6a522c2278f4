import GRDB

/// A stored row of the register as it was found, unread.
package struct RegisterRowText: Sendable {
    package let table: String
    package let key: String
    package let file: String
    package let line: Int
    private let content: [UInt8]

    fileprivate init(_ query: HotStatement) {
        table = query.text(0)
        key = query.text(1)
        content = query.bytes(2)
        file = query.text(3)
        line = query.int(4)
    }

    fileprivate static let columns = "list, key, content, file, line"

    /// Every cell that is not empty, by the name of its column. Nil for a row that cannot be read.
    package func columns() -> [String: String]? {
        guard let members = FlatJSON.read(content) else { return nil }
        var columns: [String: String] = [:]
        columns.reserveCapacity(members.count)
        for case (let name, .text(let value)) in members { columns[name] = value }
        return columns
    }
}

/// Parts of the register, for those who cannot hold it whole. All of them tell of the newest versions alone.
extension LogReader {
    private static let isNewest = """
        version = (SELECT max(version) FROM register_row AS newer
            WHERE newer.list = register_row.list AND newer.key = register_row.key)
        """

    /// The rows, of any table, that name this id in this column; without those of the tables in `except`.
    package func registerRows(naming id: String, as link: RegisterLink, except: String = "") throws -> [RegisterRowText]
    {
        try rows(
            """
            JOIN register_link ON register_link.row = register_row.id
            WHERE link = '\(link.rawValue)' AND name = ?1 AND list <> ?2 AND \(Self.isNewest)
            """, id, except)
    }

    package func registerRow(table: String, key: String) throws -> RegisterRowText? {
        try rows("WHERE list = ?1 AND key = ?2 AND \(Self.isNewest)", table, key).first
    }

    private func rows(_ condition: String, _ first: String, _ second: String) throws -> [RegisterRowText] {
        let query = try HotStatement(db, "SELECT \(RegisterRowText.columns) FROM register_row \(condition)")
        query.bind(text: first, 1)
        query.bind(text: second, 2)
        defer { query.reset() }
        var rows: [RegisterRowText] = []
        while try query.step() { rows.append(RegisterRowText(query)) }
        return rows
    }

    /// Some cells of every row of a table, by key; nil for an empty one.
    package func registerCells(
        _ columns: [String], of table: String, _ take: (_ key: String, _ cells: (Int) -> String?) throws -> Void
    ) throws {
        let query = try HotStatement(
            db, "SELECT key, content FROM register_row WHERE list = ? AND \(Self.isNewest) ORDER BY key")
        query.bind(text: table, 1)
        defer { query.reset() }
        let names = columns.map { Array("\"\($0)\":\"".utf8) }
        while try query.step() {
            try take(query.text(0)) { column in query.withBytes(1) { FlatJSON.text(behind: names[column], in: $0) } }
        }
    }

    /// The tables that have rows.
    package func registerTables() throws -> [String] {
        let query = try HotStatement(db, "SELECT min(list) FROM register_row WHERE list > ?")
        var tables: [String] = []
        var last = ""
        while true {
            query.bind(text: last, 1)
            defer { query.reset() }
            guard try query.step(), let next = query.optionalText(0) else { return tables }
            tables.append(next)
            last = next
        }
    }
}
