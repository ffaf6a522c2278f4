import GRDB
import GRDBSQLite

/// A cached statement, bound and stepped through SQLite's own calls. GRDB keeps the connection, the transaction and the
/// cache; a download binds half a million values, and there every box around one of them can be measured.
struct HotStatement {
    private let statement: Statement
    private let handle: OpaquePointer
    private let connection: OpaquePointer?

    init(_ db: Database, _ sql: String) throws {
        statement = try db.cachedStatement(sql: sql)
        handle = statement.sqliteStatement
        connection = db.sqliteConnection
    }

    /// SQLite copies what it is given. The constant is a cast in C that Swift does not import.
    private static let copied = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

    func bind(_ index: Int32, _ value: Int) { sqlite3_bind_int64(handle, index, Int64(value)) }

    func bind(_ index: Int32, _ value: Int?) {
        if let value { bind(index, value) } else { sqlite3_bind_null(handle, index) }
    }

    func bind(_ index: Int32, _ bytes: [UInt8]) {
        // An empty blob needs an address; SQLite takes a null pointer for NULL.
        if bytes.isEmpty {
            sqlite3_bind_zeroblob(handle, index, 0)
        } else {
            sqlite3_bind_blob64(handle, index, bytes, sqlite3_uint64(bytes.count), Self.copied)
        }
    }

    func bind(_ index: Int32, _ bytes: [UInt8]?) {
        if let bytes { bind(index, bytes) } else { sqlite3_bind_null(handle, index) }
    }

    /// UTF-8 without a terminator.
    func bind(text bytes: [UInt8]?, _ index: Int32) {
        if let bytes {
            bytes.withUnsafeBufferPointer { buffer in
                buffer.withMemoryRebound(to: CChar.self) { text in
                    _ = sqlite3_bind_text64(
                        handle, index, text.baseAddress, sqlite3_uint64(text.count), Self.copied,
                        UInt8(SQLITE_UTF8))
                }
            }
        } else {
            sqlite3_bind_null(handle, index)
        }
    }

    func bind(text: String, _ index: Int32) {
        var text = text
        text.withUTF8 { buffer in
            buffer.withMemoryRebound(to: CChar.self) { text in
                _ = sqlite3_bind_text64(
                    handle, index, text.baseAddress, sqlite3_uint64(text.count), Self.copied, UInt8(SQLITE_UTF8))
            }
        }
    }

    /// True where there is a row. Throws GRDB's error, so that the transaction ends as with any other.
    func step() throws -> Bool {
        let code = sqlite3_step(handle)
        switch code {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        default:
            let message = connection.map { String(cString: sqlite3_errmsg($0)) }
            let extended = connection.map { sqlite3_extended_errcode($0) } ?? code
            sqlite3_reset(handle)
            throw DatabaseError(resultCode: ResultCode(rawValue: extended), message: message)
        }
    }

    /// Ready for other values. Call it before the transaction ends: an open cursor would hold it up.
    func reset() { sqlite3_reset(handle) }

    /// Rows that the last step of this connection added.
    var changes: Int { connection.map { Int(sqlite3_changes($0)) } ?? 0 }

    // MARK: - Columns of the current row, from 0

    func int(_ column: Int32) -> Int { Int(sqlite3_column_int64(handle, column)) }

    func optionalInt(_ column: Int32) -> Int? {
        sqlite3_column_type(handle, column) == SQLITE_NULL ? nil : int(column)
    }

    func bytes(_ column: Int32) -> [UInt8] {
        guard let start = sqlite3_column_blob(handle, column) else { return [] }
        return Array(UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, column))))
    }

    /// The bytes of a blob or a text where SQLite holds them; nothing for NULL.
    func withBytes<Result>(_ column: Int32, _ body: (Span<UInt8>) throws -> Result) rethrows -> Result {
        let start = sqlite3_column_blob(handle, column)
        let count = start == nil ? 0 : Int(sqlite3_column_bytes(handle, column))
        return try body(
            UnsafeBufferPointer(start: start?.assumingMemoryBound(to: UInt8.self), count: count).span)
    }

    var columnCount: Int32 { sqlite3_column_count(handle) }

    /// `SQLITE_NULL`, `SQLITE_INTEGER`, `SQLITE_TEXT`, `SQLITE_BLOB`; no column of a ledger holds a real number.
    func type(_ column: Int32) -> Int32 { sqlite3_column_type(handle, column) }

    func isNull(_ column: Int32) -> Bool { sqlite3_column_type(handle, column) == SQLITE_NULL }

    func digest(_ column: Int32) -> RecordDigest? {
        guard let start = sqlite3_column_blob(handle, column) else { return nil }
        return RecordDigest(
            UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, column))))
    }

    func optionalText(_ column: Int32) -> String? { isNull(column) ? nil : text(column) }

    func optionalBytes(_ column: Int32) -> [UInt8]? {
        sqlite3_column_type(handle, column) == SQLITE_NULL ? nil : bytes(column)
    }

    func equals(_ column: Int32, _ expected: [UInt8]) -> Bool {
        let count = Int(sqlite3_column_bytes(handle, column))
        guard count == expected.count else { return false }
        guard let start = sqlite3_column_blob(handle, column) else { return count == 0 }
        return UnsafeRawBufferPointer(start: start, count: count).elementsEqual(expected)
    }

    func text(_ column: Int32) -> String { String(decoding: bytes(column), as: UTF8.self) }
}
