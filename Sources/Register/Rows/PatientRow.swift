import PumpCore

enum PatientColumns {
    static let id = Column.id("patient_id", .filled, "Pseudonymous id of the patient.")
    static let homeZone = Column.zone(
        "home_zone", "IANA name of the zone in which the patient's days, weeks and months begin.")
    static let payer = Column.id("payer", .filled, "Rule profile of the payer, such as medicare-dme.")

    static let all = [id.description, homeZone.description, payer.description]
}

extension Patient {
    init?(reading row: inout RowReader) {
        let id = row.read(PatientColumns.id)
        let homeZone = row.read(PatientColumns.homeZone)
        let payer = row.read(PatientColumns.payer)
        guard let id, let homeZone, let payer else { return nil }
        self.init(id: id, homeZone: homeZone, payer: payer, origin: row.origin)
    }
}
