/// What a pump family's events say about containers: facts about the log, stated once in the driver table.
/// Whether a container is a new one is inferred elsewhere, over the whole log.
package struct ContainerSigns: Hashable, Codable, Sendable {
    /// How the log shows that a container was put in place.
    package enum Attachment: String, Codable, Sendable {
        /// The log says so: `container-attached`.
        case explicit
        /// The log shows the old one detached; the next flow means that one is in place again.
        case flowAfterDetach = "flow-after-detach"
        /// The plunger is rewound for a new reservoir, which is then primed.
        case rewindThenPrime = "rewind-then-prime"
    }

    package var attachment: Attachment
    /// Kinds that show fluid moving to the patient.
    package var flow: Set<EventKind>
    /// Kinds that say the container ran empty.
    package var emptied: Set<EventKind>
    /// Prime types that belong to filling the tubing of a new container. A prime of another type is nothing.
    package var primes: Set<PumpEvent.PrimeType>

    package init(
        attachment: Attachment, flow: Set<EventKind>, emptied: Set<EventKind> = [.containerEmpty],
        primes: Set<PumpEvent.PrimeType> = [.manual, .fixed]
    ) {
        self.attachment = attachment
        self.flow = flow
        self.emptied = emptied
        self.primes = primes
    }

    /// For events that a person attests, and for tests: everything is said outright.
    package static let attested = ContainerSigns(
        attachment: .explicit, flow: [.doseStarted, .doseCompleted, .bolus, .deliveryStarted])
}
