import PumpCore

/// `02`, ASCII payload, two upper-case hexadecimal digits of the payload's sum, `03`.
enum MivaFrame {
    static let start: UInt8 = 0x02
    static let end: UInt8 = 0x03

    static func bytes(_ payload: some Sequence<UInt8>) -> [UInt8] {
        let payload = Array(payload)
        return [start] + payload + Array([sum8(payload)].hex.uppercased().utf8) + [end]
    }

    static func bytes(_ text: String) -> [UInt8] { bytes(Array(text.utf8)) }

    /// Cuts frames out of a stream; what lies outside of them, and frames whose sum is wrong, are noise.
    struct Cutter: Sendable {
        private var open: [UInt8]?
        /// Longer than any request of a reader.
        private static let longest = 256

        enum Piece: Equatable {
            case payload([UInt8])
            case broken([UInt8])
        }

        mutating func take(_ byte: UInt8) -> Piece? {
            switch byte {
            case MivaFrame.start: open = []
            case MivaFrame.end:
                defer { open = nil }
                guard let inside = open else { return nil }
                let payload = Array(inside.dropLast(2))
                return inside.count >= 3 && Array([sum8(payload)].hex.uppercased().utf8) == inside.suffix(2)
                    ? .payload(payload) : .broken(inside)
            default:
                open?.append(byte)
                if let inside = open, inside.count > Self.longest { open = nil }
            }
            return nil
        }
    }
}
