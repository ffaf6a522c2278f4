package import PumpCore
package import Supplies

/// What is new on a pump since the last visit, for the nurse who stands beside it. It bears on no count.
package struct VisitAnswer: Codable, Sendable {
    /// An order that the pump gives, and what became of its doses.
    package struct Order: Codable, Hashable, Sendable {
        package var id: String
        package var patient: String
        package var drug: String
        package var mode: String
        package var container: String
        /// Its last day, where it is over.
        package var ended: CivilDate?
        /// Nil for continuous infusion, or where no dose was due.
        package var doses: Doses?
        package var supplies: [Supply]
    }

    package struct Doses: Codable, Hashable, Sendable {
        /// Ordered slots that are over and were read.
        package var due: Int
        package var given: Int
        package var late: [LateDose]
        package var missed: [CivilDateTime]
        /// In time that was never read.
        package var unknown: Int
        package var inpatient: Int
        /// Not given, and a container that was for them is excused.
        package var excused: Int
    }

    package struct LateDose: Codable, Hashable, Sendable {
        package var slot: CivilDateTime
        package var minutes: Int
    }

    package struct Supply: Codable, Hashable, Sendable {
        package var hcpcs: String
        package var onHand: Int
        package var daysLeft: Int?
        package var lastDay: CivilDate?
        package var earliestContact: CivilDate?
        package var earliestDelivery: CivilDate?
        /// So many more may have been used in time that was never read.
        package var unknown: Int
    }

    package struct Container: Codable, Hashable, Sendable {
        package var id: String
        package var order: String?
        package var hung: CivilDateTime?
        package var isUsed: Bool
        package var counted: Counted
        package var reason: String
    }

    package struct Alarm: Codable, Hashable, Sendable {
        package var kind: String
        /// The pump's own word for it, where it has one.
        package var label: String?
        package var code: Int?
        package var times: Int
        package var last: CivilDateTime?
    }

    /// Records that are older than the last visit and came since.
    package struct Late: Codable, Hashable, Sendable {
        package var containers: Int
        package var alarms: [Alarm]
    }

    package struct LowBattery: Codable, Hashable, Sendable {
        package var at: CivilDateTime?
    }

    package struct LastVisit: Codable, Hashable, Sendable {
        package var at: Instant
        package var by: String
    }

    package struct Clock: Codable, Hashable, Sendable {
        /// Seconds by which the pump's clock is ahead of the patient's; nil where it was never read beside another.
        package var aheadSeconds: Int?
        package var changes: Int
        /// It jumped and the log does not say why.
        package var hasJumped: Bool
        /// Nothing corrects it: times are the pump's own.
        package var isUncorrected: Bool
    }

    package var pump: PumpIdentity
    package var pumpHcpcs: String?
    package var at: Instant
    package var by: String
    /// The patient's home zone: every civil time here is on that wall clock.
    package var zone: String
    package var isDryRun: Bool
    /// Why this is not all that the pump has, and what to do; nil where the log was read whole.
    package var incomplete: String?
    /// When the log was last read to its newest record.
    package var lastReadAt: Instant?
    package var last: LastVisit?
    /// Events are counted from here; nil on a first visit: from the beginning of the log.
    package var since: CivilDateTime?
    package var completeThrough: Instant?
    package var completeThroughCivil: CivilDateTime?
    /// Records that came after the newest one of the last visit, and older ones that were found since.
    package var newRecords: Int
    package var olderRecords: Int
    package var late: Late
    package var orders: [Order]
    package var containers: [Container]
    package var reseats: Int
    /// What the log says was given from the containers hung since.
    package var volume: Quantity?
    package var alarms: [Alarm]
    /// What the pump said of its battery last, in its own words.
    package var battery: String?
    /// The last time since the last visit that the pump reported one.
    package var lowBattery: LowBattery?
    package var clock: Clock
    package var gaps: [GapLine]
    /// What a person has to look at, most urgent first: sentences.
    package var attention: [String]
    /// What to do now, in order: sentences.
    package var advice: [String]

    package var isComplete: Bool { incomplete == nil }
}
