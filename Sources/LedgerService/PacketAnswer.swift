package import PumpCore
package import Supplies

/// Everything that an auditor wants for one order in one period. A value: page and JSON are printed from the same one.
package struct PacketAnswer: Codable, Hashable, Sendable {
    package var heading: ReportHeading
    package var made: PacketOrigin
    /// True where a pump of the order is simulated: then nothing here is a patient's.
    package var isSimulated: Bool
    package var orderID: String
    package var patient: String
    package var homeZone: String
    /// The order and the plan of care, column by column as the register has them; a blank is nil.
    package var order: [PacketField]
    package var plan: [PacketField]
    package var pumps: [PacketPump]
    package var assignments: [PacketAssignment]
    package var pairings: [PacketPairing]
    /// One row a code, to be read in ten seconds.
    package var summary: [PacketSummaryRow]
    package var open: [PacketOpenItem]
    /// The billable lines of the order, each with what its numbers are made of.
    package var counts: [PacketCount]
    /// Ordered slots or hang times, and what became of each.
    package var account: OrderAccount?
    package var witness: OrderWitness
    package var containers: [ContainerUse]
    /// Containers in the logs of these pumps that belong to no order.
    package var strays: [ContainerUse]
    package var records: [PacketRecord]
    package var downloads: [PacketDownload]
    package var deliveries: [PacketDelivery]
    package var nextRefill: RefillLine?
    package var shelf: [ReconcileLine]
    package var shelfCounts: [PacketShelfCount]
    package var dispositions: [PacketDisposition]
    package var stays: [PacketStay]
    package var billed: [PacketBilled]
    package var findings: [ScrubFinding]
    package var form: PacketForm
    /// Every rule that anything above names, each once.
    package var rules: [RuleReference]
}

/// Who made it, when, with what.
package struct PacketOrigin: Codable, Hashable, Sendable {
    package var program: String
    package var version: String
    package var at: Instant
    package var by: String
}

/// One thing that the register holds or could hold.
package struct PacketField: Codable, Hashable, Sendable {
    /// The column, or the form's own name of the field.
    package var name: String
    /// Nil: not in the register.
    package var value: String?
    /// File and line, or why there is no value; nil where there is nothing to add.
    package var source: String?
}

/// A place in the packet that something else points to.
package struct PacketReference: Codable, Hashable, Sendable {
    package enum Kind: String, Codable, Sendable {
        case line, container, delivery, disposition, billed, stay, gap, finding, pump, order, slots, weeks, shelf
        case adjustment, excused, refill
    }

    package var kind: Kind
    /// The id of the thing, or its number from 1 in its list. Empty for a section.
    package var id: String

    package init(_ kind: Kind, _ id: String = "") {
        self.kind = kind
        self.id = id
    }

    package init(_ kind: Kind, _ number: Int) { self.init(kind, String(number)) }
}

/// A number of a line, what it is made of, and where that stands.
package struct PacketFigure: Codable, Hashable, Sendable {
    package var name: String
    /// Nil: does not apply, or cannot be assessed.
    package var value: Int?
    package var meaning: String
    package var restsOn: [PacketReference]
}

package struct PacketCount: Codable, Hashable, Sendable {
    /// `l:2026-10-01..2026-10-31:O1:A4222`
    package var id: String
    package var descriptor: String?
    package var figures: [PacketFigure]
    package var line: BillableLine
}

package struct PacketSummaryRow: Codable, Hashable, Sendable {
    package var hcpcs: String
    package var descriptor: String?
    /// Nil for a code that was billed and that nothing is counted for.
    package var line: String?
    package var delivered: Int
    package var prepared: Int?
    package var used: Int?
    package var supported: Int?
    package var over: Int?
    package var review: Int
    package var unknown: CountRange
    package var payable: Int?
    package var billed: Int
    /// Billed less supported.
    package var difference: Int?
    /// How many items of `open` are about this line.
    package var open: Int
}

/// Something that is not settled.
package struct PacketOpenItem: Codable, Hashable, Sendable {
    package enum Weight: String, Codable, Sendable {
        /// Stops the payment, or would be denied.
        case stops
        /// A person has to look.
        case review
        /// The record has a hole.
        case incomplete
    }

    package var weight: Weight
    /// The code that it is about; nil for the whole order.
    package var hcpcs: String?
    package var sentence: String
    package var about: [PacketReference]
}

/// A record of a pump's log, with all its times and its bytes.
package struct PacketRecord: Codable, Hashable, Sendable {
    package var line: EventsAnswer.Line
    /// Containers that rest on it; empty for one that only an adjustment names.
    package var containers: [String]
}

/// A download, replay or import that first read one of the records.
package struct PacketDownload: Codable, Hashable, Sendable {
    package var id: String
    package var pump: String
    /// Where the bytes came from.
    package var link: String
    package var origin: String
    package var startedAt: Instant
    package var readAt: Instant?
    package var decoderVersion: Int
    /// How it ended; nil where it was cut short.
    package var outcome: String?
    /// Records that it saw, new or not.
    package var recordsSeen: Int
}

extension PacketAnswer {
    /// What arrived after the period was closed: dated, signed, beside the frozen numbers. Empty for an open period.
    package var adjustments: [Adjustment] { heading.closing?.adjustments ?? [] }

    /// As `billable` and `usage` answer them, so that these parts print as those do.
    package var billable: BillableAnswer { BillableAnswer(heading: heading, lines: BillableLines(counts.map(\.line))) }
    package var usage: UsageAnswer { UsageAnswer(heading: heading, lines: containers) }
    package var strayUsage: UsageAnswer { UsageAnswer(heading: heading, lines: strays) }
    package var events: [EventsAnswer.Line] { records.map(\.line) }
}
