import PumpCore

enum AssignmentColumns {
    static let pump = Column.id("pump_serial", .filled, "The pump, as in pumps.csv.")
    static let channel = Column.wholeNumber(
        "channel", .mayBeEmpty, in: 1...100, "Channel of the pump, from 1; empty means 1.")
    static let order = Column.id("order_id", .filled, "The order, as in orders.csv.")
    static let from = Column.time("from", .filled, "Begin of the assignment; a bare day begins at 00:00.")
    static let to = Column.time(
        "to", .mayBeEmpty, "End of the assignment; a bare day is covered whole, a time is the first moment after it.")

    static let all = [pump.description, channel.description, order.description, from.description, to.description]
}

extension Assignment {
    init?(reading row: inout RowReader) {
        let pump = row.read(AssignmentColumns.pump)
        let channel = row.read(AssignmentColumns.channel) ?? 1
        let order = row.read(AssignmentColumns.order)
        let from = row.read(AssignmentColumns.from)
        let to = row.read(AssignmentColumns.to)
        guard let pump, let order, let from else { return nil }
        self.init(pump: pump, channel: channel, order: order, from: from, to: to, origin: row.origin)
    }
}
