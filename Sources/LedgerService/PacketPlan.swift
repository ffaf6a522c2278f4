import PumpCore
import Register
import Supplies

/// The order and its plan of care, column by column, blanks and all.
extension PacketSubject {
    private var source: String { order.origin.place }

    private func field(_ name: String, _ value: String?) -> PacketField {
        PacketField(name: name, value: value, source: value == nil ? nil : source)
    }

    var orderFields: [PacketField] {
        [
            field("order_id", order.id),
            PacketField(name: "patient_id", value: patient.id, source: patient.origin.place),
            PacketField(name: "home_zone", value: patient.homeZone.identifier, source: patient.origin.place),
            PacketField(
                name: "payer", value: patient.payer + (profile.map { " (\($0.title))" } ?? ""),
                source: patient.origin.place),
            field("signed_on", order.signedOn?.description),
            field("prescriber_npi", order.prescriberNPI),
            field("coverage", order.coverage?.rawValue),
        ]
    }

    var planFields: [PacketField] {
        [
            field("drug", order.drug),
            field("drug_hcpcs", order.drugHcpcs.isEmpty ? nil : order.drugHcpcs.joined(separator: "; ")),
            field("indication", order.indication),
            field("route", order.route),
            field("mode", order.mode.rawValue),
            field("starts_at", order.starts.description),
            PacketField(
                name: "ends_at", value: order.ends?.description,
                source: order.ends == nil ? "no end is ordered" : source),
        ] + schedule + [
            field("dose_hours", order.doseHours.map(Self.number)),
            field("container", order.container.rawValue),
            field("doses_per_container", String(order.dosesPerContainer)),
            field("usable_ml", order.usableMilliliters.map(Self.number)),
            field("hang_limit_hours", order.hangLimitHours.map(Self.number)),
            field("max_concentration_mg_per_ml", order.maxConcentrationMgPerMl.map(Self.number)),
            field("drug_mg_per_day", order.drugMgPerDay.map(Self.number)),
            field("change_interval_hours", order.changeIntervalHours.map(Self.number)),
            field("catheters", String(order.catheters)),
        ]
    }

    private var schedule: [PacketField] {
        switch order.schedule {
        case .timesOfDay(let times): [field("dose_times", times.map(Self.time).joined(separator: "; "))]
        case .everyHours(let hours): [field("dose_interval_hours", Self.number(hours))]
        case nil:
            [
                PacketField(
                    name: "dose_times", value: nil,
                    source: order.mode == .continuous ? "continuous infusion: no doses" : nil)
            ]
        }
    }

    /// How often, in words, for forms.
    var frequency: String? {
        switch order.schedule {
        case .timesOfDay(let times):
            "\(times.count) a day, at " + times.map(Self.time).joined(separator: ", ")
        case .everyHours(let hours): "every \(Self.number(hours)) h"
        case nil: order.mode == .continuous ? "continuous" : nil
        }
    }

    private static func time(_ second: Int) -> String { padded(second / 3600, 2) + ":" + padded(second / 60 % 60, 2) }

    static func number(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e15 ? String(Int(value)) : String(value)
    }
}
