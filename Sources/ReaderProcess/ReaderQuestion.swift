import PumpCore
import PumpDrivers

/// What the daemon says to a reader: the calls of `DownloadSession`, and before them which one to make.
enum ReaderQuestion: Hashable, Sendable {
    /// The first, and only once.
    case start(driver: String, model: String?, firmware: String?, serial: String?)
    case receive([UInt8])
    case deadlinePassed
    case known(KnownLog)
    case stored(BatchReceipt)
    case linkEnded

    /// Longer than any piece of bytes that a link delivers at once.
    static let longestPiece = 1 << 20
    static let mostRanges = 1 << 16
    static let mostNewest = 4_096

    var bytes: [UInt8] {
        var out = WireWriter()
        switch self {
        case .start(let driver, let model, let firmware, let serial):
            out.byte(0)
            out.text(driver)
            for hint in [model, firmware, serial] { out.optional(hint) { $0.text($1) } }
        case .receive(let bytes):
            out.byte(1)
            out.block(bytes)
        case .deadlinePassed: out.byte(2)
        case .known(let log):
            out.byte(3)
            out.list(log.confirmed) {
                $0.int($1.lowerBound)
                $0.int($1.upperBound)
            }
            out.list(log.newest) { $0.record($1) }
        case .stored(let receipt):
            out.byte(4)
            out.int(receipt.added)
            out.int(receipt.known)
            out.flag(receipt.reachedKnown)
            out.int(receipt.superseded)
        case .linkEnded: out.byte(5)
        }
        return out.bytes
    }

    init(_ bytes: [UInt8]) throws(WireProblem) {
        var reader = WireReader(bytes)
        switch try reader.byte() {
        case 0:
            let driver = try reader.sentence()
            let model = try reader.optional { (reader) throws(WireProblem) in try reader.sentence() }
            let firmware = try reader.optional { (reader) throws(WireProblem) in try reader.sentence() }
            let serial = try reader.optional { (reader) throws(WireProblem) in try reader.sentence() }
            self = .start(driver: driver, model: model, firmware: firmware, serial: serial)
        case 1: self = .receive(try reader.block(atMost: Self.longestPiece))
        case 2: self = .deadlinePassed
        case 3:
            let confirmed = try reader.list(atMost: Self.mostRanges) { (reader) throws(WireProblem) in
                let lower = try reader.number()
                return lower...(try reader.int(in: lower...RecordBounds.number.upperBound))
            }
            let newest = try reader.list(atMost: Self.mostNewest) { (reader) throws(WireProblem) in
                try reader.record()
            }
            self = .known(KnownLog(confirmed: confirmed, newest: newest))
        case 4:
            self = .stored(
                BatchReceipt(
                    added: try reader.number(), known: try reader.number(), reachedKnown: try reader.flag(),
                    superseded: try reader.number()))
        case 5: self = .linkEnded
        default: throw WireProblem("a question of no kind")
        }
        guard reader.isAtEnd else { throw WireProblem("more than its length promised") }
    }
}
