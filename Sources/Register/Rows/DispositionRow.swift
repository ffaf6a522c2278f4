import PumpCore

enum DispositionColumns {
    static let order = Column.id("order_id", .filled, "The order, as in orders.csv.")
    static let date = Column.date("date", .filled, "Day on which the containers were put aside.")
    static let quantity = Column.wholeNumber("quantity", .filled, "Containers.")
    static let reason = Column<Disposition.Reason>.choice("reason", .filled, "Why they were not used.")
    static let note = Column.text("note", .mayBeEmpty, "What else is to be said.")
    static let by = Column.text("by", .filled, "Who stands for it.")

    static let all = [
        order.description, date.description, quantity.description, reason.description, note.description,
        by.description,
    ]
}

extension Disposition {
    init?(reading row: inout RowReader) {
        let order = row.read(DispositionColumns.order)
        let date = row.read(DispositionColumns.date)
        let quantity = row.read(DispositionColumns.quantity)
        let reason = row.read(DispositionColumns.reason)
        let note = row.read(DispositionColumns.note)
        let by = row.read(DispositionColumns.by)
        guard let order, let date, let quantity, let reason, let by else { return nil }
        self.init(
            order: order, date: date, quantity: quantity, reason: reason, note: note, by: by, origin: row.origin)
    }
}
