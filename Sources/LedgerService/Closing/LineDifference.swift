import PumpCore
import Supplies

/// What a late arrival changed in one line: of the billable supplies, and of the reconciliation.
struct LineDifference {
    /// Signed; nil where one side cannot be assessed.
    let used: Int?
    let supported: Int?
    let payable: Int?
    let prepared: Int?
    let review: Int?
    let over: Int?
    /// Each number that changed: `used 56 to 58`.
    let words: String

    var isEmpty: Bool { words.isEmpty }

    init(
        before: BillableLine?, after: BillableLine?, shelfBefore: ReconcileLine?, shelfAfter: ReconcileLine?
    ) {
        // A line that was not there stood for nothing; one that is there and says nil cannot be assessed.
        func side(_ line: BillableLine?, _ value: KeyPath<BillableLine, Int?>) -> Int? {
            line.map { $0[keyPath: value] } ?? 0
        }
        func signed(_ value: KeyPath<BillableLine, Int?>) -> Int? {
            let (old, new) = (side(before, value), side(after, value))
            if old == new { return 0 }
            return old.flatMap { old in new.map { $0 - old } }
        }
        used = signed(\.used)
        supported = signed(\.supported)
        payable = signed(\.payable)
        prepared = signed(\.prepared)
        over = signed(\.over)
        review = (after?.review ?? 0) - (before?.review ?? 0)

        var changes: [String] = []
        func note(_ name: String, _ old: Int?, _ new: Int?) {
            if old != new { changes.append("\(name) \(old.map(String.init) ?? "–") to \(new.map(String.init) ?? "–")") }
        }
        if before == nil, after != nil { changes.append("the line is new") }
        if before != nil, after == nil { changes.append("the line is gone") }
        let optional: [(String, KeyPath<BillableLine, Int?>)] = [
            ("prepared", \.prepared), ("used", \.used), ("doses", \.doses), ("ceiling", \.ceiling),
            ("fewest", \.fewest), ("supported", \.supported), ("over", \.over), ("avoidable", \.avoidable),
            ("payable", \.payable),
        ]
        for (name, path) in optional { note(name, side(before, path), side(after, path)) }
        note("excused", before?.excused ?? 0, after?.excused ?? 0)
        note("review", before?.review ?? 0, after?.review ?? 0)
        note("unknown at most", before?.unknown.high ?? 0, after?.unknown.high ?? 0)
        // On the shelf only what the line does not say already.
        let shelf: [(String, KeyPath<ReconcileLine, Int>)] = [
            ("opening", \.opening), ("delivered", \.delivered), ("attested", \.attested), ("wasted", \.wasted),
            ("returned", \.returned), ("lost", \.lost), ("expected", \.expected), ("billed", \.billed),
        ]
        for (name, path) in shelf { note(name, shelfBefore?[keyPath: path] ?? 0, shelfAfter?[keyPath: path] ?? 0) }
        note("counted on the shelf", shelfBefore?.counted, shelfAfter?.counted)
        words = changes.joined(separator: ", ")
    }
}
