import PumpCore

/// How a pump stamps its events. The bytes of one event fit both ways.
enum MivaTimeFormat: String, CaseIterable, Hashable, Sendable {
    /// Seconds since the firmware was loaded, 28 bits, little-endian; the top four bits are reserved.
    case counter
    /// A calendar packed into 32 bits, big-endian, on pumps that keep a real clock: years since 2000 (6), month (4),
    /// day (5), hour (5), minute (6), second (6).
    case calendar

    static let counterMask: UInt32 = 0x0FFF_FFFF
    static let firstYear = 2000

    func time(of slot: MivaSlot) -> DeviceTime? {
        switch self {
        case .counter: return .counter(seconds: Int(slot.timeLittleEndian & Self.counterMask))
        case .calendar:
            let packed = Int(slot.timeBigEndian)
            return CivilDateTime(
                year: Self.firstYear + (packed >> 26), month: packed >> 22 & 0x0F, day: packed >> 17 & 0x1F,
                hour: packed >> 12 & 0x1F, minute: packed >> 6 & 0x3F, second: packed & 0x3F
            ).map(DeviceTime.civil)
        }
    }
}

extension DeviceTime {
    /// Reads the payload of a reply to `RC`. Eight digits are the counter; twelve are a calendar, see `MivaCalendarReply`.
    ///
    /// `host` is the host's clock at that moment.
    init?(mivaClock payload: [UInt8], host: Instant? = nil) {
        let digits = payload.dropFirst(2)
        switch digits.count {
        case 8:
            guard let seconds = upperHexValue(digits) else { return nil }
            self = .counter(seconds: seconds & Int(MivaTimeFormat.counterMask))
        case 12:
            guard let time = MivaCalendarReply(Array(digits))?.time(host: host) else { return nil }
            self = .civil(time)
        default: return nil
        }
    }

    var mivaFormat: MivaTimeFormat {
        switch self {
        case .counter: .counter
        case .civil: .calendar
        }
    }
}

extension MivaTimeFormat {
    /// No MIVA existed before, and one that shows a later year has lost its clock or is read wrongly.
    static let plausibleYears = 2005...2045

    /// The formats in which the events' times make sense: a calendar has only days that exist, and time runs backwards
    /// no oftener than in the other format. Both, where the bytes do not tell.
    static func fitting(_ events: [MivaSlot]) -> [MivaTimeFormat] {
        guard !events.isEmpty else { return [.counter] }
        let calendar = events.compactMap { Self.calendar.time(of: $0)?.civil }
        guard calendar.count == events.count, calendar.allSatisfy({ plausibleYears.contains($0.date.year) }) else {
            return [.counter]
        }
        let counter = events.compactMap { Self.counter.time(of: $0)?.counterSeconds }
        let calendarSteps = stepsBack(calendar)
        let counterSteps = stepsBack(counter)
        if calendarSteps == counterSteps { return [.counter, .calendar] }
        return calendarSteps < counterSteps ? [.calendar] : [.counter]
    }

    static func stepsBack(_ times: [some Comparable]) -> Int {
        zip(times, times.dropFirst()).count { $0 > $1 }
    }
}
