import PumpCore

/// The order of stretches that share no record.
///
/// In this order of trust: what a driver stated; the device's clock, where one stretch ends before the other begins (a
/// clock that was reset can say both: then the shorter pause between them holds); which was read first; which begins first; the content. It is a rule for pairs, and clocks that jump can make it run
/// in a circle. So the stretches are first brought into the order of their content, the same on every hub, and then
/// each is put behind the last one that it does not precede.
struct StretchOrder {
    struct Stretch {
        var root: Int
        var first: DeviceTime?
        var last: DeviceTime?
        var readAt: Instant?
        var content: [UInt64]
    }

    private var statements: Set<[Int]> = []

    mutating func state(_ earlier: Int, before later: Int) { statements.insert([earlier, later]) }

    func sorted(_ stretches: [Stretch]) -> [Int] {
        var ordered: [Stretch] = []
        for stretch in stretches.sorted(by: { $0.content.lexicographicallyPrecedes($1.content) }) {
            var index = ordered.count
            while index > 0, precedes(stretch, ordered[index - 1]) { index -= 1 }
            ordered.insert(stretch, at: index)
        }
        return ordered.map(\.root)
    }

    private func precedes(_ a: Stretch, _ b: Stretch) -> Bool {
        let (isStated, isDenied) = (statements.contains([a.root, b.root]), statements.contains([b.root, a.root]))
        if isStated != isDenied { return isStated }
        switch (pause(from: a, to: b), pause(from: b, to: a)) {
        case (.some, nil): return true
        case (nil, .some): return false
        case (let ahead?, let behind?) where ahead != behind: return ahead < behind
        default: break
        }
        if let x = a.readAt, let y = b.readAt, x != y { return x < y }
        if let x = a.first, let y = b.first, let seconds = y.seconds(since: x), seconds != 0 { return seconds > 0 }
        return a.content.lexicographicallyPrecedes(b.content)
    }

    /// Seconds from the end of `a` to the beginning of `b` by the device's clock; nil where `b` does not begin later.
    private func pause(from a: Stretch, to b: Stretch) -> Int? {
        guard let end = a.last, let begin = b.first, let seconds = begin.seconds(since: end), seconds >= 0 else {
            return nil
        }
        return seconds
    }
}
