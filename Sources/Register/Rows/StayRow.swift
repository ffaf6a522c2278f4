import PumpCore

enum StayColumns {
    static let patient = Column.id("patient_id", .filled, "The patient, as in patients.csv.")
    static let admitted = Column.time("admitted_at", .filled, "Admission; a bare day begins at 00:00.")
    static let discharged = Column.time(
        "discharged_at", .mayBeEmpty, "Discharge, the first moment at home; empty while the stay lasts.")
    static let kind = Column<Stay.Kind>.choice("kind", .filled, "Whether the stay was foreseen.")
    static let facility = Column.text("facility", .mayBeEmpty, "Where.")

    static let all = [
        patient.description, admitted.description, discharged.description, kind.description, facility.description,
    ]
}

extension Stay {
    init?(reading row: inout RowReader) {
        let patient = row.read(StayColumns.patient)
        let admitted = row.read(StayColumns.admitted)
        let discharged = row.read(StayColumns.discharged)
        let kind = row.read(StayColumns.kind)
        let facility = row.read(StayColumns.facility)
        guard let patient, let admitted, let kind else { return nil }
        self.init(
            patient: patient, admitted: admitted, discharged: discharged, kind: kind, facility: facility,
            origin: row.origin)
    }
}
