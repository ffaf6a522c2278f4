package import PumpCore

/// One moment, on the clock of the world and on the patient's wall.
package struct Moment: Hashable, Codable, Sendable {
    /// Nil where nothing corrects the pump's clock.
    package var utc: Instant?
    package var civil: CivilDateTime

    package init(utc: Instant?, civil: CivilDateTime) {
        self.utc = utc
        self.civil = civil
    }
}

/// What a container in a log is, and why it is taken for that.
package enum ContainerClass: String, Hashable, Codable, Sendable {
    /// A new container, by its id, by reset or prime, by rewind and prime, or after the one before ran empty or was used up.
    case new
    /// New, soon after an alarm that says occlusion, leak or air.
    case earlyChange = "early-change"
    /// In place when the log begins: how it came there was never read.
    case inPlace = "in-place"
    /// Put in place, perhaps primed, and never infused from.
    case primedOnly = "primed-only"
    /// New or the same one as before: the log does not decide.
    case doubtful
}

package enum Counted: String, Hashable, Codable, Sendable {
    case yes
    case no
    /// A person has to look.
    case review
}

/// One container as the log shows it: a line of `usage`.
package struct ContainerUse: Hashable, Sendable {
    /// `c:` and text made of the container's own id, or of pump, channel and first record. The same for every reading.
    package var id: String
    package var order: String?
    /// The pump that had it last.
    package var pump: String
    /// Every pump that had it, in order of time.
    package var pumps: [String]
    package var channel: Int
    /// The id on the container itself, where one was recorded.
    package var containerID: String?
    package var attached: Moment?
    package var firstFlow: Moment?
    package var ended: Moment?
    /// What the log says was given from it; nil where it says nothing.
    package var volume: Quantity?
    package var containerClass: ContainerClass
    /// How often it was taken off and put back.
    package var reseats: Int
    package var ranEmpty: Bool
    /// Ordered slots that it served; empty where the order has none.
    package var slots: [CivilDateTime]
    /// Nil for continuous infusion.
    package var doses: Int?
    /// The day by which it belongs to a period; nil where it has no time at all.
    package var date: CivilDate?
    /// Whether the log shows fluid moving out of it, at home.
    package var isUsed: Bool
    package var counted: Counted
    /// A plain sentence.
    package var reason: String
    /// The rule that decided: `R2`.
    package var rule: String
    package var records: [RecordKey]
    /// True where nothing corrects the pump's clock.
    package var isUncorrected: Bool
    /// True where the clock had jumped and the log does not say how.
    package var isTimeDoubtful: Bool
}

extension ContainerUse: Codable {
    private enum CodingKeys: String, CodingKey {
        case id = "container"
        case order, pump, pumps, channel
        case containerID = "containerId"
        case attachedAt, attachedAtCivil, firstFlowAt, firstFlowAtCivil, endedAt, endedAtCivil
        case volumeMl, volume
        case containerClass = "class"
        case reseats, ranEmpty, slots, doses, date
        case isUsed = "used"
        case counted, reason, rule, records
        case isUncorrected = "uncorrected"
        case isTimeDoubtful = "doubtfulTime"
    }

    package init(from decoder: any Decoder) throws {
        let c = try decoder.container(keyedBy: CodingKeys.self)
        func moment(_ utc: CodingKeys, _ civil: CodingKeys) throws -> Moment? {
            guard let wall = try c.decodeIfPresent(CivilDateTime.self, forKey: civil) else { return nil }
            return Moment(utc: try c.decodeIfPresent(Instant.self, forKey: utc), civil: wall)
        }
        id = try c.decode(String.self, forKey: .id)
        order = try c.decodeIfPresent(String.self, forKey: .order)
        pump = try c.decode(String.self, forKey: .pump)
        pumps = try c.decode([String].self, forKey: .pumps)
        channel = try c.decode(Int.self, forKey: .channel)
        containerID = try c.decodeIfPresent(String.self, forKey: .containerID)
        attached = try moment(.attachedAt, .attachedAtCivil)
        firstFlow = try moment(.firstFlowAt, .firstFlowAtCivil)
        ended = try moment(.endedAt, .endedAtCivil)
        volume = try c.decodeIfPresent(Quantity.self, forKey: .volume)
        containerClass = try c.decode(ContainerClass.self, forKey: .containerClass)
        reseats = try c.decode(Int.self, forKey: .reseats)
        ranEmpty = try c.decode(Bool.self, forKey: .ranEmpty)
        slots = try c.decode([CivilDateTime].self, forKey: .slots)
        doses = try c.decodeIfPresent(Int.self, forKey: .doses)
        date = try c.decodeIfPresent(CivilDate.self, forKey: .date)
        isUsed = try c.decode(Bool.self, forKey: .isUsed)
        counted = try c.decode(Counted.self, forKey: .counted)
        reason = try c.decode(String.self, forKey: .reason)
        rule = try c.decode(String.self, forKey: .rule)
        records = try c.decode([RecordKey].self, forKey: .records)
        isUncorrected = try c.decode(Bool.self, forKey: .isUncorrected)
        isTimeDoubtful = try c.decode(Bool.self, forKey: .isTimeDoubtful)
    }

    /// Every key always stands; what is not known is null.
    package func encode(to encoder: any Encoder) throws {
        var c = encoder.container(keyedBy: CodingKeys.self)
        try c.encode(id, forKey: .id)
        try c.encode(order, forKey: .order)
        try c.encode(pump, forKey: .pump)
        try c.encode(pumps, forKey: .pumps)
        try c.encode(channel, forKey: .channel)
        try c.encode(containerID, forKey: .containerID)
        try c.encode(attached?.utc, forKey: .attachedAt)
        try c.encode(attached?.civil, forKey: .attachedAtCivil)
        try c.encode(firstFlow?.utc, forKey: .firstFlowAt)
        try c.encode(firstFlow?.civil, forKey: .firstFlowAtCivil)
        try c.encode(ended?.utc, forKey: .endedAt)
        try c.encode(ended?.civil, forKey: .endedAtCivil)
        try c.encode(milliliters, forKey: .volumeMl)
        try c.encode(volume, forKey: .volume)
        try c.encode(containerClass, forKey: .containerClass)
        try c.encode(reseats, forKey: .reseats)
        try c.encode(ranEmpty, forKey: .ranEmpty)
        try c.encode(slots, forKey: .slots)
        try c.encode(doses, forKey: .doses)
        try c.encode(date, forKey: .date)
        try c.encode(isUsed, forKey: .isUsed)
        try c.encode(counted, forKey: .counted)
        try c.encode(reason, forKey: .reason)
        try c.encode(rule, forKey: .rule)
        try c.encode(records, forKey: .records)
        try c.encode(isUncorrected, forKey: .isUncorrected)
        try c.encode(isTimeDoubtful, forKey: .isTimeDoubtful)
    }

    /// The volume in mL; insulin is U-100.
    package var milliliters: Double? {
        volume.map { Double($0.thousandths) / ($0.unit == .units ? 1000 * Self.unitsPerMilliliter : 1000) }
    }

    private static let unitsPerMilliliter = 100.0
}
