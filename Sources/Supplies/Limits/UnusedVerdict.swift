package import PumpCore
package import Register

/// What rule R8 makes of containers that were not used, by the reason and the stays on record.
package enum UnusedVerdict: Hashable, Sendable {
    /// As far as ordered doses were not given.
    case excused
    case unsupported
    case review
    /// Would be excused if an emergency stay were on record.
    case reviewWithoutStay
    case returned
}

extension RegisterIndex {
    package func verdict(on reason: Disposition.Reason, at date: CivilDate, order: String) -> UnusedVerdict {
        switch reason {
        case .returned: .returned
        case .plannedAdmission, .doseChange: .unsupported
        case .damaged, .expired, .lost, .other: .review
        case .drugToxicity: .excused
        case .emergencyAdmission:
            plan(ofOrder: order)?.stays.emergency(for: date) == nil ? .reviewWithoutStay : .excused
        }
    }
}
