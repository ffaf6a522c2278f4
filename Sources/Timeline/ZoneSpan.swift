package import PumpCore

/// Whose wall clock a pump's clock is taken for, from a moment on: a pump goes from one patient to the next.
package struct ZoneSpan: Hashable, Sendable {
    /// On the wall clock of `zone`; nil where it holds from the beginning.
    package var from: CivilDateTime?
    package var zone: HomeZone

    package init(from: CivilDateTime? = nil, zone: HomeZone) {
        self.from = from
        self.zone = zone
    }
}

/// The zone spans of one pump, and a reading of wall-clock times that costs no search as long as the day has one offset.
struct ZoneCursor {
    private let spans: [(from: Int, zone: HomeZone)]
    private var current = 0
    private var steadyDay = Int.min
    private var steadyOffset: Int?

    /// `spans` in any order. Before the first one its zone holds: the pump was made ready for that patient.
    init(_ spans: [ZoneSpan]) {
        self.spans = spans.map { (from: $0.from?.wallSeconds ?? Int.min, zone: $0.zone) }.sorted { $0.from < $1.from }
    }

    var isEmpty: Bool { spans.isEmpty }

    /// The zone that holds at a wall-clock time; nil where the pump belongs to nobody.
    mutating func zone(atWall wall: Int) -> HomeZone? {
        guard !spans.isEmpty else { return nil }
        move(to: wall)
        return spans[current].zone
    }

    /// The offset of a day that has only one: in the hours around it nothing changes either.
    mutating func steadyOffset(ofWall wall: Int) -> Int? {
        guard !spans.isEmpty else { return nil }
        move(to: wall)
        let day = floorDivide(wall, ZoneCursor.day)
        if day != steadyDay {
            steadyDay = day
            let zone = spans[current].zone
            let before = zone.offset(at: Instant(secondsSince1970: (day - 1) * ZoneCursor.day))
            let after = zone.offset(at: Instant(secondsSince1970: (day + 2) * ZoneCursor.day))
            steadyOffset = before == after ? before : nil
        }
        return steadyOffset
    }

    private mutating func move(to wall: Int) {
        let found = spans.lastIndex { $0.from <= wall } ?? 0
        guard found != current else { return }
        current = found
        steadyDay = Int.min
    }

    private static let day = 86_400
}

func floorDivide(_ a: Int, _ b: Int) -> Int {
    let quotient = a / b
    return a % b < 0 ? quotient - 1 : quotient
}
