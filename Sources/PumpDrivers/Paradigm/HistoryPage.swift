import PumpCore

/// A history page as the pump sends it: 1,022 bytes of records, then CRC-16 with the high byte first.
enum HistoryPage {
    static let length = RecordReader.pageBytes + 2

    /// False beyond the end of the bytes too.
    static func isIntact(_ bytes: [UInt8], at start: Int = 0) -> Bool {
        var reader = ByteReader(bytes, at: start)
        guard start >= 0, let page = reader.take(RecordReader.pageBytes), let check = reader.uint16() else {
            return false
        }
        return ParadigmChecksum.crc16(page) == check
    }
}

/// A page with an intact check, read into records: what both sessions make of 1,024 bytes.
struct PageReading: Sendable {
    /// Oldest first.
    var records: [RawRecord]
    var undecoded: LogBatch.Undecoded?

    enum Failure: Error, Equatable {
        case brokenCheck
        /// Nobody said which model it is, and the page reads in two ways.
        case ambiguous
        case refused(String)
    }

    /// - Parameter model: as the pump told it; nil where it has not been heard.
    static func read(_ page: [UInt8], model: String?) -> Result<PageReading, Failure> {
        guard page.count == HistoryPage.length, HistoryPage.isIntact(page) else { return .failure(.brokenCheck) }
        switch ParadigmDecoder(DecodingHints(model: model)).decode(page) {
        case .read(let reading):
            return .success(PageReading(records: reading.records, undecoded: reading.undecoded))
        case .ambiguous: return .failure(.ambiguous)
        case .refused(let reason): return .failure(.refused(reason))
        }
    }
}
