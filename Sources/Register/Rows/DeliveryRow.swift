import PumpCore

enum DeliveryColumns {
    static let id = Column.id("delivery_id", .filled, "Id of the delivered line.")
    static let order = Column.id("order_id", .filled, "The order, as in orders.csv.")
    static let hcpcs = Column.hcpcs("hcpcs", "Code of what was delivered.")
    static let date = Column.date("date", .filled, "Day of delivery or shipping: the date of service.")
    static let quantity = Column.wholeNumber("quantity", .filled, "Units delivered.")
    static let lot = Column.id("lot", .mayBeEmpty, "Lot of the preparation.")
    static let tracking = Column.id("tracking", .mayBeEmpty, "The carrier's number.")
    static let receivedBy = Column.text("received_by", .mayBeEmpty, "Who signed for it.")
    static let contactedOn = Column.date(
        "contacted_on", .mayBeEmpty, "Day on which the patient was asked about the refill.")
    static let affirmedBy = Column.text("affirmed_by", .mayBeEmpty, "Who said that the refill is wanted.")
    static let quantityRemaining = Column.wholeNumber(
        "quantity_remaining", .mayBeEmpty, "Units that the patient still had when asked.")

    static let all = [
        id.description, order.description, hcpcs.description, date.description, quantity.description, lot.description,
        tracking.description, receivedBy.description, contactedOn.description, affirmedBy.description,
        quantityRemaining.description,
    ]
}

extension Delivery {
    init?(reading row: inout RowReader) {
        let id = row.read(DeliveryColumns.id)
        let order = row.read(DeliveryColumns.order)
        let hcpcs = row.read(DeliveryColumns.hcpcs)
        let date = row.read(DeliveryColumns.date)
        let quantity = row.read(DeliveryColumns.quantity)
        let lot = row.read(DeliveryColumns.lot)
        let tracking = row.read(DeliveryColumns.tracking)
        let receivedBy = row.read(DeliveryColumns.receivedBy)
        let contactedOn = row.read(DeliveryColumns.contactedOn)
        let affirmedBy = row.read(DeliveryColumns.affirmedBy)
        let quantityRemaining = row.read(DeliveryColumns.quantityRemaining)
        guard let id, let order, let hcpcs, let date, let quantity else { return nil }
        self.init(
            id: id, order: order, hcpcs: hcpcs, date: date, quantity: quantity, lot: lot, tracking: tracking,
            receivedBy: receivedBy, contactedOn: contactedOn, affirmedBy: affirmedBy,
            quantityRemaining: quantityRemaining, origin: row.origin)
    }
}
