/// What one entry of the chain stands for: a thing that was put on record, named by the numbers of its rows.
///
/// Every row of the ledger belongs to exactly one of them, and every one is found again by its numbers alone.
enum ChainSubject: Hashable, Sendable {
    case pump(Int)
    case session(Int)
    /// `records`: the contents that it brought; empty where all of them were known.
    case batch(session: Int, number: Int, records: Range<Int>)
    case identity(Int)
    case clock(Int)
    case gap(Int)
    case ending(session: Int)
    case registerImport(Int, rows: ClosedRange<Int>)
    /// `bringsRules`: whether its rule book was new.
    case closing(Int, mark: Int, bringsRules: Bool)
    case reopening(closing: Int)
    case closingCheck(Int, mark: Int)
    case visit(Int)
    case audit(Int)
    case auditOutcome(audit: Int)
    case disowning(Int)
    /// Contents of a ledger that is older than its chain.
    case adoptedRecords(ClosedRange<Int>)

    /// The columns `kind` and `a` to `d` of the table. They are part of what is hashed and never change their meaning.
    var columns: [Int] {
        switch self {
        case .pump(let id): [1, id, 0, 0, 0]
        case .session(let id): [2, id, 0, 0, 0]
        case .batch(let session, let number, let records):
            [3, session, number, records.lowerBound, records.upperBound]
        case .identity(let id): [4, id, 0, 0, 0]
        case .clock(let id): [5, id, 0, 0, 0]
        case .gap(let id): [6, id, 0, 0, 0]
        case .ending(let session): [7, session, 0, 0, 0]
        case .registerImport(let id, let rows): [8, id, rows.lowerBound, rows.upperBound, 0]
        case .closing(let id, let mark, let bringsRules): [9, id, mark, bringsRules ? 1 : 0, 0]
        case .reopening(let closing): [10, closing, 0, 0, 0]
        case .closingCheck(let id, let mark): [11, id, mark, 0, 0]
        case .visit(let id): [12, id, 0, 0, 0]
        case .audit(let id): [13, id, 0, 0, 0]
        case .auditOutcome(let audit): [14, audit, 0, 0, 0]
        case .disowning(let id): [15, id, 0, 0, 0]
        case .adoptedRecords(let ids): [16, ids.lowerBound, ids.upperBound, 0, 0]
        }
    }

    /// Nil for columns that no program of ours wrote.
    init?(columns: [Int]) {
        guard columns.count == 5 else { return nil }
        let (a, b, c, d) = (columns[1], columns[2], columns[3], columns[4])
        switch columns[0] {
        case 1: self = .pump(a)
        case 2: self = .session(a)
        case 3 where c <= d: self = .batch(session: a, number: b, records: c..<d)
        case 4: self = .identity(a)
        case 5: self = .clock(a)
        case 6: self = .gap(a)
        case 7: self = .ending(session: a)
        case 8 where b <= c: self = .registerImport(a, rows: b...c)
        case 9 where c == 0 || c == 1: self = .closing(a, mark: b, bringsRules: c == 1)
        case 10: self = .reopening(closing: a)
        case 11: self = .closingCheck(a, mark: b)
        case 12: self = .visit(a)
        case 13: self = .audit(a)
        case 14: self = .auditOutcome(audit: a)
        case 15: self = .disowning(a)
        case 16 where a <= b: self = .adoptedRecords(a...b)
        default: return nil
        }
        // What is not used is zero: an entry says one thing in one way.
        guard self.columns == columns else { return nil }
    }

    /// For a person who has to find the place.
    var name: String {
        switch self {
        case .pump(let id): "pump \(id)"
        case .session(let id): "the beginning of session \(id)"
        case .batch(let session, let number, _): "batch \(number) of session \(session)"
        case .identity(let id): "identity \(id)"
        case .clock(let id): "clock reading \(id)"
        case .gap(let id): "gap \(id)"
        case .ending(let session): "the end of session \(session)"
        case .registerImport(let id, _): "register import \(id)"
        case .closing(let id, _, _): "closing \(id)"
        case .reopening(let closing): "the reopening of closing \(closing)"
        case .closingCheck(let id, _): "the later comparison \(id) of a closing"
        case .visit(let id): "visit \(id)"
        case .audit(let id): "audit entry \(id)"
        case .auditOutcome(let audit): "the outcome of audit entry \(audit)"
        case .disowning(let id): "disowning \(id)"
        case .adoptedRecords(let ids): "records \(ids.lowerBound) to \(ids.upperBound)"
        }
    }
}

// MARK: - Its rows

extension ChainSubject {
    /// Rows of one table, in an order that the table gives. Columns are named, and none is ever left out or moved: a later
    /// column belongs to a later kind of entry.
    struct Rows: Hashable, Sendable {
        var table: String
        var sql: String
        var arguments: [Int]

        init(_ table: String, _ columns: String, where condition: String, _ arguments: [Int]) {
            self.table = table
            sql = "SELECT \(columns) FROM \(table) WHERE \(condition)"
            self.arguments = arguments
        }
    }

    var rows: [Rows] {
        switch self {
        case .pump(let id): [Rows("pump", "id, driver, serial", where: "id = ?", [id])]
        case .session(let id):
            [
                Rows(
                    "session",
                    """
                    id, name, pump, model, firmware, link, origin, positions, ring_size, decoder, started_at, read_at
                    """, where: "id = ?", [id])
            ]
        case .batch(let session, let number, let records):
            [
                Rows(
                    "batch", "session, number, adjacency, read_at, records, undecoded_offset, undecoded",
                    where: "session = ? AND number = ?", [session, number]),
                Rows(
                    "run", "session, batch, part, first, last", where: "session = ? AND batch = ? ORDER BY part",
                    [session, number]),
                Self.contents(records),
            ]
        case .identity(let id): [Rows("identity", "id, session, model, firmware", where: "id = ?", [id])]
        case .clock(let id): [Rows("clock", "id, session, civil, counter, host_at", where: "id = ?", [id])]
        case .gap(let id):
            [
                Rows(
                    "gap",
                    """
                    id, session, batches, reason, after_key, before_key, from_civil, from_counter, to_civil, to_counter,
                    missing, detail
                    """, where: "id = ?", [id])
            ]
        case .ending(let session):
            [
                Rows(
                    "ending", "session, outcome, to_newest, ended_at, read_at, detail", where: "session = ?", [session])
            ]
        case .registerImport(let id, let rows):
            [
                Rows("register_import", "id, imported_at, imported_by", where: "id = ?", [id]),
                Rows(
                    "register_row", "id, import, list, key, version, content, file, line",
                    where: "id >= ? AND id <= ? ORDER BY id", [rows.lowerBound, rows.upperBound]),
            ]
        case .closing(let id, let mark, let bringsRules):
            [
                Rows(
                    "closing",
                    """
                    id, first_day, last_day, mark, rule_book, closed_at, closed_by, uid, accepted, program, digest
                    """, where: "id = ?", [id]),
                Rows(
                    "closing_part", "id, closing, kind, number, content",
                    where: "closing = ? ORDER BY kind, number", [id]),
                Rows(
                    "rule_book", "digest, content",
                    where: "digest = (SELECT rule_book FROM closing WHERE id = ?) AND ? = 1",
                    [id, bringsRules ? 1 : 0]),
            ] + Self.mark(mark)
        case .reopening(let closing):
            [
                Rows(
                    "reopening", "closing, reopened_at, reopened_by, uid, reason", where: "closing = ?", [closing])
            ]
        case .closingCheck(let id, let mark):
            [
                Rows("closing_check", "id, closing, mark, checked_at", where: "id = ?", [id]),
                Rows(
                    "adjustment", "id, closing_check, content", where: "closing_check = ? ORDER BY id", [id]),
            ] + Self.mark(mark)
        case .visit(let id):
            [
                Rows(
                    "visit", "id, pump, visited_at, visited_by, uid, records, newest_key, through_at", where: "id = ?",
                    [id])
            ]
        case .audit(let id):
            [Rows("audit", "id, at, user, uid, action, arguments, outcome", where: "id = ?", [id])]
        case .auditOutcome(let audit): [Rows("audit_outcome", "audit, outcome", where: "audit = ?", [audit])]
        case .disowning(let id):
            [
                Rows(
                    "disowning", "id, session, disowned_at, disowned_by, uid, reason", where: "id = ?", [id])
            ]
        case .adoptedRecords(let ids): [Self.contents(ids.lowerBound..<ids.upperBound + 1)]
        }
    }

    private static func contents(_ ids: Range<Int>) -> Rows {
        Rows(
            "record",
            """
            id, pump, digest, twin, raw, opcode, byte_offset, position, civil, counter, kind, details, stable, decoder
            """, where: "id >= ? AND id < ? ORDER BY id", [ids.lowerBound, ids.upperBound])
    }

    private static func mark(_ number: Int) -> [Rows] {
        [
            Rows("mark", "id, session, clock, gap, register_row, disowning", where: "id = ?", [number]),
            Rows("mark_session", "mark, session, batches", where: "mark = ? ORDER BY session", [number]),
        ]
    }

    /// The tables whose every row is in the chain. Those of the chain itself are held by the checkpoints, and by being
    /// chained.
    static let tables = [
        "adjustment", "audit", "audit_outcome", "batch", "clock", "closing", "closing_check", "closing_part",
        "disowning", "ending", "gap", "identity", "mark", "mark_session", "pump", "record", "register_import",
        "register_row", "reopening", "rule_book", "run", "session", "visit",
    ]
}
