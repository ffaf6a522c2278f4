import PumpCore

/// Goes backwards through a log, from the newest record to the oldest, and finds the law of each stretch.
///
/// The end of the log is what is known best: there the clock was read, or it is taken for the patient's wall clock. A
/// recorded clock change is one moment seen on two clocks: the new one, whose law is known already, says when it was;
/// so the law of the old one follows. (Tidepool calls this "bootstrapping to UTC".)
///
/// Two laws fit a calendar clock. On a wall clock that somebody keeps on home time, a change is a correction, and what
/// lies before it is moved by as much on the wall. But where the change is the hour by which the zone had changed
/// shortly before, the clock did not follow daylight saving by itself: it ran straight through, and times before the
/// zone's change come out right only by elapsed time.
struct ClockWalk {
    private let items: [ClockItem]
    private let jumps: ClockJumps
    private let isCounter: Bool
    private var cursor: ZoneCursor
    private var anchors: [ClockAnchor]
    private(set) var stretches: [ClockStretch] = []

    private var current: ClockStretch
    /// Where `current` was seen to hold: pump time, true time. Only from readings.
    private var proof: (device: Int, host: Instant)?
    /// Whether `current` has no law only because its session was not told the time.
    private var isForgotten = false
    /// Once seen not to follow daylight saving, a pump never did.
    private var runsStraight = false

    /// An hour set by hand is seldom exact.
    static let handSet = 300
    /// How long people wait until they set a pump's clock after the zone has changed.
    static let slowToSet = 30 * 86_400

    init(items: [ClockItem], jumps: ClockJumps, anchors: [ClockAnchor], isCounter: Bool, cursor: ZoneCursor) {
        self.items = items
        self.jumps = jumps
        self.isCounter = isCounter
        self.cursor = cursor
        self.anchors = anchors
        current = ClockStretch(items: 0..<0, law: .unknown, method: .none, uncertaintySeconds: 0)
    }

    /// Finds the stretches, oldest first. Each stretch lies wholly on one side of every jump.
    mutating func run() {
        guard !items.isEmpty else { return }
        begin(at: items.count)
        for index in items.indices.reversed() {
            while let anchor = anchors.last, anchor.item >= index {
                anchors.removeLast()
                take(anchor, at: index)
            }
            if let change = items[index].change, change != 0 { step(over: change, at: index) }
            if items[index].isWithoutHost {
                if proof == nil, current.method == .homeZone { forget(at: index) }
            } else if isForgotten {
                close()
                begin(at: index + 1)
            }
            current.items = index..<current.items.upperBound
            if jumps.before.contains(index), index > 0 {
                close()
                begin(at: index)
            }
        }
        close()
        stretches.reverse()
    }

    private mutating func close() {
        if !current.items.isEmpty { stretches.append(current) }
    }

    /// The law of a clock of which nobody knows more, from item `end` backwards.
    private mutating func begin(at end: Int) {
        proof = nil
        isForgotten = false
        let zone = isCounter ? nil : cursor.zone(atWall: items[max(end - 1, 0)].seconds)
        current =
            zone == nil
            ? ClockStretch(items: end..<end, law: .unknown, method: .none, uncertaintySeconds: 0)
            : ClockStretch(
                items: end..<end, law: .wall(shift: 0), method: .homeZone,
                uncertaintySeconds: ClockStretch.uncomparedSeconds)
    }

    /// The same stretch goes on backwards under another law; `current` keeps what lies behind it.
    private mutating func turn(at index: Int, _ change: (inout ClockStretch) -> Void) {
        close()
        current.items = (index + 1)..<(index + 1)
        change(&current)
    }

    /// Its own session was not told the time, so nothing corrects it.
    private mutating func forget(at index: Int) {
        turn(at: index) {
            $0.law = .unknown
            $0.method = .none
            $0.uncertaintySeconds = 0
        }
        isForgotten = true
    }

    // MARK: Readings

    private mutating func take(_ anchor: ClockAnchor, at index: Int) {
        let agrees = compare(anchor)
        if !agrees { current.isDoubtful = true }
        let law = law(of: anchor, at: index)
        if proof == nil, current.method == .homeZone || current.method == .none {
            // Nothing later proves anything, so this reading holds forwards as well, up to a change or a jump.
            current.law = law
            current.method = .clockReading
            current.provenAt = anchor.device
            current.uncertaintySeconds = ClockStretch.readingSeconds
        }
        turn(at: index) {
            $0.law = law
            $0.method = .clockReading
            $0.provenAt = anchor.device
            $0.uncertaintySeconds = ClockStretch.readingSeconds
            $0.isDoubtful = false
        }
        proof = (anchor.device, anchor.host)
        isForgotten = false
    }

    private mutating func law(of anchor: ClockAnchor, at index: Int) -> ClockLaw {
        let elapsed = ClockLaw.elapsed(shift: anchor.host.secondsSince1970 - anchor.device)
        guard !isCounter, let zone = cursor.zone(atWall: anchor.device) else { return elapsed }
        let shift = zone.civil(anchor.host).wallSeconds - anchor.device
        if runsStraight || stoodStill(by: shift, until: anchor.host, at: index, zone: zone) {
            runsStraight = true
            return elapsed
        }
        return .wall(shift: shift)
    }

    /// Compares an older reading with what the newer one makes of it. True where they fit.
    private mutating func compare(_ anchor: ClockAnchor) -> Bool {
        guard let proof else { return true }
        let days = abs(proof.host.seconds(since: anchor.host)) / 86_400
        let slack = Self.handSet + days * ClockStretch.driftSecondsPerDay
        if case .unknown = current.law { return true }
        let predicted = instant(anchor.device, under: current.law)
        let off = predicted.map { abs($0.seconds(since: anchor.host)) } ?? 0
        if off <= slack { return true }
        guard case .wall = current.law, current.method == .clockReading else {
            current.uncertaintySeconds = max(current.uncertaintySeconds, off)
            return false
        }
        let elapsed = proof.host.secondsSince1970 - proof.device
        if abs(anchor.device + elapsed - anchor.host.secondsSince1970) <= slack {
            // Both readings lie on one straight line across the zone's change: the clock did not follow it.
            runsStraight = true
            current.law = .elapsed(shift: elapsed)
            return true
        }
        current.uncertaintySeconds = max(current.uncertaintySeconds, off)
        return false
    }

    // MARK: Changes

    private mutating func step(over change: Int, at index: Int) {
        let item = items[index]
        switch current.law {
        case .unknown: turn(at: index) { _ in }
        case .elapsed(let shift):
            let moment = Instant(secondsSince1970: item.seconds + change + shift)
            // A pump that runs straight through needs no zone; one of which that is not known is kept on home time.
            if !runsStraight, !isCounter, let zone = cursor.zone(atWall: item.seconds) {
                let wall = zone.civil(moment).wallSeconds - item.seconds
                turn(at: index) { $0 = Self.changed($0, to: .wall(shift: wall)) }
            } else {
                turn(at: index) { $0 = Self.changed($0, to: .elapsed(shift: shift + change)) }
            }
        case .wall(let shift):
            let wall = item.seconds + change + shift
            if let zone = cursor.zone(atWall: wall) {
                let moment = zone.instant(CivilDateTime(wallSeconds: wall))
                if runsStraight || stoodStill(by: change, until: moment, at: index, zone: zone) {
                    runsStraight = true
                    let elapsed = moment.secondsSince1970 - item.seconds
                    turn(at: index) { $0 = Self.changed($0, to: .elapsed(shift: elapsed)) }
                    proof = nil
                    return
                }
            }
            turn(at: index) { $0 = Self.changed($0, to: .wall(shift: shift + change)) }
        }
        proof = nil
    }

    private static func changed(_ stretch: ClockStretch, to law: ClockLaw) -> ClockStretch {
        var stretch = stretch
        stretch.law = law
        stretch.method = .clockChange
        stretch.provenAt = nil
        return stretch
    }

    /// Whether `by`, a correction made at `moment`, is the hour by which the zone had changed: within the stretch before
    /// it, or shortly before that.
    private func stoodStill(by seconds: Int, until moment: Instant, at index: Int, zone: HomeZone) -> Bool {
        guard abs(abs(seconds) - 3600) <= Self.handSet else { return false }
        var first = index
        while first > 0, items[first - 1].change ?? 0 == 0, !jumps.before.contains(first) { first -= 1 }
        let stretch = items[index].seconds - items[first].seconds
        let from = moment.adding(seconds: -max(stretch, 0) - Self.slowToSet)
        guard from < moment else { return false }
        return zone.transitions(in: from..<moment).contains { abs($0.jump - seconds) <= Self.handSet }
    }

    private mutating func instant(_ seconds: Int, under law: ClockLaw) -> Instant? {
        switch law {
        case .unknown: nil
        case .elapsed(let shift): Instant(secondsSince1970: seconds + shift)
        case .wall(let shift):
            cursor.zone(atWall: seconds + shift)?.instant(CivilDateTime(wallSeconds: seconds + shift))
        }
    }
}
