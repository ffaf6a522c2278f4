package import PumpCore
package import Supplies

/// Whose supply runs out when.
package struct RefillAnswer: Codable, Sendable {
    package var heading: ReportHeading
    /// The start of this day is meant.
    package var day: CivilDate
    /// The first to run out first.
    package var lines: [RefillLine]
}

extension [RefillLine] {
    /// The first to run out first; what cannot be assessed stands before all, because nobody knows.
    func soonestFirst() -> [RefillLine] {
        enumerated().sorted { a, b in
            switch (a.element.earliestEnd, b.element.earliestEnd) {
            case (nil, nil): a.offset < b.offset
            case (nil, _): true
            case (_, nil): false
            case (let first?, let second?): (first, a.offset) < (second, b.offset)
            }
        }.map(\.element)
    }
}
