package import PumpCore

/// What a person knows about the pump before it has said anything itself.
package struct DecodingHints: Sendable {
    package var model: String?
    package var firmware: String?
    /// The pump's own serial number, as enrolment of its port gives it. Families that must call a pump by its number
    /// cannot start a download without it; the others find it out.
    package var serial: String?
    /// The host's clock when the pump is read: tells which of two readings of a pump's clock is meant. Nil where nobody
    /// knows when it was.
    package var hostTime: Instant?
    package init(
        model: String? = nil, firmware: String? = nil, serial: String? = nil, hostTime: Instant? = nil
    ) {
        self.model = model
        self.firmware = firmware
        self.serial = serial
        self.hostTime = hostTime
    }
}

/// One way to read a stretch of raw log bytes.
package struct LogReading: Sendable, Equatable {
    /// The record layout that was used, in the family's own words: `x15/x22 and older`.
    package var layout: String
    /// Oldest first.
    package var records: [RawRecord]
    /// Where the decoder had to stop. Nil when every byte is accounted for.
    package var undecoded: LogBatch.Undecoded?
    /// What a person should know: a check that failed, bytes that were skipped.
    package var remarks: [String]

    package init(
        layout: String, records: [RawRecord], undecoded: LogBatch.Undecoded? = nil, remarks: [String] = []
    ) {
        self.layout = layout
        self.records = records
        self.undecoded = undecoded
        self.remarks = remarks
    }
}

package enum DecodingOutcome: Sendable, Equatable {
    case read(LogReading)
    /// The bytes fit more than one layout and nobody said which pump they came from. Never a silent choice.
    case ambiguous([LogReading])
    /// The bytes are no log of this family, or failed the check of the whole. Nothing is believed.
    case refused(reason: String)
}

/// Turns raw log bytes (a page file, a page just read) into records. Pure.
package protocol LogDecoder: Sendable {
    func decode(_ bytes: [UInt8]) -> DecodingOutcome
}
