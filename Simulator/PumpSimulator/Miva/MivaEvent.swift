import PumpCore

/// Types of the MIVA's log, as the maker's reader names them.
enum MivaEventType: UInt8 {
    case infusionData = 0
    case runInfusion = 1
    case infusionPaused = 2
    /// Older firmware: the infusion is completed.
    case cassetteEmpty = 3
    case authentication = 5
    case doseGranted = 6
    case extraDoseDenied = 7
    case doseCancel = 8
    case occlusion = 9
    case clearShiftTotal = 12
    case battery = 13
    /// Older firmware: the cassette was opened.
    case cassetteDetached = 14
    case timeStamp = 15
    case powerOff = 16
    case unattended = 21
    case settingChange = 22
    case doseFinish = 23
    case powerOn = 24
    case batteryDepleted = 28
    case batteryLow = 30
}

/// One event of 16 bytes: type, time (4), subtype (2, high byte first), two numbers (4 each, high byte first), one byte
/// that nobody uses.
struct MivaEvent: Equatable {
    static let byteCount = 16

    var type: MivaEventType
    var subtype: UInt16 = 0
    /// A float's bits, or a whole number.
    var first: UInt32 = 0
    var second: UInt32 = 0

    init(_ type: MivaEventType, subtype: UInt16 = 0, _ first: UInt32 = 0, _ second: UInt32 = 0) {
        self.type = type
        self.subtype = subtype
        self.first = first
        self.second = second
    }

    func bytes(stamp: [UInt8]) -> [UInt8] {
        [type.rawValue] + stamp + bigEndian(subtype) + bigEndian(first) + bigEndian(second) + [0]
    }
}

/// Where an event's time stands: four bytes.
enum MivaStamp {
    /// Seconds since the firmware was loaded: 28 bits, low byte first. The maker's reader masks the top four, which its
    /// comments show as `F`.
    static func counter(_ seconds: Int, reserved: UInt32 = 0) -> [UInt8] {
        let value = UInt32(truncatingIfNeeded: seconds) & 0x0FFF_FFFF | reserved << 28
        return bigEndian(value).reversed()
    }

    /// Packed, high byte first: year since 2000 (6 bits), month (4), day (5), hour (5), minute (6), second (6).
    static func calendar(_ time: CivilDateTime) -> [UInt8] {
        let (year, month, day) = time.date.components
        let fields: [(value: Int, bits: UInt32)] = [
            (min(max(year - 2000, 0), 63), 6), (month, 4), (day, 5), (time.hour, 5), (time.minute, 6), (time.second, 6),
        ]
        return bigEndian(fields.reduce(UInt32(0)) { $0 << $1.bits | UInt32($1.value) })
    }
}

extension MivaEvent {
    enum Occlusion {
        static let downstream: UInt16 = 2
        static let cleared: UInt16 = 4
    }

    /// What the pump logs of an alarm.
    init(_ alarm: PumpEvent.Alarm) {
        switch alarm {
        case .occlusion: self.init(.occlusion, subtype: Occlusion.downstream)
        case .emptyContainer: self.init(.cassetteEmpty)
        case .battery: self.init(.batteryDepleted)
        case .leak, .air, .lowContainer, .noDelivery, .reset, .other: self.init(.unattended)
        }
    }

    /// The first byte of a granted dose's subtype; the second counts the presses of the button.
    static func doseCode(_ kind: PumpAct.DoseKind) -> UInt16 {
        switch kind {
        case .automatic, .starting: 1
        case .extra: 2
        case .clinician: 8
        }
    }

    static func float(_ quantity: Quantity) -> UInt32 { Float(quantity.value).bitPattern }
}
