import Ledger
import PumpCore
import Register

/// Which order an arrival bears on: by the ids that its register row names, or by the pump that was read.
struct ArrivalCauses {
    private let arrivals: Arrivals
    /// Patients, orders and pumps that new rows, or the rows that they replaced, name.
    private let named: Set<String>

    init(_ arrivals: Arrivals) {
        self.arrivals = arrivals
        named = Set((arrivals.rows + arrivals.replaced).flatMap { Self.ids($0.entry) })
    }

    private static let idColumns = ["patient_id", "order_id", "pump_serial"]

    private static func ids(_ entry: StoredRow) -> [String] { idColumns.compactMap { entry.columns[$0] } }

    func concerns(_ id: String) -> Bool { named.contains(id) || arrivals.pumps[id] != nil }

    /// Patients of whom a new row names an order.
    func patientsOfNamedOrders(_ register: SupplyRegister) -> Set<String> {
        Set(register.orders.filter { named.contains($0.id) }.map(\.patient))
    }

    struct Cause {
        /// Of the newest arrival; nil where none of them names the order.
        var day: CivilDate?
        var words: String
        var rows: [String]
    }

    func cause(ofOrder order: String, pumps: [String], _ fold: GroupFold) -> Cause {
        let patient = fold.patient(ofOrder: order)
        let zone = patient?.homeZone ?? .utc
        let assigned = Set(pumps + fold.register.assignments.filter { $0.order == order }.map(\.pump))
        let read = assigned.filter { arrivals.pumps[$0] != nil }.sorted()
        let ids = assigned.union([order]).union([patient?.id].compactMap { $0 })
        // A row of another order of the same patient or pump bears on this one only through them.
        let rows = arrivals.rows.filter { row in
            row.entry.columns["order_id"].map { $0 == order } ?? !ids.isDisjoint(with: Self.ids(row.entry))
        }
        let moments = read.compactMap { arrivals.pumps[$0] } + rows.map(\.importedAt)
        var words: [String] = []
        if !read.isEmpty { words.append("records of pump \(read.joined(separator: ", ")) read after the closing") }
        let names = rows.map { "\($0.entry.table) \($0.entry.key)" + ($0.version > 1 ? ", version \($0.version)" : "") }
        if !rows.isEmpty {
            let shown = names.prefix(Self.shown).joined(separator: "; ")
            words.append(
                "register rows imported after the closing (\(shown)"
                    + (names.count > Self.shown ? "; and \(names.count - Self.shown) more)" : ")"))
        }
        return Cause(
            day: moments.max().map { zone.civil($0).date },
            words: words.isEmpty ? "what arrived after the closing" : words.joined(separator: " and "), rows: names)
    }

    private static let shown = 3
}
