/// Something about a claim, a delivery or an order that would not stand: a line of `scrub`.
package struct ScrubFinding: Hashable, Sendable {
    package enum Severity: String, Hashable, Codable, Sendable {
        /// Denied, or not to be sent.
        case error
        /// A person should look before it is sent.
        case warning
        case note
    }

    package var severity: Severity
    /// `R4`.
    package var rule: String
    package var patient: String
    package var order: String
    package var hcpcs: String?
    package var claim: String?
    package var delivery: String?
    /// What it is about, in words: `claim C17 line 2 (order O1, A4222, 60 from 2026-10-01)`.
    package var line: String
    package var message: String
    package var fix: String
    /// Where the row stands: file and line of the import.
    package var source: String
    package var citation: RuleReference
}

extension ScrubFinding: Codable {
    private enum CodingKeys: String, CodingKey {
        case severity, rule, patient, order, hcpcs, claim, delivery, line, message, fix, source, citation
    }

    /// Every key always stands; what does not apply is null.
    package func encode(to encoder: any Encoder) throws {
        var c = encoder.container(keyedBy: CodingKeys.self)
        try c.encode(severity, forKey: .severity)
        try c.encode(rule, forKey: .rule)
        try c.encode(patient, forKey: .patient)
        try c.encode(order, forKey: .order)
        try c.encode(hcpcs, forKey: .hcpcs)
        try c.encode(claim, forKey: .claim)
        try c.encode(delivery, forKey: .delivery)
        try c.encode(line, forKey: .line)
        try c.encode(message, forKey: .message)
        try c.encode(fix, forKey: .fix)
        try c.encode(source, forKey: .source)
        try c.encode(citation, forKey: .citation)
    }
}
