import PumpCore

/// Where a pump's clock went elsewhere and the log does not say why: a battery pulled, a year that fell back to 2000.
///
/// Records not in time order are normal. A Paradigm pump stamps a bolus when it begins and stores it when it ends, so it
/// may stand after a suspension that is stamped later; a bolus over time lasts up to 8 h. Such stragglers come alone:
/// the records after them go on where the log was. Only a step back from which the log does not come back is a jump.
struct ClockJumps {
    /// Items before which the clock jumped.
    private(set) var before: Set<Int> = []
    /// Single items whose time fits to neither side.
    private(set) var outliers: Set<Int> = []

    /// A step back that means nothing: two records of one moment, stored in the other order.
    static let slack = 120
    /// How many records in a row may straggle.
    static let stragglers = 3
    /// The longest bolus over time that a pump of the known families gives.
    static let longestStraggle = 8 * 3600
    /// A few records that run ahead by more than this, and stay alone with it, are wrong themselves.
    static let aheadByMistake = 30 * 86_400
    /// No pump lies unused for longer and is then used on as if nothing had been.
    static let longestIdle = 366 * 86_400

    init(_ items: [ClockItem], isRepeatedHour: (Int) -> Bool) {
        var latest = Int.min
        /// The newest items that moved `latest`, each with what it was before them.
        var recent: [(item: Int, latest: Int)] = []
        var untold = false
        for index in items.indices {
            let item = items[index]
            defer {
                if let change = item.change {
                    latest = item.seconds + change
                    recent = []
                } else if item.isUntoldChange {
                    untold = true
                }
            }
            guard item.tellsOrder else { continue }
            if untold {
                untold = false
                before.insert(index)
                latest = item.seconds
                recent = []
            } else if latest != Int.min, item.seconds - latest > Self.longestIdle,
                Self.runsAhead(items, at: index, of: latest - Self.slack)
            {
                outliers.insert(index)
            } else if latest == Int.min || item.seconds >= latest - Self.slack {
                if latest != Int.min, item.seconds - latest > Self.longestIdle {
                    before.insert(index)
                    recent = []
                }
                if item.seconds > latest {
                    recent.append((index, latest))
                    if recent.count > Self.stragglers { recent.removeFirst() }
                    latest = item.seconds
                }
            } else if latest - item.seconds <= 3600 + Self.slack, isRepeatedHour(item.seconds) {
                latest = item.seconds
                recent = []
            } else if Self.logComesBack(items, after: index, to: latest - Self.slack) {
                if latest - item.seconds > Self.longestStraggle { outliers.insert(index) }
            } else if latest - item.seconds > Self.aheadByMistake,
                let cut = recent.first(where: { $0.latest <= item.seconds + Self.slack && $0.latest != Int.min })
            {
                // What ran ahead and did not stay there was wrong, not what follows.
                for ahead in recent where ahead.item >= cut.item { outliers.insert(ahead.item) }
                latest = max(cut.latest, item.seconds)
                recent = []
            } else {
                before.insert(index)
                latest = item.seconds
                recent = []
            }
        }
    }

    /// Whether the item at `index` is alone with its time and the log goes on near `seconds`.
    private static func runsAhead(_ items: [ClockItem], at index: Int, of seconds: Int) -> Bool {
        let following = items[(index + 1)...].prefix(stragglers)
        return following.contains { next in
            next.tellsOrder && next.seconds >= seconds && next.seconds < items[index].seconds - aheadByMistake
        }
    }

    private static func logComesBack(_ items: [ClockItem], after index: Int, to seconds: Int) -> Bool {
        var left = stragglers
        var next = index + 1
        while next < items.count, left > 0 {
            if items[next].tellsOrder {
                if items[next].seconds >= seconds { return true }
                left -= 1
            }
            if items[next].change != nil { return false }
            next += 1
        }
        return false
    }
}
