import PumpCore

/// The part of a line around a mistake, fit for a terminal: no control character, not longer than a line.
package struct Excerpt: Hashable, Sendable {
    package let text: String
    /// Characters of `text` at fault.
    package let marked: Range<Int>

    /// How many characters are shown before the mistake, of it, after it at least, and of the whole line.
    private static let width = (before: 60, marked: 40, after: 20, line: 100)
    /// More bytes than the widest excerpt can have.
    private static let reach = 512

    /// The line around `extent`; of an extent over several lines its first one.
    init(of extent: Range<Int>, in bytes: [UInt8]) {
        let start = min(max(extent.lowerBound, 0), bytes.count)
        let end = min(max(extent.upperBound, start), bytes.count)
        let lineFeed = UInt8(ascii: "\n")
        let reached = bytes[max(0, start - Self.reach, min(start, CSVReader.bodyStart(in: bytes)))..<start]
        let lineStart = reached.lastIndex(of: lineFeed).map { $0 + 1 }
        let head: ArraySlice<UInt8> = lineStart.map { reached[$0...] } ?? reached.drop(while: { $0 & 0xC0 == 0x80 })
        let marked = bytes[start..<min(end, start + Self.reach)].prefix(while: { $0 != lineFeed })
        let after = marked.endIndex == end ? bytes[end..<min(bytes.count, end + Self.reach)] : []
        let tail = after.prefix(while: { $0 != lineFeed && $0 != UInt8(ascii: "\r") })
        self.init(
            head: Self.printable(head), marked: Self.printable(marked), tail: Self.printable(tail))
    }

    /// A cell without its line.
    init(cell: String) { self.init(head: "", marked: Self.printable(cell), tail: "") }

    private init(head: String, marked: String, tail: String) {
        let hasMoreBefore = head.count > Self.width.before
        let shownHead = hasMoreBefore ? "…" + head.suffix(Self.width.before) : head
        let hasMoreMarked = marked.count > Self.width.marked
        let shownMark = hasMoreMarked ? marked.prefix(Self.width.marked) + "…" : marked[...]
        let room = max(Self.width.after, Self.width.line - shownHead.count - shownMark.count)
        let hasMoreAfter = !hasMoreMarked && tail.count > room
        let shownTail = hasMoreMarked ? "" : hasMoreAfter ? tail.prefix(room) + "…" : tail[...]
        text = shownHead + shownMark + shownTail
        self.marked = shownHead.count..<(shownHead.count + shownMark.count)
    }

    /// Blanks and carets: at least one caret.
    var underline: String {
        String(repeating: " ", count: marked.lowerBound) + String(repeating: "^", count: max(1, marked.count))
    }

    /// The text with a dot for each character that a terminal would act on.
    static func printable(_ text: some StringProtocol) -> String {
        var out = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned: out.append("·")
            default: out.append(scalar)
            }
        }
        return String(out)
    }

    private static func printable(_ bytes: ArraySlice<UInt8>) -> String {
        printable(String(decoding: bytes, as: UTF8.self))
    }
}
