import PumpCore

/// A record of the history log, before it is bytes. Layouts: facts on the Paradigm history, checked against recorded
/// pages. Fields whose meaning nobody published hold what recorded pages hold there, or zero.
enum ParadigmRecord: Equatable {
    case bolus(programmed: Quantity, delivered: Quantity, unabsorbed: Quantity, at: CivilDateTime)
    case prime(PumpEvent.PrimeType, Quantity, at: CivilDateTime)
    case alarm(code: UInt8, at: CivilDateTime)
    case alarmCleared(code: UInt8, at: CivilDateTime)
    case dailyTotal(CivilDate, Quantity)
    case dailyTotalDetail(CivilDate, basal: Quantity, bolus: Quantity)
    case clockAboutToChange(at: CivilDateTime)
    case clockChanged(at: CivilDateTime)
    case batteryLow(at: CivilDateTime)
    case battery(placed: Bool, at: CivilDateTime)
    case suspended(by: PumpEvent.Requester, at: CivilDateTime)
    case resumed(by: PumpEvent.Requester, at: CivilDateTime)
    case rewound(at: CivilDateTime)
    case reservoirLow(left: Quantity, at: CivilDateTime)
    case basalSegment(index: Int, halfHour: Int, rate: Quantity, at: CivilDateTime)
    case wizard(grams: Int, unabsorbed: Quantity, bolus: Quantity, at: CivilDateTime)
    case insulinAtWork([PumpAct.Bolus.AtWork])

    /// The record as the pump stores it.
    func bytes(larger: Bool, model: ParadigmModel) -> [UInt8] {
        switch self {
        case .bolus(let programmed, let delivered, let unabsorbed, let at):
            let time = ParadigmStamp.time(at, hourFlag: ParadigmStamp.HourFlag.byHand)
            // The duration, in half hours, is 0 for a bolus that is given at once.
            return larger
                ? [0x01] + programmed.fortieths + delivered.fortieths + unabsorbed.fortieths + [0] + time
                : [0x01, programmed.tenths, delivered.tenths, 0] + time
        case .prime(let type, let amount, let at):
            let byHand = type == .manual
            let flag = byHand ? ParadigmStamp.HourFlag.byHand : ParadigmStamp.HourFlag.plain
            return [0x03, 0, byHand ? 0 : amount.tenths, 0, amount.tenths] + ParadigmStamp.time(at, hourFlag: flag)
        case .alarm(let code, let at):
            return [0x06, code, 0, 0] + ParadigmStamp.time(at, hourFlag: ParadigmStamp.HourFlag.alarm)
        case .alarmCleared(let code, let at): return [0x0C, code] + ParadigmStamp.time(at)
        case .dailyTotal(let day, let total):
            return [0x07, 0, 0] + total.fortieths + ParadigmStamp.date(day) + (larger ? [0, 0, 0] : [])
        case .dailyTotalDetail(let day, let basal, let bolus):
            return Self.detail(of: day, basal: basal, bolus: bolus, model: model)
        case .clockAboutToChange(let at): return [0x17, 0] + ParadigmStamp.time(at)
        case .clockChanged(let at): return [0x18, 0] + ParadigmStamp.time(at)
        case .batteryLow(let at): return [0x19, 0] + ParadigmStamp.time(at)
        case .battery(let placed, let at): return [0x1A, placed ? 1 : 0] + ParadigmStamp.time(at)
        case .suspended(let by, let at): return [0x1E, 0] + Self.stamp(at, by)
        case .resumed(let by, let at): return [0x1F, 0] + Self.stamp(at, by)
        case .rewound(let at): return [0x21, 0] + ParadigmStamp.time(at)
        case .reservoirLow(let left, let at): return [0x34, left.tenths] + ParadigmStamp.time(at)
        case .basalSegment(let index, let halfHour, let rate, let at):
            // The rate is the one number of the log that stands low byte first.
            return [0x7B, UInt8(clamping: index)] + ParadigmStamp.time(at) + [UInt8(clamping: halfHour)]
                + rate.fortieths.reversed()
        case .wizard(let grams, let unabsorbed, let bolus, let at):
            return Self.wizard(grams: grams, unabsorbed: unabsorbed, bolus: bolus, at: at, larger: larger)
        case .insulinAtWork(let earlier):
            // Amount, age in minutes, and a byte that recorded pages of this age range set to 0x44.
            let entries: [UInt8] = earlier.prefix(8).flatMap { (bolus) -> [UInt8] in
                [bolus.amount.fortieths[1], UInt8(clamping: bolus.ageMinutes), 0x44]
            }
            return [0x5C, UInt8(clamping: entries.count + 2)] + entries
        }
    }

    private static func stamp(_ at: CivilDateTime, _ by: PumpEvent.Requester) -> [UInt8] {
        ParadigmStamp.time(at, dayFlag: by == .radio ? ParadigmStamp.byRadio : 0)
    }

    /// 0x6C, 0x6D or 0x6E: totals, basal and bolus shares after a head that recorded pages of days without a glucose
    /// reading keep constant.
    private static func detail(
        of day: CivilDate, basal: Quantity, bolus: Quantity, model: ParadigmModel
    ) -> [UInt8] {
        let total = basal.thousandths + bolus.thousandths
        let percent = total == 0 ? 0 : (basal.thousandths * 100 + total / 2) / total
        let shares =
            Quantity.units(thousandths: total).fortieths + basal.fortieths + [UInt8(clamping: percent)]
            + bolus.fortieths + [UInt8(clamping: total == 0 ? 0 : 100 - percent)]
        let (opcode, head, length): (UInt8, [UInt8], Int) =
            switch model {
            case .x15: (0x6C, [0x05, 0x0C, 0x00, 0xE8, 0, 0, 0, 0], 38)
            case .x22: (0x6D, [0x05, 0x0C, 0x00, 0xE8, 0, 0, 0, 0], 44)
            case .x23: (0x6E, [0x05, 0, 0, 0, 0, 0, 0, 0], 52)
            }
        let known = [opcode] + ParadigmStamp.date(day) + head + shares
        return known + [UInt8](repeating: 0, count: length - known.count)
    }

    /// A fixed patient: 10 g of carbohydrate a unit, sensitivity 50 mg/dL, target 100 mg/dL, no glucose reading.
    private static func wizard(
        grams: Int, unabsorbed: Quantity, bolus: Quantity, at: CivilDateTime, larger: Bool
    ) -> [UInt8] {
        let (ratio, sensitivity, target, unitsAreGramsAndMgPerDl): (UInt8, UInt8, UInt8, UInt8) = (10, 50, 100, 0x50)
        let carbohydrates = UInt8(clamping: grams)
        let head = [0x5B, 0] + ParadigmStamp.time(at) + [carbohydrates, unitsAreGramsAndMgPerDl]
        return larger
            ? head + bigEndian(UInt16(ratio) * 10) + [sensitivity, target, 0] + bolus.fortieths + [0]
                + unabsorbed.fortieths + bolus.fortieths + [target]
            : head + [ratio, sensitivity, target, 0, bolus.tenths, 0, 0, unabsorbed.tenths, 0, bolus.tenths, target]
    }
}

extension Quantity {
    /// One byte, tenths of a unit. What does not fit reads as the most that does.
    fileprivate var tenths: UInt8 { UInt8(clamping: thousandths / 100) }

    /// Two bytes, fortieths of a unit (the stroke of the pump's motor), high byte first.
    fileprivate var fortieths: [UInt8] { bigEndian(UInt16(clamping: thousandths * 40 / 1000)) }
}
