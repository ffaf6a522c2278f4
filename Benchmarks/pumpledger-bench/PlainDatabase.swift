import CSQLite

/// As little as the C API allows.
final class PlainDatabase {
    enum Value {
        case null
        case integer(Int64)
        case text(String)
        case blob([UInt8])

        var text: String { if case .text(let text) = self { text } else { "" } }
        var integer: Int { if case .integer(let number) = self { Int(number) } else { -1 } }
    }

    private var handle: OpaquePointer?

    init(_ path: String) throws {
        guard sqlite3_open(path, &handle) == SQLITE_OK else { throw BenchmarkError.sqlite(path) }
    }

    deinit { sqlite3_close(handle) }

    func execute(_ sql: String) throws {
        guard sqlite3_exec(handle, sql, nil, nil, nil) == SQLITE_OK else { throw error(sql) }
    }

    func rows(_ sql: String) throws -> [[Value]] {
        var statement: OpaquePointer?
        guard sqlite3_prepare_v2(handle, sql, -1, &statement, nil) == SQLITE_OK else { throw error(sql) }
        defer { sqlite3_finalize(statement) }
        var rows: [[Value]] = []
        while sqlite3_step(statement) == SQLITE_ROW {
            rows.append((0..<sqlite3_column_count(statement)).map { value(statement, $0) })
        }
        return rows
    }

    private func value(_ statement: OpaquePointer?, _ column: Int32) -> Value {
        switch sqlite3_column_type(statement, column) {
        case SQLITE_INTEGER: return .integer(sqlite3_column_int64(statement, column))
        case SQLITE_TEXT: return .text(sqlite3_column_text(statement, column).map { String(cString: $0) } ?? "")
        case SQLITE_BLOB:
            let count = Int(sqlite3_column_bytes(statement, column))
            return .blob([UInt8](UnsafeRawBufferPointer(start: sqlite3_column_blob(statement, column), count: count)))
        default: return .null
        }
    }

    func prepare(_ table: String, columns: Int) throws -> OpaquePointer? {
        var statement: OpaquePointer?
        let marks = Array(repeating: "?", count: columns).joined(separator: ", ")
        guard sqlite3_prepare_v2(handle, "INSERT INTO \(table) VALUES (\(marks))", -1, &statement, nil) == SQLITE_OK
        else { throw error(table) }
        return statement
    }

    private static let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

    func insert(_ statement: OpaquePointer?, _ row: [Value]) throws {
        for (i, value) in row.enumerated() {
            let column = Int32(i + 1)
            switch value {
            case .null: sqlite3_bind_null(statement, column)
            case .integer(let number): sqlite3_bind_int64(statement, column, number)
            case .text(let text): sqlite3_bind_text(statement, column, text, -1, Self.transient)
            case .blob(let bytes): sqlite3_bind_blob(statement, column, bytes, Int32(bytes.count), Self.transient)
            }
        }
        guard sqlite3_step(statement) == SQLITE_DONE else { throw error("insert") }
        sqlite3_reset(statement)
    }

    private func error(_ what: String) -> BenchmarkError {
        .sqlite(what + ": " + (sqlite3_errmsg(handle).map { String(cString: $0) } ?? ""))
    }
}
