import Crypto
import PumpCore

/// The first 80 bits of the SHA-256 over pump, device position and raw bytes: what a record key spells in hexadecimal.
///
/// It says what a record is, not where it stands: two equal records of one pump have the same digest, and the ordinal
/// behind the key tells them apart.
struct RecordDigest: Hashable, Comparable, Sendable {
    static let byteCount = 10

    let high: UInt64
    let low: UInt16

    init(high: UInt64, low: UInt16) {
        self.high = high
        self.low = low
    }

    /// Nil unless there are exactly ten bytes.
    init?(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count == Self.byteCount else { return nil }
        high = UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self))
        low = UInt16(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt16.self))
    }

    /// Nil unless `key` is `r:`, twenty lower-case hexadecimal digits and, behind a point, an ordinal of 1 and more.
    init?(of key: RecordKey) {
        guard let digest = key.digest else { return nil }
        self.init(high: digest.high, low: digest.low)
    }

    var bytes: [UInt8] {
        [UInt8](unsafeUninitializedCapacity: Self.byteCount) { buffer, count in
            for index in 0..<8 { buffer[index] = UInt8(truncatingIfNeeded: high >> (56 - 8 * index)) }
            buffer[8] = UInt8(truncatingIfNeeded: low >> 8)
            buffer[9] = UInt8(truncatingIfNeeded: low)
            count = Self.byteCount
        }
    }

    /// `ordinal` counts the equal records that stand before this one in the pump's merged log.
    func key(ordinal: Int) -> RecordKey { RecordKey(high: high, low: low, ordinal: ordinal) }

    static func < (a: RecordDigest, b: RecordDigest) -> Bool { (a.high, a.low) < (b.high, b.low) }
}

/// Digests for the records of one pump. It keeps its buffer, because a download asks for tens of thousands.
struct RecordDigester {
    private var buffer: [UInt8]
    private let prefixCount: Int

    init(driver: String, serial: String) {
        // A zero byte ends each part; neither driver names nor positions can hold one, and the raw bytes come last.
        buffer = Array(driver.utf8) + [0] + Array(serial.utf8) + [0]
        prefixCount = buffer.count
        buffer.reserveCapacity(prefixCount + 128)
    }

    mutating func digest(position: Int?, raw: [UInt8]) -> RecordDigest {
        buffer.removeLast(buffer.count - prefixCount)
        if let position { buffer.append(contentsOf: String(position).utf8) }
        buffer.append(0)
        buffer.append(contentsOf: raw)
        return SHA256.hash(data: buffer).withUnsafeBytes { sha in
            RecordDigest(
                high: UInt64(bigEndian: sha.loadUnaligned(as: UInt64.self)),
                low: UInt16(bigEndian: sha.loadUnaligned(fromByteOffset: 8, as: UInt16.self)))
        }
    }

    /// What stays equal when a record is updated in place, as a number to align by. The mark in front keeps it apart
    /// from every record's own digest.
    mutating func place(position: Int?, stableIdentity: [UInt8]) -> UInt64 {
        digest(position: position, raw: Array("\0same place\0".utf8) + stableIdentity).high
    }
}
