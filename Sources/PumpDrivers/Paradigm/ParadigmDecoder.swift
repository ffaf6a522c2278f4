import PumpCore

/// Reads history pages: one page of 1,022 bytes or fewer without its check, or any number of pages of 1,024 bytes with
/// it. Without a model that it knows it tries both record sizes, and chooses only where the bytes leave no choice.
package struct ParadigmDecoder: LogDecoder {
    private let sizes: [RecordSize]
    private let remarks: [String]

    package init(_ hints: DecodingHints) {
        guard let model = hints.model else {
            sizes = RecordSize.allCases
            remarks = []
            return
        }
        if let size = RecordSize(model: model) {
            sizes = [size]
            remarks = []
        } else {
            sizes = RecordSize.allCases
            remarks = ["\(model) is no Paradigm model that this decoder knows; both record sizes were tried"]
        }
    }

    package func decode(_ bytes: [UInt8]) -> DecodingOutcome {
        let pages: [Range<Int>]
        switch Self.pages(of: bytes) {
        case .success(let found): pages = found
        case .failure(let refusal): return .refused(reason: refusal.reason)
        }
        let attempts = sizes.map { Attempt(bytes, pages, size: $0) }
        return choose(attempts)
    }

    private struct Refusal: Error { let reason: String }

    /// Where the records of each page stand.
    private static func pages(of bytes: [UInt8]) -> Result<[Range<Int>], Refusal> {
        if bytes.isEmpty { return .failure(Refusal(reason: "there are no bytes")) }
        if bytes.count <= RecordReader.pageBytes { return .success([0..<bytes.count]) }
        guard bytes.count.isMultiple(of: HistoryPage.length) else {
            return .failure(
                Refusal(
                    reason: "\(bytes.count) bytes are no history page: a page has 1,024 bytes with its check, or up to "
                        + "1,022 without"))
        }
        let starts = stride(from: 0, to: bytes.count, by: HistoryPage.length)
        for (number, start) in starts.enumerated() where !HistoryPage.isIntact(bytes, at: start) {
            let which = bytes.count == HistoryPage.length ? "the page" : "page \(number + 1) of this file"
            return .failure(
                Refusal(
                    reason: "\(which) fails its CRC-16, so nothing in it can be believed; read it from the pump again"))
        }
        return .success(starts.map { $0..<($0 + RecordReader.pageBytes) })
    }

    private func choose(_ attempts: [Attempt]) -> DecodingOutcome {
        guard let first = attempts.first else { return .refused(reason: "no record size to read by") }
        guard let second = attempts.dropFirst().first else { return .read(first.reading.adding(remarks)) }
        if first.reading.records == second.reading.records, first.reading.undecoded == second.reading.undecoded {
            var reading = first.reading
            reading.layout = "\(first.size.rawValue), or \(second.size.rawValue): they read alike here"
            return .read(reading.adding(remarks))
        }
        let fitting = attempts.filter { $0.reading.undecoded == nil }
        if fitting.count == 1, let only = fitting.first { return .read(only.reading.adding(remarks)) }
        let plausible = fitting.filter { $0.impossibleTimes == 0 }
        if plausible.count == 1, let only = plausible.first {
            let other = fitting.first { $0.impossibleTimes > 0 }
            let doubt = other.map {
                "as \($0.size.rawValue) the bytes would fit too, but hold \($0.impossibleTimes) times that no calendar has"
            }
            return .read(only.reading.adding(remarks + [doubt].compactMap { $0 }))
        }
        return .ambiguous(attempts.map { $0.reading.adding(remarks) })
    }
}

extension ParadigmDecoder {
    /// All pages read by one record size.
    private struct Attempt {
        let size: RecordSize
        var reading: LogReading
        var impossibleTimes = 0

        init(_ bytes: [UInt8], _ pages: [Range<Int>], size: RecordSize) {
            self.size = size
            reading = LogReading(layout: size.rawValue, records: [])
            var runs = pages.map { (range: $0, run: RecordReader.read(bytes, in: $0, size: size)) }
            if runs.count > 1 {
                let order = PageOrder(runs.map(\.run.records))
                if order.isNewestFirst { runs.reverse() }
                reading.remarks.append(order.remark)
            }
            for (index, page) in runs.enumerated() {
                impossibleTimes += page.run.impossibleTimes
                if let last = reading.records.indices.last, let next = page.run.records.first {
                    ClockSet.join(&reading.records[last], followedBy: next)
                }
                // One page is the common case, and its records need not be copied.
                if reading.records.isEmpty {
                    reading.records = page.run.records
                } else {
                    reading.records += page.run.records
                }
                guard let stop = page.run.stop else { continue }
                let later = runs[(index + 1)...].flatMap { bytes[$0.range] }
                reading.undecoded = LogBatch.Undecoded(
                    offset: stop, bytes: Array(bytes[stop..<page.range.upperBound]) + later)
                reading.remarks.append(
                    Self.stopRemark(opcode: bytes[stop], offset: stop, pagesLeft: runs.count - index - 1))
                break
            }
        }

        private static func stopRemark(opcode: UInt8, offset: Int, pagesLeft: Int) -> String {
            let stop =
                "page not fully decoded: record type \([opcode].hex) at offset \(offset) is unknown or cut off; its bytes are kept"
            return pagesLeft == 0
                ? stop : stop + "; \(pagesLeft) newer pages were not read for that, import them one by one"
        }
    }
}

/// In which order pages stand in one file. The pump numbers its newest page 0, so a dump by number is newest first;
/// a file may also hold them as time went. The times of neighbouring pages vote.
private struct PageOrder {
    let isNewestFirst: Bool
    let remark: String

    init(_ pages: [[RawRecord]]) {
        var newestFirst = 0
        var oldestFirst = 0
        for (a, b) in zip(pages, pages.dropFirst()) {
            guard let a = Self.span(a), let b = Self.span(b) else { continue }
            if b.last <= a.first { newestFirst += 1 }
            if a.last <= b.first { oldestFirst += 1 }
        }
        isNewestFirst = newestFirst >= oldestFirst
        if newestFirst == oldestFirst {
            remark =
                "the times of the \(pages.count) pages do not tell their order; taken as newest first, as the pump numbers them"
        } else {
            remark = "\(pages.count) pages, \(isNewestFirst ? "newest" : "oldest") first by their times"
        }
    }

    /// Daily totals name a day and no moment, so they do not count here.
    private static func span(_ records: [RawRecord]) -> (first: CivilDateTime, last: CivilDateTime)? {
        let times = records.lazy.filter { $0.event.kind != .counter }.compactMap { $0.deviceTime?.civil }
        guard let first = times.first(where: { _ in true }), let last = times.reversed().first else { return nil }
        return (first, last)
    }
}

extension LogReading {
    fileprivate func adding(_ remarks: [String]) -> LogReading {
        var copy = self
        copy.remarks += remarks
        return copy
    }
}
