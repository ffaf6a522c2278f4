/// A row of tokens that grows at both ends, with coordinates that never move: 0 is where the first one stood.
struct TokenStrip: Sendable {
    /// Coordinates 0, 1, 2 …
    private var upward: [Int32] = []
    /// Coordinates -1, -2, -3 …
    private var downward: [Int32] = []

    init(_ tokens: [Int32]) { upward = tokens }

    var low: Int { -downward.count }
    /// One past the last coordinate.
    var end: Int { upward.count }
    var count: Int { upward.count + downward.count }

    /// `coordinate` must lie in `low..<end`.
    subscript(coordinate: Int) -> Int32 {
        coordinate >= 0 ? upward[coordinate] : downward[-1 - coordinate]
    }

    mutating func append(_ token: Int32) { upward.append(token) }
    mutating func prepend(_ token: Int32) { downward.append(token) }
}
