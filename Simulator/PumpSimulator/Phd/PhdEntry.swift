import PumpCore

/// Event codes that the simulated pump logs: docs/drivers.md has the table.
enum PhdCode {
    static let started: UInt16 = 680
    static let stopped: UInt16 = 682
    static let completed: UInt16 = 684
    static let attached: UInt16 = 0xF001
    static let detached: UInt16 = 0xF002
    static let empty: UInt16 = 0xF003
    static let low: UInt16 = 0xF004
    static let rewound: UInt16 = 0xF005
    static let primedByHand: UInt16 = 0xF006
    static let primedFixed: UInt16 = 0xF007
    static let doseGranted: UInt16 = 0xF010
    static let doseFinished: UInt16 = 0xF011
    static let doseCancelled: UInt16 = 0xF012
    static let doseDenied: UInt16 = 0xF013
    static let bolus: UInt16 = 0xF014
    static let clockBefore: UInt16 = 0xF030
    static let clockAfter: UInt16 = 0xF031
    static let powerOn: UInt16 = 0xF032
    static let powerOff: UInt16 = 0xF033
    static let batteryLow: UInt16 = 0xF034
    static let programmed: UInt16 = 0xF035
    static let totalCleared: UInt16 = 0xF036
    static let timeStamp: UInt16 = 0xF037
    static let authenticated: UInt16 = 0xF038

    /// 0xF020 to 0xF026; eight more where it is cleared. An empty or low container has codes of its own.
    static func alarm(_ alarm: PumpEvent.Alarm, isCleared: Bool) -> UInt16 {
        let code: UInt16 =
            switch alarm {
            case .occlusion: 0xF020
            case .leak: 0xF021
            case .air: 0xF022
            case .battery: 0xF023
            case .noDelivery: 0xF024
            case .reset: 0xF025
            case .other, .emptyContainer, .lowContainer: 0xF026
            }
        return isCleared ? code + 8 : code
    }
}

/// One event as the pump's store keeps it: 20 bytes.
struct PhdEntry: Equatable {
    static let byteCount = 20

    var time: CivilDateTime
    var number: UInt32
    var code: UInt16
    /// Nil: no amount belongs to it.
    var volumeThousandths: Int?

    var bytes: [UInt8] {
        let body =
            Self.stamp(time) + bigEndian(number) + bigEndian(code)
            + (volumeThousandths.map { PhdBytes.float(thousandths: $0) } ?? PhdBytes.noFloat)
        return body + bigEndian(crc16(body))
    }

    /// Century, year, month, day, hour, minute, second, hundredths: two decimal digits a byte.
    static func stamp(_ time: CivilDateTime) -> [UInt8] {
        let (year, month, day) = time.date.components
        return [year / 100, year % 100, month, day, time.hour, time.minute, time.second, 0].map { field in
            UInt8(truncatingIfNeeded: (field / 10) << 4 | field % 10)
        }
    }
}
