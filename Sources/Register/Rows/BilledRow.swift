import PumpCore

enum BilledColumns {
    static let order = Column.id("order_id", .filled, "The order, as in orders.csv.")
    static let hcpcs = Column.billedCode("hcpcs", "Code of the claim line, or per-diem.")
    static let from = Column.date("from", .filled, "First day of service.")
    static let to = Column.date("to", .filled, "Last day of service, inclusive.")
    static let units = Column.wholeNumber("units", .filled, "Units billed.")
    static let modifiers = Column.modifiers(
        "modifiers", "Modifiers in their order, separated by semicolons or blanks: KX;RR.")
    static let claim = Column.id("claim", .mayBeEmpty, "Id of the claim.")
    static let line = Column.id("line", .mayBeEmpty, "Line of the claim.")

    static let all = [
        order.description, hcpcs.description, from.description, to.description, units.description,
        modifiers.description, claim.description, line.description,
    ]
}

extension BilledLine {
    init?(reading row: inout RowReader) {
        let order = row.read(BilledColumns.order)
        let hcpcs = row.read(BilledColumns.hcpcs)
        let from = row.read(BilledColumns.from)
        let to = row.read(BilledColumns.to)
        let units = row.read(BilledColumns.units)
        let modifiers = row.read(BilledColumns.modifiers) ?? []
        let claim = row.read(BilledColumns.claim)
        let line = row.read(BilledColumns.line)
        guard let order, let hcpcs, let from, let to, let units else { return nil }
        self.init(
            order: order, hcpcs: hcpcs, from: from, to: to, units: units, modifiers: modifiers, claim: claim,
            line: line, origin: row.origin)
    }
}
