import GRDB
import PumpCore

/// A record as its row has it, and what made its event of its bytes.
struct StoredRecord {
    var record: RawRecord
    var decoderVersion: Int

    /// The columns that `init(from:)` expects from number `first` on.
    static let columns = "position, civil, counter, kind, details, decoder, raw, opcode, byte_offset, stable"

    /// Throws for a row that this build does not write. `depth` counting leaves raw bytes, opcode and offset out.
    init(from row: HotStatement, first: Int32, id: Int, _ reader: EventReader) throws {
        let event = row.withBytes(first + 3) { kind in
            row.isNull(first + 4)
                ? reader.event(kind: kind) : row.withBytes(first + 4) { reader.event(kind: kind, details: $0) }
        }
        guard let event else {
            throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "record \(id) cannot be read")
        }
        let time = DeviceTime(civil: row.optionalInt(first + 1), counter: row.optionalInt(first + 2))
        let position = row.optionalInt(first)
        record =
            reader.depth == .counting
            ? RawRecord(raw: [], devicePosition: position, deviceTime: time, event: event)
            : RawRecord(
                raw: row.bytes(first + 6), opcode: row.optionalInt(first + 7), offset: row.optionalInt(first + 8),
                devicePosition: position, deviceTime: time, event: event, stableIdentity: row.optionalBytes(first + 9))
        decoderVersion = row.int(first + 5)
    }
}
