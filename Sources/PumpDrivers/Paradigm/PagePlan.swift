import PumpCore

/// Which history pages a download still wants, and what becomes of those it got.
///
/// Pages are read from 0, the newest. When page 0 fills meanwhile, all numbers grow by one. The trail sees that when a page
/// comes twice, and the pump's page count shows it afterwards: then the pages that are now further back are read too,
/// and a second round reads from 0 once more, for what is new.
struct PagePlan: Sendable {
    private(set) var next = 0
    private(set) var oldest = 0
    private(set) var done = 0
    private var trail = PageTrail()
    private var round = 1
    private var haveMoved = false
    /// The ledger knows what is older, or the pump sends nothing older.
    private var isAtEnd = false
    private var recounts = 0
    private(set) var unsentInARow = 0

    /// The page number is one byte.
    private static let highestPage = 0xFF
    /// Page 0 and what was page 0 before: more cannot be new after a minute of reading.
    private static let secondRoundPages = 2
    /// Pages fill in hours; a pump whose count never comes to rest is not waited for.
    private static let mostRecounts = 4
    /// After so many, there is nothing further back.
    static let mostUnsent = 2

    var total: Int { max(oldest + 1, done) }
    var hasMore: Bool { !isAtEnd && next <= oldest && (round == 1 || next < Self.secondRoundPages) }

    /// A single page cannot have moved away from the others.
    var mayHaveMoved: Bool { round == 1 && next > 1 && recounts < Self.mostRecounts }

    var oldestRecord: RawRecord? { trail.oldest }

    mutating func begin(oldest: Int) { self.oldest = min(oldest, Self.highestPage) }

    /// Takes the pump's page count once more, after the last page.
    mutating func recount(oldest: Int) {
        recounts += 1
        guard oldest > self.oldest else {
            recounts = Self.mostRecounts
            return
        }
        haveMoved = true
        self.oldest = min(oldest, Self.highestPage)
    }

    mutating func foundKnown() { isAtEnd = true }

    /// The page as a batch; nil where it holds nothing, or nothing new.
    mutating func deliver(_ page: PageReading) -> LogBatch? {
        var page = page
        let placement = trail.place(&page, number: next)
        unsentInARow = 0
        if round == 1 { done += 1 }
        if case .again(let grown) = placement {
            haveMoved = true
            if !grown { return nil }
        }
        if page.records.isEmpty, page.undecoded == nil { return nil }
        return LogBatch(records: page.records, adjacency: .init(placement), undecoded: page.undecoded)
    }

    /// The page cannot be had.
    mutating func skip(unsent: Bool) {
        trail.interrupt()
        unsentInARow = unsent ? unsentInARow + 1 : 0
        if unsentInARow >= Self.mostUnsent { isAtEnd = true }
        if round == 1 { done += 1 }
    }

    mutating func advance() { next += 1 }

    /// True, once, where pages have moved: they are read from 0 again.
    mutating func beginAgainIfMoved() -> Bool {
        guard round == 1, haveMoved else { return false }
        round = 2
        next = 0
        isAtEnd = false
        trail.interrupt()
        return true
    }
}
