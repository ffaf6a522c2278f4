/// Nothing on record is ever deleted. A row that should not have been entered is taken back: its newest version names who
/// took it back, and from then on no report reads it.
extension RegisterEntry {
    /// The column that takes a row back, in a file too.
    package static let withdrawnColumn = "withdrawn_by"

    /// Rows that others refer to cannot be taken back: they would leave those without a patient, a pump or an order.
    package var isWithdrawn: Bool {
        guard columns[Self.withdrawnColumn] != nil, let table = RegisterTable(rawValue: table) else { return false }
        switch table {
        case .patients, .pumps, .orders: return false
        case .assignments, .deliveries, .dispositions, .stays, .counts, .billed: return true
        }
    }

    /// The next version of this row, taken back by somebody.
    package func withdrawn(by person: String, origin: RowOrigin) throws(RegisterErrors) -> RegisterEntry {
        do throws(RegisterComplaint) {
            var entry = self
            entry.columns[Self.withdrawnColumn] = try CellText.text(person)
            entry.origin = origin
            return entry
        } catch {
            throw RegisterErrors([
                RegisterError(stored: origin, columnName: Self.withdrawnColumn, cell: person, error)
            ])
        }
    }
}
