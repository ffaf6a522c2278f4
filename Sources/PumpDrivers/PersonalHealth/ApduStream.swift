import PumpCore

/// Cuts APDUs out of a stream of bytes, whatever pieces they come in. What cannot be the head of an APDU is dropped, byte
/// by byte, until something can; an APDU that breaks off holds the stream up until `forget`.
struct ApduStream: Sendable {
    /// Twice the largest APDU: one that is half here, and what came while the last one was being stored.
    static let mostWaiting = 2 * Apdu.largest

    private var waiting: [UInt8] = []
    private var start = 0
    /// Bytes that belonged to no APDU.
    private(set) var dropped = 0

    /// False where more waits than any sound conversation brings: the bytes are not taken.
    mutating func append(_ bytes: [UInt8]) -> Bool {
        guard waiting.count - start + bytes.count <= Self.mostWaiting else { return false }
        if start > 0 {
            waiting.removeFirst(start)
            start = 0
        }
        waiting += bytes
        return true
    }

    /// The next whole APDU, header included; nil until more bytes come.
    mutating func next() -> [UInt8]? {
        while start < waiting.count {
            var head = ByteReader(waiting, at: start)
            guard let choice = head.uint16() else { return nil }
            guard Apdu.Choice.all.contains(choice) else {
                drop()
                continue
            }
            guard let length = head.uint16() else { return nil }
            let whole = Int(length) + Apdu.headerBytes
            guard whole <= Apdu.largest else {
                drop()
                continue
            }
            guard waiting.count - start >= whole else { return nil }
            defer { start += whole }
            return Array(waiting[start..<(start + whole)])
        }
        return nil
    }

    private mutating func drop() {
        start += 1
        dropped += 1
    }

    /// Whatever is half here will not be completed.
    mutating func forget() {
        dropped += waiting.count - start
        waiting = []
        start = 0
    }
}
