import PumpCore

/// Turns entries of the event log, one after another, into records: what a PM-segment holds, or several.
package struct PhdDecoder: LogDecoder {
    static let layout = "extended configuration, infusion events"

    package init(_ hints: DecodingHints) {}

    package func decode(_ bytes: [UInt8]) -> DecodingOutcome {
        guard bytes.count >= EventLog.entryBytes else {
            return .refused(
                reason: "A log of this family is made of entries of \(EventLog.entryBytes) bytes; these are only "
                    + "\(bytes.count) bytes.")
        }
        var reading = LogReading(layout: Self.layout, records: [])
        var reader = ByteReader(bytes)
        while !reader.isAtEnd {
            let offset = reader.offset
            guard let entry = reader.take(EventLog.entryBytes),
                let record = EventLog.record(Array(entry), offset: offset)
            else {
                reading.undecoded = .init(offset: offset, bytes: Array(bytes.dropFirst(offset)))
                reading.remarks.append(
                    bytes.count - offset < EventLog.entryBytes
                        ? "\(bytes.count - offset) bytes at the end are less than one entry."
                        : "The entry at byte \(offset) fails its check; nothing behind it is read.")
                break
            }
            reading.records.append(record)
        }
        guard !reading.records.isEmpty else {
            return .refused(reason: "The first entry fails its check: this is no log of infusion events.")
        }
        return .read(reading)
    }
}
