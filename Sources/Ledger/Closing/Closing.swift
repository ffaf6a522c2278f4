package import PumpCore

/// Who did something: a name and a number of the operating system.
package struct LedgerPerson: Hashable, Sendable {
    package var user: String
    package var uid: UInt32

    package init(user: String, uid: UInt32) {
        self.user = user
        self.uid = uid
    }
}

/// What is to be frozen. The ledger keeps the parts as they are and does not know what they say.
package struct NewClosing: Sendable {
    package struct Part: Hashable, Sendable {
        package var kind: String
        /// From 0 within its kind.
        package var number: Int
        package var content: [UInt8]

        package init(kind: String, number: Int = 0, content: [UInt8]) {
            self.kind = kind
            self.number = number
            self.content = content
        }
    }

    /// Both ends inclusive.
    package var days: ClosedRange<CivilDate>
    /// Taken before anything of it was read: what arrived in between is found as a late arrival.
    package var mark: LedgerMark
    package var closedAt: Instant
    package var by: LedgerPerson
    /// Why somebody closed it over what was still open.
    package var accepted: String?
    /// The program that counted.
    package var program: String
    package var ruleBook: [UInt8]
    package var parts: [Part]

    package init(
        days: ClosedRange<CivilDate>, mark: LedgerMark, closedAt: Instant, by: LedgerPerson, accepted: String?,
        program: String, ruleBook: [UInt8], parts: [Part]
    ) {
        self.days = days
        self.mark = mark
        self.closedAt = closedAt
        self.by = by
        self.accepted = accepted
        self.program = program
        self.ruleBook = ruleBook
        self.parts = parts
    }
}

/// A closed period as it stands on record.
package struct Closing: Hashable, Sendable {
    package struct Reopening: Hashable, Sendable {
        package var at: Instant
        package var by: LedgerPerson
        package var reason: String
    }

    package var number: Int64
    package var days: ClosedRange<CivilDate>
    package var closedAt: Instant
    package var by: LedgerPerson
    package var accepted: String?
    package var program: String
    /// `sha256:…` of the rules that it was counted by.
    package var rulesDigest: String
    /// SHA-256 of its parts.
    package var digest: [UInt8]
    /// Nil while it holds.
    package var reopening: Reopening?
}

/// How far a closing was compared with what arrived after it.
package struct ClosingState: Hashable, Sendable {
    /// The last comparison; nil where there was none.
    package var check: Int64?
    package var mark: LedgerMark
    /// What comparisons found, oldest first, as the service wrote it.
    package var adjustments: [String]
}
