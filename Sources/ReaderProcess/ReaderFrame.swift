/// The envelope of a question or an answer: its length in four bytes, the highest first, then itself.
enum ReaderFrame {
    static let headLength = 4
    /// More than the longest answer that a session gives: a few hundred records, or the bytes of a page.
    static let longest = 4 << 20

    static func bytes(_ content: [UInt8]) -> [UInt8] {
        let head = UInt32(clamping: content.count)
        return stride(from: 24, through: 0, by: -8).map { UInt8(truncatingIfNeeded: head >> UInt32($0)) } + content
    }

    /// How long the content is; nil where nobody of ours would send so much.
    static func length(_ head: some Collection<UInt8>) -> Int? {
        let length = head.reduce(0) { $0 << 8 | Int($1) }
        return head.count == headLength && length <= longest ? length : nil
    }
}
