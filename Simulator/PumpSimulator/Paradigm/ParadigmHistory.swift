/// The pump's log as pages. Records are appended to page 0; when the next one does not fit, page 0 is closed, every page
/// number grows by one, and a new page 0 begins.
struct ParadigmHistory: Sendable {
    /// Bytes of a page that hold records; a CRC-16 of them follows.
    static let pageBytes = 1022
    /// How many pages the pump keeps. The facts give no number; recorded pumps served eight, so this is roomier.
    static let capacity = 36

    /// Oldest first; the last one is page 0.
    private(set) var pages: [[UInt8]] = [[]]

    mutating func append(_ record: [UInt8]) {
        if pages[pages.count - 1].count + record.count > Self.pageBytes {
            pages.append([])
            if pages.count > Self.capacity { pages.removeFirst() }
        }
        pages[pages.count - 1] += record
    }

    /// 1,022 bytes, padded with zeros, and their CRC-16 high byte first. A page that was never written is all padding.
    func page(_ number: Int) -> [UInt8] {
        let index = pages.count - 1 - number
        let records = pages.indices.contains(index) ? pages[index] : []
        let padded = records + [UInt8](repeating: 0, count: Self.pageBytes - records.count)
        return padded + bigEndian(crc16(padded))
    }
}
