package import LedgerService
package import PumpCore
import PumpDrivers

/// What `decode` prints: one file after the other, every record, and what could not be read.
package struct DecodeReport: Sendable {
    private let driver: String
    private let files: [OfflineDecoding.DecodedFile]

    package init(driver: String, files: [OfflineDecoding.DecodedFile]) {
        self.driver = driver
        self.files = files
    }

    /// One JSON object a line and record. A file that fits two layouts is one object with both readings.
    package var jsonLines: String {
        var out = ""
        for file in files {
            switch file.outcome {
            case .read(let reading):
                for line in lines(reading, of: file) { out += line.compact + "\n" }
            case .ambiguous(let readings):
                out +=
                    JSONValue.object([
                        .init("ambiguous", .bool(true)),
                        .init("driver", .string(driver)),
                        .init("file", .string(file.name)),
                        .init(
                            "readings",
                            .array(
                                readings.map { reading in
                                    .object([
                                        .init("layout", .string(reading.layout)),
                                        .init("records", .array(lines(reading, of: file))),
                                    ])
                                })),
                    ]).compact + "\n"
            case .refused:
                continue
            }
        }
        return out.isEmpty ? "[]\n" : out
    }

    private func lines(_ reading: LogReading, of file: OfflineDecoding.DecodedFile) -> [JSONValue] {
        var lines = reading.records.enumerated().map { position, record in
            JSONValue.object(Self.fields(record, driver: driver, position: position))
        }
        if let rest = reading.undecoded {
            lines.append(
                .object([
                    .init("driver", .string(driver)),
                    .init("position", .integer(reading.records.count)),
                    .init("offset", .integer(rest.offset)),
                    .init("opcode", .optional(rest.bytes.first.map(Int.init))),
                    .init("raw", .string(rest.bytes.hex)),
                    .init("deviceTime", .null),
                    .init("kind", "unknown"),
                    .init("note", "page not fully decoded"),
                ]))
        }
        return lines
    }

    /// The fields of one record that `decode` and `events` share.
    package static func fields(_ record: RawRecord, driver: String, position: Int) -> [JSONValue.Field] {
        [
            .init("driver", .string(driver)),
            .init("position", .integer(position)),
            .init("offset", .optional(record.offset)),
            .init("opcode", .optional(record.opcode)),
            .init("raw", .string(record.raw.hex)),
            .init("deviceTime", .optional(record.deviceTime?.civil?.description)),
        ] + (record.deviceTime?.counterSeconds.map { [.init("deviceSeconds", .integer($0))] } ?? [])
            + EventFields.json(record.event)
    }

    package var sheets: [Sheet] {
        files.flatMap { file in
            switch file.outcome {
            case .read(let reading): [sheet(reading, title: "\(file.name): \(reading.layout)")]
            case .ambiguous(let readings):
                readings.enumerated().map { i, reading in
                    sheet(
                        reading,
                        title: "\(file.name): ambiguous, reading \(i + 1) of \(readings.count): \(reading.layout)")
                }
            case .refused(let reason): [Sheet(heading: ["\(file.name): refused: \(reason)"], columns: [], rows: [])]
            }
        }
    }

    private func sheet(_ reading: LogReading, title: String) -> Sheet {
        Sheet(
            heading: [title, counted(reading.records.count, "record") + ", oldest first"],
            columns: [
                .init("#", number: true), .init("offset", number: true), .init("type"), .init("device time"),
                .init("kind"), .init("says"), .init("raw"),
            ],
            rows: reading.records.enumerated().map { position, record in
                [
                    .integer(position), .optional(record.offset),
                    .optional(record.opcode.map { "0x" + [UInt8(truncatingIfNeeded: $0)].hex }),
                    .optional(record.deviceTime?.description), .text(record.event.kind.rawValue),
                    .text(EventFields.words(record.event)), .text(Self.shortened(record.raw.hex)),
                ]
            },
            footing: reading.remarks
                + (reading.undecoded.map {
                    ["page not fully decoded: stopped at offset \($0.offset), \($0.bytes.count) bytes kept raw"]
                } ?? []))
    }

    private static func shortened(_ hex: String) -> String {
        hex.utf8.count <= 40 ? hex : hex.prefix(40) + "… (\(hex.utf8.count / 2) bytes)"
    }

    /// What a person must hear beside the data: for the messages.
    package var messages: [String] {
        files.flatMap { file -> [String] in
            switch file.outcome {
            case .read(let reading):
                reading.remarks.map { "\(file.name): \($0)" }
                    + (reading.undecoded.map {
                        ["\(file.name): page not fully decoded: stopped at offset \($0.offset)"]
                    }
                        ?? [])
            case .ambiguous(let readings):
                [
                    "\(file.name): ambiguous: the bytes fit \(readings.map(\.layout).joined(separator: " and ")). "
                        + "Say which pump it was with --model."
                ]
            case .refused(let reason): ["\(file.name): \(reason)"]
            }
        }
    }

    /// True where something could not be read: the command then ends with "bad data".
    package var hasUnreadable: Bool {
        files.contains {
            switch $0.outcome {
            case .read(let reading): reading.undecoded != nil
            case .ambiguous: false
            case .refused: true
            }
        }
    }
}
