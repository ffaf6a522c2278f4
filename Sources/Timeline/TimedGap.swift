package import PumpCore

/// A hole in what a pump's log can say, as an interval. Every report prints it.
package struct TimedGap: Hashable, Codable, Sendable {
    package enum Reason: String, Codable, Sendable {
        case unread = "not-read"
        case overwritten
        case failedCheck = "failed-check"
        case undecoded = "not-decoded"
        case missingSequence = "missing-sequence"
        /// The clock jumped and the log does not say by how much: what happened then has no certain time.
        case clockJump = "clock-jump"

        init(_ reason: LogGap.Reason) {
            self =
                switch reason {
                case .unread: .unread
                case .overwritten: .overwritten
                case .failedCheck: .failedCheck
                case .undecoded: .undecoded
                case .missingSequence: .missingSequence
                }
        }
    }

    /// Serial of the pump.
    package var pump: String
    /// Corrected times of the records at its edges; nil at the edges of the log, or where nothing corrects them.
    package var from: Instant?
    package var to: Instant?
    /// The same edges on the patient's wall clock, or on the pump's own where nothing corrects it. Nil at the edges
    /// of the log.
    package var fromCivil: CivilDateTime?
    package var toCivil: CivilDateTime?
    package var reason: Reason
    /// How many records are missing, where the pump's numbering tells.
    package var missing: Int?
    package var detail: String?

    package init(
        pump: String, from: Instant?, to: Instant?, fromCivil: CivilDateTime?, toCivil: CivilDateTime?, reason: Reason,
        missing: Int? = nil, detail: String? = nil
    ) {
        self.pump = pump
        self.from = from
        self.to = to
        self.fromCivil = fromCivil
        self.toCivil = toCivil
        self.reason = reason
        self.missing = missing
        self.detail = detail
    }
}
