/// A stretch of wall-clock time, in wall seconds, its end outside it.
struct WallSpan: Hashable, Comparable {
    var from: Int
    /// `Int.max` where no end is known.
    var to: Int

    init(_ from: Int, _ to: Int) {
        self.from = from
        self.to = to
    }

    var isEmpty: Bool { to <= from }

    func contains(_ wall: Int) -> Bool { from <= wall && wall < to }

    func overlaps(_ other: WallSpan) -> Bool { from < other.to && other.from < to }

    func clipped(to other: WallSpan) -> WallSpan { WallSpan(max(from, other.from), min(to, other.to)) }

    static func < (a: WallSpan, b: WallSpan) -> Bool { (a.from, a.to) < (b.from, b.to) }

    /// The parts of `self` that lie in none of `holes`, in order.
    func subtracting(_ holes: [WallSpan]) -> [WallSpan] {
        var rest: [WallSpan] = []
        var at = from
        for hole in holes.sorted() where hole.overlaps(self) {
            if hole.from > at { rest.append(WallSpan(at, hole.from)) }
            at = max(at, hole.to)
        }
        if at < to { rest.append(WallSpan(at, to)) }
        return rest
    }
}

/// Seconds of wall-clock time, named where hours and days are meant.
enum Seconds {
    static let hour = 3600
    static let day = 86_400

    static func hours(_ hours: Double) -> Int { Int((hours * Double(hour)).rounded()) }
}

func floorDivide(_ a: Int, _ b: Int) -> Int {
    let quotient = a / b
    return a % b < 0 ? quotient - 1 : quotient
}
