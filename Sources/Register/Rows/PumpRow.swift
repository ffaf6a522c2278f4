import PumpCore

enum PumpColumns {
    /// The pumps that L33794 knows; `none` stands for gravity and other lines without a durable pump.
    static let codes = ["E0779", "E0780", "E0781", "E0784", "E0791", "K0455", "none"]

    static let serial = Column.id("pump_serial", .filled, "The maker's serial number, with its leading zeros.")
    static let driver = Column.id("driver", .mayBeEmpty, "Name of the driver that reads the pump.")
    static let model = Column.text("model", .mayBeEmpty, "The maker's name of the model.")
    static let hcpcs = Column.choice(
        "hcpcs", .filled, of: codes, "Code under which the pump is billed, or none where there is no durable pump.")
    static let ownership = Column<RegisteredPump.Ownership>.choice(
        "ownership", .filled, "Whether the beneficiary rents or owns the pump.")
    static let ownedSince = Column.date("owned_since", .mayBeEmpty, "First day on which the beneficiary owned it.")
    static let rentedSince = Column.date("rented_since", .mayBeEmpty, "First day of the rental.")

    static let all = [
        serial.description, driver.description, model.description, hcpcs.description, ownership.description,
        ownedSince.description, rentedSince.description,
    ]
}

extension RegisteredPump {
    init?(reading row: inout RowReader) {
        let serial = row.read(PumpColumns.serial)
        let driver = row.read(PumpColumns.driver)
        let model = row.read(PumpColumns.model)
        let hcpcs = row.read(PumpColumns.hcpcs)
        let ownership = row.read(PumpColumns.ownership)
        let ownedSince = row.read(PumpColumns.ownedSince)
        let rentedSince = row.read(PumpColumns.rentedSince)
        guard let serial, let hcpcs, let ownership else { return nil }
        self.init(
            serial: serial, driver: driver, model: model, hcpcs: hcpcs, ownership: ownership, ownedSince: ownedSince,
            rentedSince: rentedSince, origin: row.origin)
    }
}
