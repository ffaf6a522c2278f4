import PumpCore

/// A container while its pump's log is read: what the log shows, before the order's rules decide on it.
struct UseDraft {
    /// Number of the plan of its order; nil where the pump was assigned to none.
    var plan: Int?
    var channel: Int
    var containerID: String?
    /// Places of records in the log.
    var records: [Int]
    var attached: Int?
    var start: Int
    var firstFlow: Int?
    var lastFlow: Int?
    var detached: Int?
    var ended: Int?
    /// Wall seconds of the records above.
    var startWall: Int
    var firstFlowWall: Int?
    var lastFlowWall: Int?
    var endedWall: Int?
    var volumeThousandths = 0
    var volumeUnit: Quantity.Unit?
    /// The pump's count began with another patient.
    var isVolumeUnknown = false
    var isDoubtful = false
    var isInPlace = false
    var reseats = 0
    var ranEmpty = false
    /// Taken for in use without a record of flow: a reservoir pump's basal rate, or a log that has no such records.
    var flowsUnseen = false
    /// When its tubing was primed last before flow, in wall seconds: of a reservoir pump, when its basal rate began.
    var primedWall: Int?
    /// When it was first seen to flow again behind a gap, in wall seconds: it may have been changed in there.
    var flowsBehindGaps: [Int] = []
    /// The last time before each gap over which it was in place, in wall seconds: it may have been changed in there.
    var gapsCrossed: [Int] = []
    /// The record of an alarm that says occlusion, leak or air, after which it was put in place.
    var alarmBefore: Int?
    /// The container that it followed on its channel.
    var previous: Int?
    /// Why it is taken for what it is, in a plain sentence.
    var reason: String
    var isTimeDoubtful = false

    var hasFlow: Bool { firstFlow != nil || flowsUnseen }
    /// When it was hung: first flow, seen or not, else when it was put in place.
    var hungWall: Int { primedWall ?? firstFlowWall ?? startWall }
}

/// One attempt to give an ordered dose.
struct DoseAttempt {
    /// Number of the plan of its order.
    var plan: Int
    var channel: Int
    /// True for records that speak of a dose; false for a run of the pump, which is one where the log has no better.
    var isDose: Bool
    var start: Int
    var startWall: Int
    var isOpen = true
    var isCompleted = false
    /// When its container ran empty, in wall seconds.
    var emptiedWall: Int?
    /// Wall seconds of the slot that a person named.
    var attestedSlot: Int?
    /// Containers that it ran from, by their place among the drafts of the log.
    var uses: [Int]
    var records: [Int]
}
