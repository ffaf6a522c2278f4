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
package struct PumpEvent: Hashable, Sendable {
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
    /// The maker's code of an alarm or setting, in decimal.
    package var code: Int?
    /// What the alarm says, where the meaning of its code is known.
    package var alarm: Alarm?
    /// Attested events: the pump's channel, from 1.
    package var channel: Int?
    /// What few records say. A month holds many events at a time and copies each of them more than once.
    private var rest: Rest?

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

extension PumpEvent {
    package var primeType: PrimeType? {
        get { rest?.details.primeType }
        set { change { $0.primeType = newValue } }
    }

    /// For clock changes: what the clock was set to, where the record or its companion says so.
    package var newTime: CivilDateTime? {
        get { rest?.details.newTime }
        set { change { $0.newTime = newValue } }
    }

    package var requestedBy: Requester? {
        get { rest?.details.requestedBy }
        set { change { $0.requestedBy = newValue } }
    }

    /// Attested events: the civil date-time of the ordered slot that a dose served.
    package var doseSlot: CivilDateTime? {
        get { rest?.details.doseSlot }
        set { change { $0.doseSlot = newValue } }
    }

    /// The container's own id, where the pump or a person recorded one.
    package var containerID: String? {
        get { rest?.details.containerID }
        set { change { $0.containerID = newValue } }
    }

    /// Attested events: the person who stands for it.
    package var by: String? {
        get { rest?.details.by }
        set { change { $0.by = newValue } }
    }

    package var note: String? {
        get { rest?.details.note }
        set { change { $0.note = newValue } }
    }

    private struct Details: Hashable, Sendable {
        var primeType: PrimeType?
        var newTime: CivilDateTime?
        var requestedBy: Requester?
        var doseSlot: CivilDateTime?
        var containerID: String?
        var by: String?
        var note: String?
    }

    private final class Rest: Hashable, Sendable {
        let details: Details

        init(_ details: Details) { self.details = details }

        static func == (a: Rest, b: Rest) -> Bool { a === b || a.details == b.details }
        func hash(into hasher: inout Hasher) { hasher.combine(details) }
    }

    /// Equal events are equal whatever was set and taken away before: nothing at all is nil.
    private mutating func change(_ change: (inout Details) -> Void) {
        var details = rest?.details ?? Details()
        change(&details)
        rest = details == Details() ? nil : Rest(details)
    }
}

extension PumpEvent: Codable {
    private enum CodingKeys: String, CodingKey {
        case kind, label, programmed, delivered, amount, primeType, code, alarm, newTime, requestedBy, channel, doseSlot
        case containerID, by, note
    }

    package init(from decoder: any Decoder) throws {
        let c = try decoder.container(keyedBy: CodingKeys.self)
        self.init(try c.decode(EventKind.self, forKey: .kind))
        label = try c.decodeIfPresent(String.self, forKey: .label)
        programmed = try c.decodeIfPresent(Quantity.self, forKey: .programmed)
        delivered = try c.decodeIfPresent(Quantity.self, forKey: .delivered)
        amount = try c.decodeIfPresent(Quantity.self, forKey: .amount)
        code = try c.decodeIfPresent(Int.self, forKey: .code)
        alarm = try c.decodeIfPresent(Alarm.self, forKey: .alarm)
        channel = try c.decodeIfPresent(Int.self, forKey: .channel)
        let details = Details(
            primeType: try c.decodeIfPresent(PrimeType.self, forKey: .primeType),
            newTime: try c.decodeIfPresent(CivilDateTime.self, forKey: .newTime),
            requestedBy: try c.decodeIfPresent(Requester.self, forKey: .requestedBy),
            doseSlot: try c.decodeIfPresent(CivilDateTime.self, forKey: .doseSlot),
            containerID: try c.decodeIfPresent(String.self, forKey: .containerID),
            by: try c.decodeIfPresent(String.self, forKey: .by),
            note: try c.decodeIfPresent(String.self, forKey: .note))
        change { $0 = details }
    }

    package func encode(to encoder: any Encoder) throws {
        var c = encoder.container(keyedBy: CodingKeys.self)
        try c.encode(kind, forKey: .kind)
        try c.encodeIfPresent(label, forKey: .label)
        try c.encodeIfPresent(programmed, forKey: .programmed)
        try c.encodeIfPresent(delivered, forKey: .delivered)
        try c.encodeIfPresent(amount, forKey: .amount)
        try c.encodeIfPresent(primeType, forKey: .primeType)
        try c.encodeIfPresent(code, forKey: .code)
        try c.encodeIfPresent(alarm, forKey: .alarm)
        try c.encodeIfPresent(newTime, forKey: .newTime)
        try c.encodeIfPresent(requestedBy, forKey: .requestedBy)
        try c.encodeIfPresent(channel, forKey: .channel)
        try c.encodeIfPresent(doseSlot, forKey: .doseSlot)
        try c.encodeIfPresent(containerID, forKey: .containerID)
        try c.encodeIfPresent(by, forKey: .by)
        try c.encodeIfPresent(note, forKey: .note)
    }
}
