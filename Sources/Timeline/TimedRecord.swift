package import PumpCore

/// How a corrected time came about.
package enum ClockMethod: String, Codable, Sendable {
    /// The pump's clock was read beside the host's in the same session.
    case clockReading = "clock-reading"
    /// No reading: the pump's clock is taken for the wall clock of the home zone.
    case homeZone = "home-zone"
    /// As one of the above, moved by the clock changes that the log records after it.
    case clockChange = "clock-change"
    /// Nothing to correct by: no reading, no home zone, or no device time.
    case none
}

/// A record with its three faces of time: raw, read, corrected.
package struct TimedRecord: Hashable, Sendable {
    package var record: LogRecord
    /// Corrected UTC; nil where nothing can correct it.
    package var correctedAt: Instant?
    /// The patient's wall clock at that moment; without a correction, the pump's own calendar time.
    package var civil: CivilDateTime?
    package var method: ClockMethod
    /// How far off the corrected time may be, to either side.
    package var uncertaintySeconds: Int
    /// True where the clock jumped for a reason that the log does not explain: the time is doubtful.
    package var isDoubtful: Bool

    package init(
        record: LogRecord, correctedAt: Instant?, civil: CivilDateTime?, method: ClockMethod, uncertaintySeconds: Int,
        isDoubtful: Bool = false
    ) {
        self.record = record
        self.correctedAt = correctedAt
        self.civil = civil
        self.method = method
        self.uncertaintySeconds = uncertaintySeconds
        self.isDoubtful = isDoubtful
    }
}
