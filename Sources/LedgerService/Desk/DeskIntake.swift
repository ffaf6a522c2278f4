import Ledger
import PumpCore
import Register
import Supplies

/// Entries of the nurse and the warehouse: rows of the register, held to the same rules as rows of its files.
struct DeskIntake {
    let ledger: Ledger
    let context: RequestContext
    let entry: DeskEntry
    /// Who stands for the entry.
    let by: String
    /// The newest version of every row; what was taken back is among them.
    let existing: [Register.RegisterEntry]
    let index: RegisterIndex

    init(ledger: Ledger, context: RequestContext, entry: DeskEntry, from caller: Caller) throws {
        self.ledger = ledger
        self.context = context
        self.entry = entry
        by = entry.by ?? caller.user
        existing = try ledger.currentRegister().map(\.entry).map { row in
            Register.RegisterEntry(
                table: row.table, key: row.key, columns: row.columns, origin: RowOrigin(file: row.file, line: row.line))
        }
        index = RegisterIndex(try SupplyRegister(entries: existing))
    }

    func enter() throws -> EntryAnswer {
        switch entry.act {
        case .assign(let assignment): try assign(assignment)
        case .count(let count): try self.count(count)
        case .dispose(let unused): try dispose(unused)
        }
    }

    // MARK: What all of them need

    /// The order and the wall clock of its patient.
    func order(_ id: String) throws(ServiceError) -> (order: TherapyOrder, zone: HomeZone) {
        guard let order = index.order(id), let patient = index.patient(order.patient) else {
            throw ServiceError(
                .badInput, "there is no order \"\(id)\" on record",
                remedy: Self.known(index.register.orders.map(\.id), like: id, "orders", file: "orders.csv"))
        }
        return (order, patient.homeZone)
    }

    /// Today at the patient's home.
    func today(_ zone: HomeZone) -> CivilDate { context.today ?? zone.civil(context.now).date }

    /// Where a row comes from that nobody read from a file.
    var origin: RowOrigin {
        return RowOrigin(file: "pumpledger \(RequestInWords(.enter(entry)).words.action), \(context.now)", line: 0)
    }

    /// Puts rows on record, all or none.
    func store(_ rows: [Register.RegisterEntry]) throws -> [EntryAnswer.Row] {
        let stored = rows.map {
            StoredRow(table: $0.table, key: $0.key, columns: $0.columns, file: $0.origin.file, line: $0.origin.line)
        }
        let change = try ledger.appendRegister(
            stored, importedAt: context.now, by: by, dryRun: entry.dryRun)
        return rows.map { row in
            let isThis = { (table: String, key: String) in table == row.table && key == row.key }
            let state: EntryAnswer.State =
                row.isWithdrawn
                ? .withdrawn
                : change.added.contains { isThis($0.table, $0.key) }
                    ? .added : change.changed.contains { isThis($0.new.table, $0.new.key) } ? .changed : .unchanged
            return EntryAnswer.Row(table: row.table, state: state, columns: row.columns)
        }
    }

    /// The same rules as for a row of a file, and the mistake without the file's place.
    func checked(
        _ table: RegisterTable, _ columns: [String: String], beside rows: [Register.RegisterEntry]
    ) throws -> Register.RegisterEntry {
        do {
            return try RegisterImport.entry(table, columns: columns, origin: origin, existing: rows)
        } catch {
            guard let first = error.errors.first else { throw error }
            let cell = first.columnName.flatMap { columns[$0] } ?? ""
            let why = first.why.prefix(1).lowercased() + first.why.dropFirst().filter { $0 != "`" }
            throw ServiceError(
                Self.kind(of: first.complaint),
                "\(Self.option(first.columnName ?? table.file)) \"\(cell)\": \(why.hasSuffix(".") ? why.dropLast() : why[...])",
                remedy: first.remedy)
        }
    }

    /// What does not fit what is on record is bad input; what is no date, no number or no time is wrong usage.
    private static func kind(of complaint: RegisterComplaint) -> ServiceError.Kind {
        switch complaint {
        case .channelTaken, .unknownReference, .keyTwice: .badInput
        default: .usage
        }
    }

    /// What a column is called on the command line.
    private static func option(_ column: String) -> String {
        switch column {
        case "from", "to", "channel", "by", "note", "reason": "--\(column)"
        case "counted_on", "date": "--on"
        case "pump_serial": "pump"
        case "order_id": "order"
        default: column
        }
    }

    /// To the minute where no second is meant.
    static func minute(_ time: CivilDateTime) -> String {
        let text = time.description
        return time.second == 0 ? String(text.dropLast(3)) : text
    }

    /// Rows of a table that hold, with these cells.
    func standing(_ table: RegisterTable, _ cells: [String: String?]) -> [Register.RegisterEntry] {
        existing.filter { row in
            row.table == table.rawValue && !row.isWithdrawn
                && cells.allSatisfy { name, cell in cell == nil || row.columns[name] == cell }
        }
    }

    /// Which ids there are, where somebody named one that is not: those that look alike, else the first ones.
    static func known(_ ids: [String], like text: String, _ things: String, file: String) -> String {
        guard !ids.isEmpty else { return "None is on record yet: pumpledger import register DIR, with \(file)." }
        let wanted = text.lowercased()
        let alike = ids.filter { $0.lowercased().contains(wanted) || wanted.contains($0.lowercased()) }.sorted()
        let shown = (alike.isEmpty ? ids.sorted() : alike).prefix(6)
        let rest = ids.count - shown.count
        return "There are \(things) " + shown.joined(separator: ", ") + (rest > 0 ? " and \(rest) more" : "")
            + ". A new one comes in with \(file): pumpledger import register DIR"
    }

    /// A word of a command line, as a shell takes it.
    static func word(_ text: String) -> String {
        let isPlain = text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: "-_.,:/+@=".utf8.contains(byte)
            }
        }
        return isPlain && !text.isEmpty
            ? text
            : "'"
                + text.split(separator: "'", omittingEmptySubsequences: false)
                .joined(separator: "'\\''") + "'"
    }
}
