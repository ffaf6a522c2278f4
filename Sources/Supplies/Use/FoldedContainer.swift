import PumpCore

/// A container of an order, from all pumps that had it: the same id on two pumps is one container (contract, Counting 18).
struct FoldedContainer {
    struct Part {
        /// Number of the pump among those of the order.
        var pump: Int
        /// Its place among the drafts of that pump.
        var draft: Int
    }

    /// In the order of time.
    var parts: [Part]
    var containerID: String?
    var startWall: Int
    var hungWall: Int
    var endWall: Int?
    var lastFlowWall: Int?
    /// Whether the log shows fluid moving out of it.
    var hasFlow: Bool
    var isDoubtful: Bool
    var isInPlace: Bool
    var alarmBefore: Bool
    /// The order's container that it followed on its channel.
    var previous: Int?
    /// Numbers of slots that it served, ascending.
    var slots: [Int] = []
    var hasExtra = false
    var hasDuplicate = false

    // What the rules make of it:
    /// Hung during a stay in hospital.
    var isInStay = false
    /// In place before the log begins, and hung at a time that it does not show.
    var isBeforeLog = false
    var upheldBy: Int?
    /// Would be upheld if it were certain that it is a container of its own.
    var isPossible = false
    var isEarly = false
    var day = CivilDate(dayNumber: 0)
    var counted = Counted.yes
    var rule = "R2"

    /// Used at home, as far as the log shows.
    var isUsed: Bool { hasFlow && !isInStay && !isBeforeLog }
}
