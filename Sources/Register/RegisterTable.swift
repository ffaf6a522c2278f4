/// The CSV files of the register, each before the files that refer to it. The raw value names the table in the ledger.
package enum RegisterTable: String, CaseIterable, Codable, Sendable {
    case patients
    case pumps
    case orders
    case assignments
    case deliveries
    case dispositions
    case stays
    case counts
    case billed

    package var file: String { rawValue + ".csv" }

    package init?(file: String) {
        guard let table = Self.allCases.first(where: { $0.file == file }) else { return nil }
        self = table
    }

    /// Every column, in the order of the template.
    package var columns: [ColumnDescription] {
        switch self {
        case .patients: PatientColumns.all
        case .pumps: PumpColumns.all
        case .orders: OrderColumns.all
        case .assignments: AssignmentColumns.all
        case .deliveries: DeliveryColumns.all
        case .dispositions: DispositionColumns.all
        case .stays: StayColumns.all
        case .counts: CountColumns.all
        case .billed: BilledColumns.all
        }
    }

    /// The columns whose values name a row for good. None: equal rows count as often as they stand.
    package var keyColumns: [String] {
        switch self {
        case .patients: ["patient_id"]
        case .pumps: ["pump_serial"]
        case .orders: ["order_id"]
        case .assignments: ["pump_serial", "channel", "order_id", "from"]
        case .deliveries: ["delivery_id"]
        case .stays: ["patient_id", "admitted_at"]
        case .counts: ["order_id", "counted_on"]
        case .dispositions, .billed: []
        }
    }

    package var meaning: String {
        switch self {
        case .patients: "Who is treated, where the clock is read and who pays."
        case .pumps: "The pumps and what they are billed as."
        case .orders: "One prescription a row, unchanged: a change of rate or dose is a new order."
        case .assignments: "Which channel of which pump serves which order, and when."
        case .deliveries: "What was shipped or handed over, with its proof."
        case .dispositions: "Containers that were not used, and why. Equal rows count as often as they stand."
        case .stays: "Inpatient stays."
        case .counts: "What somebody counted on the shelf."
        case .billed: "What was billed. Equal rows count as often as they stand."
        }
    }
}
