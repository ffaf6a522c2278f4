package import PumpCore

/// An infusion pump that speaks IEEE 11073-20601 as an agent, on a virtual clock: its store of events and its answers to
/// a manager. It opens nothing and reads no clock.
package struct PhdPump: Sendable {
    package let serial: String
    private(set) var store = PhdStore()
    var clock: PumpClock
    private var line = PhdLine()
    private var isContainerInPlace = false
    /// Thousandths of a milliliter since the total was cleared, and what of it the present program gave.
    private var total = 0
    private var ofProgram = 0

    static let model = "PHD infusion pump"

    /// Nil unless `serial` is `SIM` and five upper-case letters or digits.
    package init?(serial: String, zone: HomeZone) {
        guard serial.hasPrefix("SIM"), serial.utf8.count == 8,
            serial.utf8.allSatisfy({ (48...57).contains($0) || (65...90).contains($0) })
        else { return nil }
        self.serial = serial
        clock = PumpClock(zone: zone)
    }

    package var eventCount: Int { store.count }
    var log: [UInt8] { store.log }

    /// Given locally: no registry knows a simulated pump.
    var systemID: [UInt8] { [0x02, 0x53, 0x49, 0x4D] + bigEndian(crc32ish) }

    /// Four bytes that differ from serial to serial.
    private var crc32ish: UInt32 { serial.utf8.reduce(5381) { $0 &* 33 &+ UInt32($1) } }

    // MARK: What it answers

    /// A manager has come: an agent speaks first.
    package mutating func greet(at now: Instant) -> [Answer] { line.greet(self, at: now) }

    /// Takes what the manager wrote, in pieces of any size, and answers each message that is whole.
    package mutating func receive(_ bytes: [UInt8], at now: Instant) throws(CommandViolation) -> [Answer] {
        var line = line
        defer { self.line = line }
        return try line.receive(bytes, self, at: now)
    }

    package mutating func unplug() { line = PhdLine() }

    // MARK: What it logs

    /// Takes note of an act. Returns the entries that it wrote, in order.
    @discardableResult
    package mutating func perform(_ act: PumpAct, at now: Instant) -> [[UInt8]] {
        entries(of: act, at: now).map { entry in
            let bytes = PhdEntry(
                time: entry.time, number: store.nextNumber, code: entry.code, volumeThousandths: entry.volume
            ).bytes
            store.append(bytes)
            return bytes
        }
    }

    private typealias Logged = (code: UInt16, volume: Int?, time: CivilDateTime)

    private mutating func entries(of act: PumpAct, at now: Instant) -> [Logged] {
        let time = clock.reading(at: now)
        func one(_ code: UInt16, _ volume: Int? = nil) -> [Logged] { [(code, volume, time)] }
        switch act {
        case .containerPlaced(let holding):
            isContainerInPlace = true
            return one(PhdCode.attached, holding.thousandths)
        case .containerRemoved:
            isContainerInPlace = false
            return one(PhdCode.detached)
        case .containerEmptied: return one(PhdCode.empty)
        case .containerLow(let left): return one(PhdCode.low, left.thousandths)
        case .rewound: return one(PhdCode.rewound)
        case .primed(let type, let amount):
            return one(type == .manual ? PhdCode.primedByHand : PhdCode.primedFixed, amount.thousandths)
        case .programmed(let program):
            ofProgram = 0
            return one(PhdCode.programmed, program.volume.thousandths)
        case .started:
            // It feels that a container is in place: one that comes back is attached again.
            let again = isContainerInPlace ? [] : one(PhdCode.attached)
            isContainerInPlace = true
            return again + one(PhdCode.started)
        case .stopped(let infused):
            book(infused.thousandths)
            return one(PhdCode.stopped, total)
        case .completed(let infused):
            book(infused.thousandths)
            return one(PhdCode.completed, total)
        case .bolus(let bolus): return one(PhdCode.bolus, bolus.delivered.thousandths)
        case .doseGranted: return one(PhdCode.doseGranted)
        case .doseDenied: return one(PhdCode.doseDenied)
        case .doseFinished: return one(PhdCode.doseFinished)
        case .doseCancelled: return one(PhdCode.doseCancelled)
        case .suspended: return one(PhdCode.stopped, total)
        case .resumed: return one(PhdCode.started)
        case .alarm(let alarm): return one(PhdCode.alarm(alarm, isCleared: false))
        case .alarmCleared(let alarm): return one(PhdCode.alarm(alarm, isCleared: true))
        case .powerOff: return one(PhdCode.powerOff)
        case .powerOn: return one(PhdCode.powerOn)
        case .batteryChanged: return one(PhdCode.powerOff) + one(PhdCode.powerOn)
        case .batteryLow: return one(PhdCode.batteryLow)
        case .clockSet(let new):
            clock.set(to: new, at: now)
            return one(PhdCode.clockBefore) + [(PhdCode.clockAfter, nil, new)]
        case .clockLost:
            guard let start = CivilDateTime(year: 2000, month: 1, day: 1) else { return [] }
            clock.set(to: start, at: now)
            return [(PhdCode.alarm(.reset, isCleared: false), nil, start)]
        case .shiftTotalCleared:
            (total, ofProgram) = (0, 0)
            return one(PhdCode.totalCleared)
        case .timeStamped: return one(PhdCode.timeStamp)
        case .authenticated: return one(PhdCode.authenticated)
        case .basalSegment, .dayEnded: return []
        }
    }

    /// `infused` counts from the program's beginning; the total grows by what is new of it.
    private mutating func book(_ infused: Int) {
        total += max(0, infused - ofProgram)
        ofProgram = infused
    }
}
