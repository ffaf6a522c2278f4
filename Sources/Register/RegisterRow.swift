import PumpCore

/// One typed row of any file.
enum RegisterRow: Hashable, Sendable {
    case patient(Patient)
    case pump(RegisteredPump)
    case order(TherapyOrder)
    case assignment(Assignment)
    case delivery(Delivery)
    case disposition(Disposition)
    case stay(Stay)
    case count(ShelfCount)
    case billed(BilledLine)

    init?(_ table: RegisterTable, reading row: inout RowReader) {
        let read: RegisterRow? =
            switch table {
            case .patients: Patient(reading: &row).map(RegisterRow.patient)
            case .pumps: RegisteredPump(reading: &row).map(RegisterRow.pump)
            case .orders: TherapyOrder(reading: &row).map(RegisterRow.order)
            case .assignments: Assignment(reading: &row).map(RegisterRow.assignment)
            case .deliveries: Delivery(reading: &row).map(RegisterRow.delivery)
            case .dispositions: Disposition(reading: &row).map(RegisterRow.disposition)
            case .stays: Stay(reading: &row).map(RegisterRow.stay)
            case .counts: ShelfCount(reading: &row).map(RegisterRow.count)
            case .billed: BilledLine(reading: &row).map(RegisterRow.billed)
            }
        guard let read else { return nil }
        self = read
    }

    /// The row's own part of its key: the values of the key columns, each in one canonical form. Of a file without a key
    /// the whole known content: equal rows are told apart by their number.
    var keyFields: [String] {
        switch self {
        case .patient(let patient): [patient.id]
        case .pump(let pump): [pump.serial]
        case .order(let order): [order.id]
        case .assignment(let a): [a.pump, String(a.channel), a.order, a.from.keyText]
        case .delivery(let delivery): [delivery.id]
        case .stay(let stay): [stay.patient, stay.admitted.keyText]
        case .count(let count): [count.order, count.countedOn.description]
        case .disposition(let d):
            [d.order, d.date.description, String(d.quantity), d.reason.rawValue, d.note ?? "", d.by]
        case .billed(let b):
            [
                b.order, b.hcpcs, b.from.description, b.to.description, String(b.units),
                b.modifiers.joined(separator: ";"), b.claim ?? "", b.line ?? "",
            ]
        }
    }
}

extension RegisterTime {
    /// A bare date and its midnight are the same begin and so the same key.
    fileprivate var keyText: String {
        switch self {
        case .date(let date): CivilDateTime(date).description
        case .civil, .moment: description
        }
    }
}
