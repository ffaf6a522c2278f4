/// What happened, in the words that every driver and every report shares.
package enum EventKind: String, CaseIterable, Codable, Sendable {
    case doseStarted = "dose-started"
    case doseCompleted = "dose-completed"
    case doseCancelled = "dose-cancelled"
    case bolus
    case bolusCancelled = "bolus-cancelled"
    case deliveryStarted = "delivery-started"
    case deliveryStopped = "delivery-stopped"
    case containerAttached = "container-attached"
    case containerDetached = "container-detached"
    case containerEmpty = "container-empty"
    case containerLow = "container-low"
    case reservoirReset = "reservoir-reset"
    case rewind
    case primed
    case alarm
    case alarmCleared = "alarm-cleared"
    case clockChanged = "clock-changed"
    case powerOn = "power-on"
    case powerOff = "power-off"
    case battery
    case counter
    case setting
    case note
    /// A record whose meaning nobody knows: kept raw, counted, reported, never guessed.
    case unknown
}

/// A decoded record: its kind and what the record itself says about it. A driver's fact, never an inference.
package struct PumpEvent: Hashable, Codable, Sendable {
    package enum PrimeType: String, CaseIterable, Codable, Sendable {
        case manual
        case fixed
    }

    package enum Requester: String, CaseIterable, Codable, Sendable {
        case pump
        case radio
    }

    package var kind: EventKind
    /// The record's own name for what it says, in plain words: `daily total`, `temporary basal rate`. Not for decisions.
    package var label: String?
    /// Asked for, by the program or a person.
    package var programmed: Quantity?
    package var delivered: Quantity?
    /// A quantity that is neither: left in the reservoir, primed, infused so far.
    package var amount: Quantity?
    package var primeType: PrimeType?
    /// The maker's code of an alarm or setting, in decimal.
    package var code: Int?
    /// What the alarm says, where the meaning of its code is known.
    package var alarm: Alarm?
    /// For clock changes: what the clock was set to, where the record or its companion says so.
    package var newTime: CivilDateTime?
    package var requestedBy: Requester?
    /// Attested events: the pump's channel, from 1.
    package var channel: Int?
    /// Attested events: the civil date-time of the ordered slot that a dose served.
    package var doseSlot: CivilDateTime?
    /// The container's own id, where the pump or a person recorded one.
    package var containerID: String?
    /// Attested events: the person who stands for it.
    package var by: String?
    package var note: String?

    /// Alarms that the counting rules know (an early change after one of the first three is looked at by a person).
    package enum Alarm: String, CaseIterable, Codable, Sendable {
        case occlusion
        case leak
        case air
        case emptyContainer = "empty-container"
        case lowContainer = "low-container"
        case battery
        case noDelivery = "no-delivery"
        /// The pump lost its settings or its clock.
        case reset
        case other
    }

    package init(_ kind: EventKind) { self.kind = kind }

    package init(_ kind: EventKind, _ fill: (inout PumpEvent) -> Void) {
        self.kind = kind
        fill(&self)
    }
}
