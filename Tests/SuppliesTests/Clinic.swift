import PumpCore
import Register
import Supplies
import TestSupport
import Testing
import Timeline

/// A register and attested events, written down in a few words: the fluent builder of these tests.
struct Clinic {
    var register = SupplyRegister()
    /// By pump serial, in the order of their numbers.
    var events: [String: [Entry]] = [:]
    private(set) var zone: HomeZone

    struct Entry {
        var sequence: Int
        var at: CivilDateTime
        var channel: Int
        var event: PumpEvent
    }

    static let origin = RowOrigin(file: "test", line: 2)
    private static let newYork = HomeZone(identifier: "America/New_York") ?? .utc

    init(payer: String = "medicare-dme", zone: HomeZone? = nil) {
        self.zone = zone ?? Self.newYork
        register.patients = [Patient(id: "P1", homeZone: self.zone, payer: payer, origin: Self.origin)]
        pump("M1")
    }

    mutating func pump(_ serial: String, _ hcpcs: String = "E0781") {
        register.pumps.removeAll { $0.serial == serial }
        register.pumps.append(
            RegisteredPump(serial: serial, hcpcs: hcpcs, ownership: .rented, origin: Self.origin))
    }

    /// Foscarnet into a bag twice a day, until changed.
    mutating func order(
        _ id: String = "O1", from starts: String = "2026-10-01", to ends: String? = "2026-10-30",
        patient: String = "P1",
        pump: String? = "M1", channel: Int = 1, _ change: (inout TherapyOrder) -> Void = { _ in }
    ) throws {
        var order = TherapyOrder(
            id: id, patient: patient, drug: "foscarnet", drugHcpcs: ["J1455"], mode: .intermittent,
            starts: try time(starts), ends: try ends.map { try time($0) },
            schedule: .timesOfDay([6 * 3600, 18 * 3600]), doseHours: 1, container: .bag, dosesPerContainer: 1,
            catheters: 1, coverage: .kx, signedOn: CivilDate("2016-12-01"), origin: Self.origin)
        change(&order)
        register.orders.append(order)
        if let pump { assign(pump, to: id, from: order.starts, until: nil, channel: channel) }
    }

    mutating func assign(
        _ pump: String, to order: String, from: RegisterTime, until: RegisterTime?, channel: Int = 1
    ) {
        register.assignments.append(
            Assignment(pump: pump, channel: channel, order: order, from: from, to: until, origin: Self.origin))
    }

    mutating func deliver(
        _ quantity: Int, _ hcpcs: String = "A4222", on date: String = "2026-10-01", to order: String = "O1"
    ) throws {
        register.deliveries.append(
            Delivery(
                id: "D\(register.deliveries.count + 1)", order: order, hcpcs: hcpcs, date: try day(date),
                quantity: quantity, receivedBy: "the patient", origin: Self.origin))
    }

    mutating func dispose(
        _ quantity: Int, _ reason: Disposition.Reason, on date: String, of order: String = "O1"
    ) throws {
        register.dispositions.append(
            Disposition(
                order: order, date: try day(date), quantity: quantity, reason: reason, by: "N. Nurse",
                origin: RowOrigin(file: "test", line: register.dispositions.count + 2)))
    }

    mutating func stay(_ from: String, _ to: String?, _ kind: Stay.Kind, patient: String = "P1") throws {
        register.stays.append(
            Stay(
                patient: patient, admitted: try time(from), discharged: try to.map { try time($0) }, kind: kind,
                origin: Self.origin))
    }

    // MARK: Events

    /// The next event of a pump.
    mutating func event(
        _ kind: EventKind, _ at: CivilDateTime, pump: String = "M1", channel: Int = 1, id: String? = nil,
        slot: CivilDateTime? = nil, _ fill: (inout PumpEvent) -> Void = { _ in }
    ) {
        var event = PumpEvent(kind) {
            $0.channel = channel
            $0.containerID = id
            $0.doseSlot = slot
        }
        fill(&event)
        let last = events[pump]?.last?.sequence ?? 0
        events[pump, default: []].append(Entry(sequence: last + 1, at: at, channel: channel, event: event))
    }

    mutating func event(_ kind: EventKind, _ at: String, pump: String = "M1", id: String? = nil) throws {
        event(kind, try civil(at), pump: pump, id: id)
    }

    /// A container is put in place, gives the dose of `slot`, and is taken off. Times are near the slot.
    mutating func dose(
        _ slot: CivilDateTime, pump: String = "M1", channel: Int = 1, id: String?, late minutes: Int = 0,
        attests: Bool = false, hours: Int = 1
    ) {
        let start = slot.adding(seconds: minutes * 60)
        let named = attests ? slot : nil
        event(.containerAttached, start.adding(seconds: -300), pump: pump, channel: channel, id: id)
        event(.doseStarted, start, pump: pump, channel: channel, slot: named)
        event(.doseCompleted, start.adding(seconds: hours * 3600), pump: pump, channel: channel, slot: named)
        event(.containerDetached, start.adding(seconds: hours * 3600 + 300), pump: pump, channel: channel)
    }

    /// A container is hung and runs until the next one.
    mutating func hang(_ at: CivilDateTime, pump: String = "M1", id: String?) {
        event(.containerAttached, at, pump: pump, id: id)
        event(.deliveryStarted, at.adding(seconds: 60), pump: pump)
    }

    // MARK: Logs

    /// The pump's log as the ledger would keep it: a missing number in the series is a gap.
    func log(_ pump: String) -> PumpLog {
        let identity = PumpIdentity(serial: pump, driver: "attested")
        var records: [LogRecord] = []
        var gaps: [LogGap] = []
        var stretch = 0
        for entry in events[pump] ?? [] {
            let raw = RawRecord(
                raw: Array("\(pump),\(entry.sequence)".utf8), devicePosition: entry.sequence,
                deviceTime: .civil(entry.at), event: entry.event)
            let key = RecordKey("r:\(pump)-\(entry.sequence)")
            if let last = records.last, let position = last.record.devicePosition, position + 1 < entry.sequence {
                stretch += 1
                gaps.append(
                    LogGap(
                        after: last.key, before: key, from: last.record.deviceTime, to: raw.deviceTime,
                        reason: .missingSequence, missing: entry.sequence - position - 1))
            }
            records.append(
                LogRecord(
                    key: key, pump: identity, session: SessionID("s"), position: records.count, stretch: stretch,
                    record: raw, readAt: nil, decoderVersion: 1))
        }
        return PumpLog(pump: identity, records: records, gaps: gaps, clocks: [], lastReadAt: nil)
    }

    func timelines(_ index: RegisterIndex) -> [PumpTimeline] {
        events.keys.sorted().map { serial in
            PumpTimeline(log(serial), signs: .attested, zones: index.zoneSpans(ofPump: serial))
        }
    }

    func findings(_ from: String = "2026-10-01", _ to: String = "2026-10-31") throws -> MonthFindings {
        try findings(try day(from)...day(to))
    }

    func findings(_ period: ClosedRange<CivilDate>) throws -> MonthFindings {
        let index = RegisterIndex(register)
        return try MonthCount(index, rules: RuleBook.shipped, period: period).findings(timelines(index))
    }

    /// Counts several periods from the same logs.
    func findings(_ periods: [ClosedRange<CivilDate>], wantsContainers: Bool = true) throws -> [MonthFindings] {
        let index = RegisterIndex(register)
        let timelines = timelines(index)
        let rules = try RuleBook.shipped
        return periods.map { period in
            var count = MonthCount(index, rules: rules, period: period)
            count.wantsContainers = wantsContainers
            return count.findings(timelines)
        }
    }

    /// The line of an order and code in October 2026.
    func line(_ hcpcs: String = "A4222", order: String = "O1") throws -> BillableLine {
        try #require(try findings().lines.first { $0.hcpcs == hcpcs && $0.order == order })
    }
}

func day(_ text: String) throws -> CivilDate { try #require(CivilDate(text), "\(text)") }
func civil(_ text: String) throws -> CivilDateTime { try #require(CivilDateTime(text), "\(text)") }
func time(_ text: String) throws -> RegisterTime { try #require(RegisterTime(text), "\(text)") }

/// The ordered times of foscarnet twice a day, from a day on.
func slots(_ count: Int, from start: String = "2026-10-01", hours: [Int] = [6, 18]) throws -> [CivilDateTime] {
    let first = try day(start)
    return (0..<count).map { number in
        CivilDateTime(first.adding(days: number / hours.count), secondOfDay: hours[number % hours.count] * 3600)
    }
}

extension MonthFindings {
    func line(_ hcpcs: String = "A4222", order: String = "O1") throws -> BillableLine {
        try #require(lines.first { $0.hcpcs == hcpcs && $0.order == order }, "\(lines.map(\.hcpcs))")
    }
}

extension BillableLine {
    var heldBy: Set<String> { Set(holds.map(\.rule)) }
}
