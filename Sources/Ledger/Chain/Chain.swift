import Crypto
import GRDB
import GRDBSQLite

/// The chain over everything on record: each entry's head is a SHA-256 over the head before it, what the entry stands
/// for, and the canonical bytes of its rows. Whoever keeps a head, keeps a seal on all that lies before it.
///
/// One entry a thing put on record, not one a row: a batch of 256 records is one entry, and costs 60 bytes on the disk.
enum Chain {
    static let headLength = 32
    /// Before the first entry.
    static let beginning = [UInt8](repeating: 0, count: headLength)
    /// Hashed in front of every entry: a head of this chain is no head of another one.
    private static let purpose = Array("pumpledger chain 1\n".utf8)

    struct End: Hashable, Sendable {
        /// Entries so far.
        var number: Int
        var head: [UInt8]
    }

    static func end(_ db: Database) throws -> End {
        let query = try HotStatement(db, "SELECT number, head FROM chain ORDER BY number DESC LIMIT 1")
        defer { query.reset() }
        guard try query.step() else { return End(number: 0, head: beginning) }
        return End(number: query.int(0), head: query.bytes(1))
    }

    /// Puts what was just stored into the chain. Called in the transaction that stores it, once its rows are complete.
    static func append(_ subject: ChainSubject, _ db: Database) throws {
        let end = try end(db)
        let number = end.number + 1
        let head = try head(of: subject, number: number, after: end.head, db)
        let columns = subject.columns
        let insert = try HotStatement(
            db, "INSERT INTO chain (number, kind, a, b, c, d, head) VALUES (?, ?, ?, ?, ?, ?, ?)")
        defer { insert.reset() }
        insert.bind(1, number)
        for (index, column) in columns.enumerated() { insert.bind(Int32(index) + 2, column) }
        insert.bind(7, head)
        _ = try insert.step()
    }

    /// The head of an entry. `tally` is told the table of each row that went into it.
    static func head(
        of subject: ChainSubject, number: Int, after previous: [UInt8], _ db: Database,
        tally: (String) -> Void = { _ in }
    ) throws -> [UInt8] {
        var bytes = CanonicalBytes()
        bytes.add(raw: purpose)
        bytes.add(raw: previous)
        bytes.add(number)
        for column in subject.columns { bytes.add(column) }
        for rows in subject.rows {
            let query = try HotStatement(db, rows.sql)
            defer { query.reset() }
            for (index, argument) in rows.arguments.enumerated() { query.bind(Int32(index) + 1, argument) }
            bytes.beginTable()
            while try query.step() {
                bytes.beginRow()
                for column in 0..<query.columnCount { bytes.add(query, column) }
                tally(rows.table)
            }
        }
        return bytes.digest()
    }
}

/// Rows as bytes that can be read in one way only: each value has a mark for its type, and each text and blob its length
/// in front. Numbers are 8 bytes, the highest first.
private struct CanonicalBytes {
    private enum Mark: UInt8 {
        case table = 0x54
        case row = 0x52
        case null = 0x6E
        case number = 0x69
        case text = 0x74
        case blob = 0x62
    }

    private var sha = SHA256()
    private var buffer: [UInt8] = []
    private static let enough = 4096

    init() { buffer.reserveCapacity(Self.enough + 512) }

    mutating func add(raw: [UInt8]) { buffer.append(contentsOf: raw) }

    mutating func add(_ number: Int) {
        buffer.append(Mark.number.rawValue)
        add(fixed: number)
    }

    mutating func beginTable() { buffer.append(Mark.table.rawValue) }

    mutating func beginRow() {
        buffer.append(Mark.row.rawValue)
        if buffer.count >= Self.enough { flush() }
    }

    mutating func add(_ query: HotStatement, _ column: Int32) {
        switch query.type(column) {
        case SQLITE_NULL: buffer.append(Mark.null.rawValue)
        case SQLITE_INTEGER: add(query.int(column))
        case let type:
            buffer.append((type == SQLITE_TEXT ? Mark.text : .blob).rawValue)
            query.withBytes(column) { bytes in
                add(fixed: bytes.count)
                bytes.withUnsafeBufferPointer { buffer.append(contentsOf: $0) }
            }
        }
    }

    mutating func digest() -> [UInt8] {
        flush()
        return Array(sha.finalize())
    }

    private mutating func add(fixed number: Int) {
        withUnsafeBytes(of: UInt64(bitPattern: Int64(number)).bigEndian) { buffer.append(contentsOf: $0) }
    }

    private mutating func flush() {
        buffer.withUnsafeBytes { sha.update(bufferPointer: $0) }
        buffer.removeAll(keepingCapacity: true)
    }
}
