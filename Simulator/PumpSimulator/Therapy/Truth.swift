package import PumpCore

/// What really happened, as no pump can log it: which containers there were and which doses they gave.
package struct Truth: Equatable, Sendable {
    package struct Container: Equatable, Sendable {
        /// `T1`, `T2` … in the order in which they were put in place.
        package var id: String
        package var attachedAt: Instant
        package var firstFlowAt: Instant
        package var endedAt: Instant?
        /// What it gave to the patient, once it is done.
        package var infused: Quantity?
        /// The ordered slots that it served, civil.
        package var slots: [CivilDateTime]
    }

    package struct Dose: Equatable, Sendable {
        package enum Outcome: String, Sendable {
            case given
            case abandoned
            case missed
        }

        package var slot: CivilDateTime
        package var outcome: Outcome
        package var startedAt: Instant?
        package var endedAt: Instant?
        package var infused: Quantity
        package var containers: [String]
    }

    /// A moment after which a reader of the log alone can be in doubt.
    package struct Doubt: Equatable, Sendable {
        package var at: Instant
        package var what: Incident.Kind
    }

    package var containers: [Container] = []
    package var doses: [Dose] = []
    package var incidents: [Doubt] = []

    package var doubts: [Doubt] { incidents.filter { Incident.isDoubtful($0.what) } }

    /// The part of it that lies before `now`: what is still running has no end yet.
    package func upTo(_ now: Instant, zone: HomeZone) -> Truth {
        var part = Truth()
        let begun = doses.filter { ($0.startedAt ?? zone.instant($0.slot)) <= now }
        let begunSlots = Set(begun.map(\.slot))
        part.containers = containers.filter { $0.attachedAt <= now }.map { container in
            var container = container
            container.slots.removeAll { !begunSlots.contains($0) }
            if let end = container.endedAt, end > now {
                container.endedAt = nil
                container.infused = nil
            }
            return container
        }
        part.doses = begun.map { dose in
            var dose = dose
            if let end = dose.endedAt, end > now { dose.endedAt = nil }
            return dose
        }
        part.incidents = incidents.filter { $0.at <= now }
        return part
    }
}
