/// One record as a decoder found it in the pump's log: raw bytes first, meaning second.
package struct RawRecord: Hashable, Codable, Sendable {
    /// Every byte of the record, as the pump sent it. Never rewritten.
    package var raw: [UInt8]
    /// The record's type byte, where the family has one.
    package var opcode: Int?
    /// Byte offset in the page or file that it came from.
    package var offset: Int?
    /// The pump's own place for it (ring index, sequence number), where the family has one.
    package var devicePosition: Int?
    package var deviceTime: DeviceTime?
    package var event: PumpEvent
    /// For record types that the pump updates in place: what stays equal when the bytes change (type and time).
    /// Nil where only equal bytes are the same record.
    package var stableIdentity: [UInt8]?

    package init(
        raw: [UInt8], opcode: Int? = nil, offset: Int? = nil, devicePosition: Int? = nil,
        deviceTime: DeviceTime? = nil, event: PumpEvent, stableIdentity: [UInt8]? = nil
    ) {
        self.raw = raw
        self.opcode = opcode
        self.offset = offset
        self.devicePosition = devicePosition
        self.deviceTime = deviceTime
        self.event = event
        self.stableIdentity = stableIdentity
    }

    /// Whether `other` can be this record, read at another time.
    package func isSame(as other: RawRecord) -> Bool {
        guard devicePosition == other.devicePosition || devicePosition == nil || other.devicePosition == nil else {
            return false
        }
        if raw == other.raw { return true }
        guard let stableIdentity, let theirs = other.stableIdentity else { return false }
        return stableIdentity == theirs
    }
}

/// Names one download. Text, so that hubs can make ids without asking each other.
package struct SessionID: Hashable, Codable, Sendable, CustomStringConvertible {
    package let text: String
    package init(_ text: String) { self.text = text }
    package var description: String { text }
    package init(from decoder: any Decoder) throws { text = try decoder.singleValueContainer().decode(String.self) }
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}

/// Where records of a log come from: one object for all that one session read of one pump.
package final class RecordSource: Hashable, Sendable {
    package let pump: PumpIdentity
    package let session: SessionID

    package init(pump: PumpIdentity, session: SessionID) {
        self.pump = pump
        self.session = session
    }

    package static func == (a: RecordSource, b: RecordSource) -> Bool {
        a === b || (a.pump == b.pump && a.session == b.session)
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(pump)
        hasher.combine(session)
    }
}

/// A record as the ledger keeps it.
package struct LogRecord: Hashable, Sendable {
    package var key: RecordKey
    package var source: RecordSource
    /// Ordinal in the pump's merged log, oldest 0. It may grow when older records are found; `key` does not change.
    package var position: Int
    /// Which unbroken stretch of the merged log it belongs to, oldest 0. Between two stretches lies a gap.
    package var stretch: Int
    package var record: RawRecord
    /// When the host read it; nil for imports that do not say.
    package var readAt: Instant?
    package var decoderVersion: Int
    /// The record that this one replaces, because the pump updated it in place.
    package var supersedes: RecordKey?

    package init(
        key: RecordKey, source: RecordSource, position: Int, stretch: Int, record: RawRecord, readAt: Instant?,
        decoderVersion: Int, supersedes: RecordKey? = nil
    ) {
        self.key = key
        self.source = source
        self.position = position
        self.stretch = stretch
        self.record = record
        self.readAt = readAt
        self.decoderVersion = decoderVersion
        self.supersedes = supersedes
    }

    package init(
        key: RecordKey, pump: PumpIdentity, session: SessionID, position: Int, stretch: Int, record: RawRecord,
        readAt: Instant?, decoderVersion: Int, supersedes: RecordKey? = nil
    ) {
        self.init(
            key: key, source: RecordSource(pump: pump, session: session), position: position, stretch: stretch,
            record: record, readAt: readAt, decoderVersion: decoderVersion, supersedes: supersedes)
    }

    package var pump: PumpIdentity {
        get { source.pump }
        set { source = RecordSource(pump: newValue, session: session) }
    }

    /// The session that read it first.
    package var session: SessionID {
        get { source.session }
        set { source = RecordSource(pump: pump, session: newValue) }
    }

    package var event: PumpEvent { record.event }
}

extension LogRecord: Codable {
    private enum CodingKeys: String, CodingKey {
        case key, pump, session, position, stretch, record, readAt, decoderVersion, supersedes
    }

    package init(from decoder: any Decoder) throws {
        let c = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            key: try c.decode(RecordKey.self, forKey: .key), pump: try c.decode(PumpIdentity.self, forKey: .pump),
            session: try c.decode(SessionID.self, forKey: .session),
            position: try c.decode(Int.self, forKey: .position),
            stretch: try c.decode(Int.self, forKey: .stretch), record: try c.decode(RawRecord.self, forKey: .record),
            readAt: try c.decodeIfPresent(Instant.self, forKey: .readAt),
            decoderVersion: try c.decode(Int.self, forKey: .decoderVersion),
            supersedes: try c.decodeIfPresent(RecordKey.self, forKey: .supersedes))
    }

    package func encode(to encoder: any Encoder) throws {
        var c = encoder.container(keyedBy: CodingKeys.self)
        try c.encode(key, forKey: .key)
        try c.encode(pump, forKey: .pump)
        try c.encode(session, forKey: .session)
        try c.encode(position, forKey: .position)
        try c.encode(stretch, forKey: .stretch)
        try c.encode(record, forKey: .record)
        try c.encodeIfPresent(readAt, forKey: .readAt)
        try c.encode(decoderVersion, forKey: .decoderVersion)
        try c.encodeIfPresent(supersedes, forKey: .supersedes)
    }
}

/// A hole in a pump's log: something was there and cannot be read. Every later report prints it.
package struct LogGap: Hashable, Codable, Sendable {
    package enum Reason: String, Codable, Sendable {
        /// Two downloads share no record: what lay between them was never read.
        case unread = "not-read"
        /// The pump's ring went round between two visits.
        case overwritten
        /// A page or batch failed its check after all retries.
        case failedCheck = "failed-check"
        /// The decoder met a record that it cannot step over.
        case undecoded = "not-decoded"
        /// Attested events: a number is missing in the series.
        case missingSequence = "missing-sequence"
    }

    /// The last record before the hole, and the first one after it; nil at the edges of the log.
    package var after: RecordKey?
    package var before: RecordKey?
    /// Raw device times of those records, where they have one.
    package var from: DeviceTime?
    package var to: DeviceTime?
    package var reason: Reason
    /// How many records are missing, where the pump's numbering tells.
    package var missing: Int?
    package var detail: String?

    package init(
        after: RecordKey?, before: RecordKey?, from: DeviceTime?, to: DeviceTime?, reason: Reason, missing: Int? = nil,
        detail: String? = nil
    ) {
        self.after = after
        self.before = before
        self.from = from
        self.to = to
        self.reason = reason
        self.missing = missing
        self.detail = detail
    }
}

/// The pump's clock beside the host's, read in the same breath.
package struct ClockReading: Hashable, Codable, Sendable {
    package var session: SessionID
    package var device: DeviceTime
    /// Nil for a replay that was not told when the recording was made.
    package var host: Instant?

    package init(session: SessionID, device: DeviceTime, host: Instant?) {
        self.session = session
        self.device = device
        self.host = host
    }
}

/// One pump's whole log as the ledger knows it.
package struct PumpLog: Hashable, Codable, Sendable {
    package var pump: PumpIdentity
    /// In the log's own order, oldest first. A superseded record stays, before the one that replaces it.
    package var records: [LogRecord]
    package var gaps: [LogGap]
    package var clocks: [ClockReading]
    /// When the log was last read down to its newest record.
    package var lastReadAt: Instant?

    package init(
        pump: PumpIdentity, records: [LogRecord], gaps: [LogGap], clocks: [ClockReading], lastReadAt: Instant?
    ) {
        self.pump = pump
        self.records = records
        self.gaps = gaps
        self.clocks = clocks
        self.lastReadAt = lastReadAt
    }
}
