import PumpCore

enum CountColumns {
    static let order = Column.id("order_id", .filled, "The order, as in orders.csv.")
    static let countedOn = Column.date("counted_on", .filled, "Day of the count.")
    static let quantity = Column.wholeNumber("quantity", .filled, "Containers on the shelf.")
    static let by = Column.text("by", .filled, "Who counted.")

    static let all = [order.description, countedOn.description, quantity.description, by.description]
}

extension ShelfCount {
    init?(reading row: inout RowReader) {
        let order = row.read(CountColumns.order)
        let countedOn = row.read(CountColumns.countedOn)
        let quantity = row.read(CountColumns.quantity)
        let by = row.read(CountColumns.by)
        guard let order, let countedOn, let quantity, let by else { return nil }
        self.init(order: order, countedOn: countedOn, quantity: quantity, by: by, origin: row.origin)
    }
}
