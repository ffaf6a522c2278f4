package import PumpCore

/// A Paradigm pump on a virtual clock: what it keeps, what it logs, and what it answers to a command that reached it by
/// radio. It opens nothing and reads no clock.
package struct ParadigmPump: Sendable {
    package let model: ParadigmModel
    /// The six digits that the radio packets carry.
    let radioSerial: [UInt8]
    /// What command 113 answers: `SIM` and the six digits, so that nobody takes its log for a patient's. A real pump
    /// answers the six digits alone; the packet has room for both.
    package let reportedID: String
    package private(set) var clock: PumpClock
    private(set) var history = ParadigmHistory()
    private var radioOnUntil = Instant(secondsSince1970: .min)
    private var remaining = Quantity.units(thousandths: 0)
    /// Thousandths of a unit, boluses only until midnight books the basal share.
    private var totalToday = 0
    private var totalYesterday = 0
    private var isSuspended = false
    private var batteryHundredthsOfVolt: UInt16 = 152

    /// Nil unless `serial` is `SIM` and six digits, or the six digits alone.
    package init?(serial: String, model: ParadigmModel, zone: HomeZone) {
        let digits = serial.hasPrefix("SIM") ? serial.dropFirst(3) : serial[...]
        guard digits.utf8.count == 6, digits.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
        self.model = model
        reportedID = "SIM" + digits
        radioSerial = Self.packed(decimal: String(digits))
        clock = PumpClock(zone: zone)
    }

    /// Two decimal digits a byte.
    static func packed(decimal text: String) -> [UInt8] {
        let digits = text.utf8.map { $0 &- 48 }
        return stride(from: 0, to: digits.count - 1, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }

    /// How many pages the log has, the page being written included. Command 157 answers the number of the oldest one: in
    /// recordings it is 0 while there is one page, and 1 when there are two.
    package var pageCount: Int { history.pages.count }

    /// A history page of 1,024 bytes with its check; 0 is the newest.
    package func page(_ number: Int) -> [UInt8] { history.page(number) }

    // MARK: What it answers

    enum Reply: Equatable {
        /// The radio is off, or the pump has nothing to say to this command.
        case none
        /// One packet of 64 bytes, or of one byte that acknowledges.
        case packet([UInt8])
        /// A page of 1,024 bytes, in packets of 64.
        case page([UInt8])
    }

    static let packetBytes = 64
    private static let acknowledged: UInt8 = 0x06

    mutating func answer(_ command: ParadigmCommand, _ parameters: [UInt8], at now: Instant) -> Reply {
        if command == .radioPower {
            // On: 01 and minutes. Off: 00 00.
            let minutes = parameters.first == 1 ? Int(parameters.dropFirst().first ?? 0) : 0
            radioOnUntil = now.adding(seconds: minutes * 60)
            return .packet([Self.acknowledged])
        }
        guard now < radioOnUntil else { return .none }
        return command == .historyPage
            ? .page(history.page(Int(parameters.first ?? 0)))
            : .packet(padded(packet(command, at: now)))
    }

    private func padded(_ bytes: [UInt8]) -> [UInt8] {
        bytes + [UInt8](repeating: 0, count: Self.packetBytes - bytes.count)
    }

    private func packet(_ command: ParadigmCommand, at now: Instant) -> [UInt8] {
        switch command {
        case .clock:
            let time = clock.reading(at: now)
            let (year, month, day) = time.date.components
            return [UInt8(time.hour), UInt8(time.minute), UInt8(time.second)] + bigEndian(UInt16(clamping: year))
                + [UInt8(month), UInt8(day)]
        case .pumpID: return Array(reportedID.utf8)
        case .battery: return [0] + bigEndian(batteryHundredthsOfVolt)
        case .remainingInsulin:
            // x23 and newer answer in fortieths, two bytes further on [recalled, no published fact]; others in tenths.
            return model.hasLargerRecords
                ? [0, 0] + bigEndian(UInt16(clamping: remaining.thousandths * 40 / 1000))
                : bigEndian(UInt16(clamping: remaining.thousandths / 100))
        case .firmware: return Array(model.firmware.utf8) + [0x20, 0x0B, 0x0B]
        case .totalsToday:
            return bigEndian(UInt16(clamping: totalToday / 100)) + bigEndian(UInt16(clamping: totalYesterday / 100))
        case .pumpState, .pumpStatus: return [0x03, 0, isSuspended ? 1 : 0]
        case .model: return [UInt8(model.rawValue.utf8.count)] + Array(model.rawValue.utf8)
        case .oldestPage: return bigEndian(UInt32(clamping: pageCount - 1))
        case .settings:
            // As a recorded 515 answers it: largest bolus 10 U, largest basal rate 2 U/h.
            return [0, 1, 1, 0x14, 0, 0x64, 0, 0x50, 0, 0, 1, 2, 0, 0, 0, 0x64, 0, 5, 0, 0x14]
        case .errorStatus, .temporaryBasal, .radioPower, .historyPage: return []
        }
    }

    // MARK: What it logs

    /// Takes note of an act. Returns the records that it wrote, in order.
    @discardableResult
    package mutating func perform(_ act: PumpAct, at now: Instant) -> [[UInt8]] {
        let records = records(of: act, at: now).map { $0.bytes(larger: model.hasLargerRecords, model: model) }
        for record in records { history.append(record) }
        return records
    }

    private mutating func records(of act: PumpAct, at now: Instant) -> [ParadigmRecord] {
        let time = clock.reading(at: now)
        switch act {
        case .rewound: return [.rewound(at: time)]
        case .primed(let type, let amount):
            draw(amount)
            return [.prime(type, amount, at: time)]
        case .containerPlaced(let holding):
            remaining = holding
            return []
        case .containerLow(let left): return [.reservoirLow(left: left, at: time)]
        case .containerEmptied: return [.alarm(code: AlarmCode.emptyReservoir, at: time)]
        case .bolus(let bolus): return records(of: bolus)
        case .suspended(let by):
            isSuspended = true
            return [.suspended(by: by, at: time)]
        case .resumed(let by):
            isSuspended = false
            return [.resumed(by: by, at: time)]
        case .basalSegment(let index, let halfHour, let rate):
            return model.logsBasalSegments
                ? [.basalSegment(index: index, halfHour: halfHour, rate: rate, at: time)] : []
        case .dayEnded(let day, let basal, let bolus):
            draw(basal)
            totalYesterday = basal.thousandths + bolus.thousandths
            totalToday = 0
            let total = Quantity.units(thousandths: totalYesterday)
            return [.dailyTotal(day, total), .dailyTotalDetail(day, basal: basal, bolus: bolus)]
        case .powerOff: return [.battery(placed: false, at: time)]
        case .powerOn: return [.battery(placed: true, at: time)]
        case .batteryChanged: return [.battery(placed: false, at: time), .battery(placed: true, at: time)]
        case .batteryLow:
            batteryHundredthsOfVolt = 124
            return [.batteryLow(at: time)]
        case .clockSet(let new):
            clock.set(to: new, at: now)
            return [.clockAboutToChange(at: time), .clockChanged(at: new)]
        case .clockLost:
            if let start = CivilDateTime(year: model.firstYear, month: 1, day: 1) { clock.set(to: start, at: now) }
            let restarted = clock.reading(at: now)
            return [
                .alarm(code: AlarmCode.batteryOutLimit, at: restarted),
                .alarmCleared(code: AlarmCode.batteryOutLimit, at: restarted),
            ]
        case .alarm(let alarm): return [.alarm(code: AlarmCode.of(alarm), at: time)]
        case .alarmCleared(let alarm): return [.alarmCleared(code: AlarmCode.of(alarm), at: time)]
        case .containerRemoved, .programmed, .started, .stopped, .completed, .doseGranted, .doseDenied,
            .doseFinished, .doseCancelled, .shiftTotalCleared, .timeStamped, .authenticated:
            return []
        }
    }

    /// Wizard, insulin still at work, bolus: in this order, the bolus stamped when it began.
    private mutating func records(of bolus: PumpAct.Bolus) -> [ParadigmRecord] {
        draw(bolus.delivered)
        totalToday += bolus.delivered.thousandths
        let began = clock.reading(at: bolus.beganAt)
        let unabsorbed = Quantity.units(thousandths: bolus.atWork.reduce(0) { $0 + $1.amount.thousandths })
        let wizard: [ParadigmRecord] =
            bolus.carbohydrateGrams.map {
                [.wizard(grams: $0, unabsorbed: unabsorbed, bolus: bolus.programmed, at: began)]
            } ?? []
        let earlier: [ParadigmRecord] = bolus.atWork.isEmpty ? [] : [.insulinAtWork(bolus.atWork)]
        return wizard + earlier + [
            .bolus(
                programmed: bolus.programmed, delivered: bolus.delivered,
                unabsorbed: model.hasLargerRecords ? unabsorbed : .units(thousandths: 0), at: began)
        ]
    }

    private mutating func draw(_ amount: Quantity) {
        remaining = .units(thousandths: max(0, remaining.thousandths - amount.thousandths))
    }
}

/// The alarm codes that a simulated therapy raises.
private enum AlarmCode {
    static let batteryOutLimit: UInt8 = 3
    static let noDelivery: UInt8 = 4
    static let batteryDepleted: UInt8 = 5
    static let deviceReset: UInt8 = 16
    static let emptyReservoir: UInt8 = 62

    static func of(_ alarm: PumpEvent.Alarm) -> UInt8 {
        switch alarm {
        case .emptyContainer: emptyReservoir
        case .battery: batteryDepleted
        case .reset: deviceReset
        // The pump knows that insulin does not flow, not why.
        case .occlusion, .leak, .air, .noDelivery, .lowContainer, .other: noDelivery
        }
    }
}
