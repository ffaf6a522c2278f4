import PumpCore
import Register
import Supplies

/// The fields of Maryland Medicaid's "Pharmacy Invoice and Record of Home Intravenous Therapy and DME Supplies
/// Dispensed", as far as its first page is known. What the register does not hold stays blank and says so.
package struct PacketForm: Codable, Hashable, Sendable {
    package struct Section: Codable, Hashable, Sendable {
        /// As the form numbers it.
        package var number: String
        package var title: String
        package var fields: [PacketField]
    }

    package static let title =
        "Pharmacy Invoice and Record of Home Intravenous Therapy and DME Supplies Dispensed"

    package var sections: [Section]
    /// What a reader must know about the form itself.
    package var remarks: [String]
}

extension PacketForm {
    init(subject: PacketSubject, deliveries: [PacketDelivery]) {
        let order = subject.order
        func field(_ name: String, _ value: String? = nil, _ source: String? = nil) -> PacketField {
            PacketField(name: name, value: value, source: value == nil ? nil : source ?? order.origin.place)
        }
        let own = deliveries.filter { $0.isInPeriod && $0.order == order.id }
        let concurrent = subject.concurrent
        let drugs = concurrent.reduce(0) { $0 + max(1, $1.drugHcpcs.count) }
        let unused = subject.dispositions.filter(\.isInPeriod)
        sections = [
            Section(
                number: "1", title: "Recipient",
                fields: [
                    field("Recipient", "\(subject.patient.id) (pseudonym)", subject.patient.origin.place),
                    field("Date of birth"), field("Medical Assistance number"),
                    field("Enrollment (MCO, Part D, fee for service)"), field("Body weight, kg"),
                ]),
            Section(
                number: "2", title: "Other insurance",
                fields: [field("Secondary insurance"), field("Amount paid by it")]),
            Section(
                number: "3", title: "Location",
                fields: [field("Residence, hospital, nursing home, clinic, other")]),
            Section(
                number: "4", title: "Provider",
                fields: [
                    field("Provider number"), field("NABP number"), field("Pharmacy"), field("Phone"),
                ]),
            Section(
                number: "5", title: "Drug order",
                fields: [
                    field("Order (to be attached)", order.id),
                    field("Signed on", order.signedOn?.description),
                    field("Prescriber NPI", order.prescriberNPI),
                    field(
                        "Drugs infused at the same time", concurrent.isEmpty ? nil : String(drugs),
                        "orders that hold together: " + concurrent.map(\.id).joined(separator: ", ")),
                    field("Dosage frequency", subject.frequency),
                    field(
                        "Length of therapy or date of discontinuation",
                        "from \(order.starts)" + (order.ends.map { " to \($0)" } ?? ", no end ordered")),
                ]),
            Section(
                number: "6", title: "Wastage or overfill (single-dose vials only)",
                fields: [
                    field("Amount"),
                    field(
                        "Containers not used, and why",
                        unused.isEmpty
                            ? nil : unused.map { "\($0.quantity) on \($0.date): \($0.reason)" }.joined(separator: "; "),
                        unused.map(\.source).joined(separator: ", ")),
                ]),
            Section(
                number: "7", title: "Drug portion",
                fields: [
                    field("Prescription number", order.id),
                    field(
                        "Dates of service",
                        own.isEmpty ? nil : Self.distinct(own.map(\.date.description)).joined(separator: ", "),
                        Self.distinct(own.map(\.source)).joined(separator: ", ")),
                    field("Drug", order.drug), field("Strength"), field("NDC of each active ingredient"),
                    field(
                        "HCPCS of the drug", order.drugHcpcs.isEmpty ? nil : order.drugHcpcs.joined(separator: "; ")),
                    field("Units, with fractions"), field("Compound code"),
                ]),
        ]
        remarks =
            [
                "The payer takes at most a 7-day supply per batch, bills per delivery and batch, and pays no diluent beside "
                    + "the supply code.",
                "The form's second page, for supplies, was not available to this program: the supplies dispensed follow as "
                    + "the register has them.",
            ]
            + (subject.patient.payer == "maryland-medicaid"
                ? [] : ["The payer of this order is \(subject.patient.payer); the form is Maryland Medicaid's."])
    }

    private static func distinct(_ texts: [String]) -> [String] {
        var seen: Set<String> = []
        return texts.filter { seen.insert($0).inserted }
    }
}
