import Foundation

/// One figure of `make bench`: ours, a named peer's or a limit, and the ratio that is promised.
struct Figure {
    var what: String
    var ours: String
    var peer: String
    /// Ours divided by the peer's; more is better unless the goal says otherwise.
    var ratio: Double
    var goal: Goal

    enum Goal {
        case atLeast(Double)
        case atMost(Double)
    }

    var isMet: Bool {
        switch goal {
        case .atLeast(let bound): ratio >= bound
        case .atMost(let bound): ratio <= bound
        }
    }

    var line: String {
        let bound =
            switch goal {
            case .atLeast(let bound): "goal ≥ \(bound) ×"
            case .atMost(let bound): "goal ≤ \(bound) ×"
            }
        let times = String(format: ratio < 0.1 ? "%.4f" : "%.2f", ratio)
        return "\(isMet ? "met   " : "MISSED") \(what): \(ours) against \(peer): \(times) × (\(bound))"
    }
}

/// Seconds of the monotonic clock that `work` took.
func seconds(_ work: () throws -> Void) rethrows -> Double {
    let start = ContinuousClock.now
    try work()
    let time = ContinuousClock.now - start
    return Double(time.components.seconds) + Double(time.components.attoseconds) * 1e-18
}

/// The middle of several runs: one slow run of a busy machine does not decide.
func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    return sorted.isEmpty ? 0 : sorted[sorted.count / 2]
}
