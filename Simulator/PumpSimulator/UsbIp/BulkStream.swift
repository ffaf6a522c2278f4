/// Bytes on their way to the host, cut into transfers as a bulk endpoint does it: a transfer ends with a packet that is not
/// full, and where the last one is full and the host's buffer too, an empty packet follows.
struct BulkStream: Equatable, Sendable {
    let packetSize: Int
    private var bytes: [UInt8] = []
    private var owesEmptyPacket = false
    /// A host that reads nothing loses what comes after this much.
    private static let most = 65_536

    init(packetSize: Int) { self.packetSize = packetSize }

    mutating func append(_ new: [UInt8]) { bytes += new.prefix(max(0, Self.most - bytes.count)) }

    mutating func clear() {
        bytes = []
        owesEmptyPacket = false
    }

    mutating func fill(_ length: Int) -> [UInt8]? {
        guard !bytes.isEmpty else {
            defer { owesEmptyPacket = false }
            return owesEmptyPacket ? [] : nil
        }
        let taken = Array(bytes.prefix(length))
        bytes.removeFirst(taken.count)
        owesEmptyPacket = bytes.isEmpty && taken.count == length && length % packetSize == 0
        return taken
    }
}
