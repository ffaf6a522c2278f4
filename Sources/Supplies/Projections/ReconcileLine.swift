package import PumpCore

/// Opening + delivered − used − attested − wasted − returned − lost = expected, against what was counted and billed.
package struct ReconcileLine: Hashable, Sendable {
    package enum Status: String, Hashable, Codable, Sendable {
        case fine = "OK"
        /// Counted and expected differ, more is billed than supported, or the count itself needs a person.
        case review = "REVIEW"
        /// Nobody counted: never 0.
        case notCounted = "NOT COUNTED"
    }

    package var order: String
    package var patient: String
    package var hcpcs: String
    package var opening: Int
    package var delivered: Int
    package var used: Int
    package var attested: Int
    package var wasted: Int
    package var returned: Int
    package var lost: Int
    package var expected: Int
    /// The newest count in the period; nil where nobody counted.
    package var counted: Int?
    package var countedOn: CivilDate?
    /// Counted less what was expected at the end of that day.
    package var variance: Int?
    package var billed: Int
    /// Nil where support cannot be assessed.
    package var billedMinusSupported: Int?
    package var status: Status
    /// Whether these lie on a shelf where somebody can count them: containers do, weeks and days do not.
    package var isOnShelf: Bool
    /// Why a person has to look.
    package var notes: [String]
}

extension ReconcileLine {
    /// Whether a person has to do something about it.
    package var isFinding: Bool { status == .review || !notes.isEmpty || status == .notCounted && isOnShelf }
}

extension ReconcileLine: Codable {
    private enum CodingKeys: String, CodingKey {
        case order, patient, hcpcs, opening, delivered, used, attested, wasted, returned, lost, expected, counted
        case countedOn, variance, billed, billedMinusSupported, status, notes
        case isOnShelf = "onShelf"
    }

    /// Every key always stands; what is not known is null.
    package func encode(to encoder: any Encoder) throws {
        var c = encoder.container(keyedBy: CodingKeys.self)
        try c.encode(order, forKey: .order)
        try c.encode(patient, forKey: .patient)
        try c.encode(hcpcs, forKey: .hcpcs)
        try c.encode(opening, forKey: .opening)
        try c.encode(delivered, forKey: .delivered)
        try c.encode(used, forKey: .used)
        try c.encode(attested, forKey: .attested)
        try c.encode(wasted, forKey: .wasted)
        try c.encode(returned, forKey: .returned)
        try c.encode(lost, forKey: .lost)
        try c.encode(expected, forKey: .expected)
        try c.encode(counted, forKey: .counted)
        try c.encode(countedOn, forKey: .countedOn)
        try c.encode(variance, forKey: .variance)
        try c.encode(billed, forKey: .billed)
        try c.encode(billedMinusSupported, forKey: .billedMinusSupported)
        try c.encode(status, forKey: .status)
        try c.encode(isOnShelf, forKey: .isOnShelf)
        try c.encode(notes, forKey: .notes)
    }
}
