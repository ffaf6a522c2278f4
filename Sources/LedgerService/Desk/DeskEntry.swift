package import PumpCore

/// What a nurse or the warehouse puts on record with one line.
package struct DeskEntry: Codable, Hashable, Sendable {
    package enum Act: Codable, Hashable, Sendable {
        case assign(PumpToOrder)
        case count(ShelfQuantity)
        case dispose(UnusedContainers)
    }

    package var act: Act
    /// Who stands for it; nil: who asks.
    package var by: String?
    /// Take the same entry back.
    package var undo: Bool
    package var dryRun: Bool

    package init(_ act: Act, by: String?, undo: Bool, dryRun: Bool) {
        self.act = act
        self.by = by
        self.undo = undo
        self.dryRun = dryRun
    }
}

/// A channel of a pump to an order.
package struct PumpToOrder: Codable, Hashable, Sendable {
    package var pump: String
    package var order: String
    package var channel: Int
    /// As the register writes times; nil: from today on, or, where it goes from one order to another, from now on.
    package var from: String?
    package var to: String?
    /// Ends what the channel served until then.
    package var moves: Bool

    package init(pump: String, order: String, channel: Int, from: String?, to: String?, moves: Bool) {
        self.pump = pump
        self.order = order
        self.channel = channel
        self.from = from
        self.to = to
        self.moves = moves
    }
}

/// Containers on a patient's shelf.
package struct ShelfQuantity: Codable, Hashable, Sendable {
    package var order: String
    package var quantity: Int
    /// Nil: today at the patient's home.
    package var day: CivilDate?

    package init(order: String, quantity: Int, day: CivilDate?) {
        self.order = order
        self.quantity = quantity
        self.day = day
    }
}

/// Containers that were not used, and why.
package struct UnusedContainers: Codable, Hashable, Sendable {
    package var order: String
    package var quantity: Int
    /// As dispositions.csv writes it.
    package var reason: String
    package var note: String?
    /// Nil: today at the patient's home.
    package var day: CivilDate?

    package init(order: String, quantity: Int, reason: String, note: String?, day: CivilDate?) {
        self.order = order
        self.quantity = quantity
        self.reason = reason
        self.note = note
        self.day = day
    }
}

/// What is on record now, in sentences, and how to take it back.
package struct EntryAnswer: Codable, Hashable, Sendable {
    package enum State: String, Codable, Hashable, Sendable {
        case added
        /// A new version of a row; the old one stays on record.
        case changed
        /// The same is on record already.
        case unchanged
        /// Taken back.
        case withdrawn
    }

    package struct Row: Codable, Hashable, Sendable {
        /// `counts`
        package var table: String
        package var state: State
        package var columns: [String: String]
    }

    package var rows: [Row]
    package var sentences: [String]
    /// Commands that take it back, in their order; empty where nothing was stored.
    package var undo: [String]
    package var dryRun: Bool

    init(rows: [Row], sentences: [String], undo: [String], dryRun: Bool) {
        self.rows = rows
        self.sentences = sentences.map { $0.prefix(1).uppercased() + $0.dropFirst() }
        self.undo = dryRun ? [] : undo
        self.dryRun = dryRun
    }
}
