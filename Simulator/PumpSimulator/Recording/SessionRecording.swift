import PumpCore

/// A recorded conversation, as the text that `pumpledger replay` reads: a line `out,` for what the host wrote, a line
/// `in,` for what it read, bytes in upper-case hexadecimal with blanks between them.
package struct SessionRecording: Equatable, Sendable {
    package enum Direction: String, Sendable {
        case out
        case `in`
    }

    package private(set) var lines: [(direction: Direction, bytes: [UInt8])] = []

    package init() {}

    package mutating func add(_ direction: Direction, _ bytes: [UInt8]) { lines.append((direction, bytes)) }

    package var text: String {
        lines.map { line in
            line.direction.rawValue + "," + line.bytes.map { [$0].hex.uppercased() }.joined(separator: " ") + "\n"
        }.joined()
    }

    package static func == (a: SessionRecording, b: SessionRecording) -> Bool { a.text == b.text }
}
