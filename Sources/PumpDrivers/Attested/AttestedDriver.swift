import PumpCore

extension PumpDriver {
    /// Pumps whose log cannot be read by wire: what they did is what a named person wrote down.
    package static let attested = PumpDriver(
        name: "attested", maker: "any", family: "Events attested by a person", models: [], stability: .attested,
        tells: [
            "what the person wrote down: containers with their ids, doses with their ordered slots, alarms, volumes",
            "missing rows, because the rows of a pump are numbered",
        ],
        cannotTell: ["what nobody wrote down", "the pump's clock: the times are the person's"],
        integrity: "none: the person named in the row stands for it",
        signs: .attested, positions: .series, makeDecoder: { _ in AttestedDecoder() })
}

/// Reads canonical rows of `events.csv` (`AttestedRow.canonical`), one after the other, with or without their header:
/// what the ledger keeps as raw bytes, and what `export` of them gives. Rows typed by people go through
/// `import events`, which names line and column of a mistake.
struct AttestedDecoder: LogDecoder {
    func decode(_ bytes: [UInt8]) -> DecodingOutcome {
        var reader: CSVReader
        do {
            reader = try CSVReader(bytes)
        } catch {
            return .refused(reason: "not a CSV file in UTF-8 (line \(error.line))")
        }
        var records: [RawRecord] = []
        var end = 0
        while let row = try? reader.next() {
            guard let first = row.fields.first, let last = row.fields.last else { break }
            let extent = first.extent.lowerBound..<last.extent.upperBound
            if records.isEmpty, end == 0, row.fields.map(reader.text) == AttestedRow.columns {
                end = extent.upperBound
                continue
            }
            guard let attested = AttestedRow(canonical: Array(bytes[extent])) else {
                return Self.stopped(bytes, at: extent.lowerBound, after: records)
            }
            var record = attested.record
            record.offset = extent.lowerBound
            records.append(record)
            end = extent.upperBound
        }
        let rest = bytes[end...]
        guard rest.allSatisfy({ $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }) else {
            return Self.stopped(bytes, at: end, after: records)
        }
        return .read(LogReading(layout: "events.csv", records: records))
    }

    private static func stopped(_ bytes: [UInt8], at offset: Int, after records: [RawRecord]) -> DecodingOutcome {
        guard !records.isEmpty else {
            return .refused(
                reason: "no canonical row of events.csv; rows as people type them are read by `import events`")
        }
        return .read(
            LogReading(
                layout: "events.csv", records: records,
                undecoded: LogBatch.Undecoded(offset: offset, bytes: Array(bytes[offset...]))))
    }
}
