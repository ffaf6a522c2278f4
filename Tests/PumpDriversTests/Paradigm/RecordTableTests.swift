import PumpCore
import Testing

@testable import PumpDrivers

@Suite("Paradigm record table")
struct RecordTableTests {
    /// Total lengths, as several public decoders have them: opcode, older, larger; 0 where the second byte says it.
    static let published: [(UInt8, Int, Int)] = [
        (0x01, 9, 13), (0x03, 10, 10), (0x06, 9, 9), (0x07, 7, 10), (0x08, 152, 152), (0x09, 152, 152), (0x0B, 8, 8),
        (0x26, 21, 21), (0x2E, 107, 107), (0x2F, 19, 19), (0x30, 0, 0), (0x33, 8, 8), (0x36, 21, 21), (0x39, 10, 10),
        (0x3C, 21, 21), (0x3F, 10, 10), (0x40, 9, 9), (0x41, 8, 8), (0x42, 8, 8), (0x4F, 39, 39), (0x50, 37, 41),
        (0x53, 8, 8), (0x54, 64, 64), (0x55, 55, 55), (0x56, 12, 12), (0x5A, 124, 144), (0x5B, 20, 22), (0x5C, 0, 0),
        (0x67, 9, 9), (0x68, 9, 9), (0x69, 9, 9), (0x6C, 38, 38), (0x6D, 44, 44), (0x6E, 52, 52), (0x7B, 10, 10),
        (0x7D, 37, 37), (0x81, 12, 12), (0x82, 12, 12),
    ]
    static let sevenBytes: [UInt8] =
        [0x0A, 0x0C, 0x14, 0x16, 0x17, 0x18, 0x19, 0x1A, 0x1B, 0x1C, 0x1E, 0x1F, 0x20, 0x21, 0x23, 0x24, 0x2C, 0x2D]
        + [0x31, 0x32, 0x34, 0x35, 0x3A, 0x3B, 0x43, 0x44, 0x51, 0x52, 0x5D, 0x5E, 0x5F, 0x60, 0x61, 0x62, 0x63, 0x64]
        + [0x65, 0x66, 0x6A, 0x6F, 0x7C, 0x83]

    @Test("each record type has its published length in both sizes, and there is no other type")
    func lengths() {
        var expected: [UInt8: [Int]] = [:]
        for (opcode, older, larger) in Self.published { expected[opcode] = [older, larger] }
        for opcode in Self.sevenBytes { expected[opcode] = [7, 7] }
        for opcode in UInt8.min...UInt8.max {
            let row = RecordSize.allCases.map { RecordTable.types(of: $0)[Int(opcode)]?.length }
            #expect(
                row == (expected[opcode] ?? []) + (expected[opcode] == nil ? [nil, nil] : []), "type \([opcode].hex)")
        }
    }

    @Test("no opcode has two rows, every time lies inside its record, and every row says what it is")
    func rows() {
        #expect(Set(RecordTable.rows.map(\.opcode)).count == RecordTable.rows.count)
        for size in RecordSize.allCases {
            for type in RecordTable.types(of: size).compactMap({ $0 }) {
                #expect(!type.name.isEmpty)
                if type.length > 0 { #expect(max(type.stampAt + 5, type.dayAt + 2) <= type.length, "\(type.name)") }
                if type.length == 0 { #expect(type.stampAt == -1 && type.dayAt == -1, "\(type.name)") }
            }
        }
    }
}
