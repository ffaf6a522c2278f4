import PumpCore

/// The event codes of the log: 16 bits of partition 3 (events) of 11073-10101 where it has one, else the private range
/// from 0xF000 on. 10101 has no code for a cassette, bag or reservoir.
enum InfusionCode {
    /// MDC_EVT_PUMP_DELIV_START, 3::680.
    static let deliveryStarted: UInt16 = 680
    /// MDC_EVT_PUMP_DELIV_STOP; the name is public, its code is inferred from its neighbours: 3::682.
    static let deliveryStopped: UInt16 = 682
    /// MDC_EVT_PUMP_DELIV_COMP, 3::684.
    static let deliveryCompleted: UInt16 = 684
    /// MDC_EVT_PUMP_VOL_INFUS_NEAR_COMP, 3::726.
    static let nearlyCompleted: UInt16 = 726
    /// MDC_EVT_PUMP_GENERAL_ALARM, 3::62.
    static let generalAlarm: UInt16 = 62
    /// MDC_EVT_ALARM, 3::8.
    static let alarm: UInt16 = 8

    static let containerAttached: UInt16 = 0xF001
    static let containerDetached: UInt16 = 0xF002
    static let containerEmpty: UInt16 = 0xF003
    static let containerLow: UInt16 = 0xF004
    static let rewound: UInt16 = 0xF005
    static let primedByHand: UInt16 = 0xF006
    static let primedFixed: UInt16 = 0xF007
    static let doseGranted: UInt16 = 0xF010
    static let doseFinished: UInt16 = 0xF011
    static let doseCancelled: UInt16 = 0xF012
    static let doseDenied: UInt16 = 0xF013
    static let bolus: UInt16 = 0xF014
    /// An alarm is one of eight from here on; its end is eight further.
    static let firstAlarm: UInt16 = 0xF020
    static let firstAlarmEnd: UInt16 = 0xF028
    static let clockBefore: UInt16 = 0xF030
    static let clockAfter: UInt16 = 0xF031
    static let powerOn: UInt16 = 0xF032
    static let powerOff: UInt16 = 0xF033
    static let batteryLow: UInt16 = 0xF034
    static let programmed: UInt16 = 0xF035
    static let totalCleared: UInt16 = 0xF036
    static let timeStamp: UInt16 = 0xF037
    static let authenticated: UInt16 = 0xF038

    /// In the order of their codes.
    static let alarms: [(alarm: PumpEvent.Alarm, label: String)] = [
        (.occlusion, "occlusion"), (.leak, "leak"), (.air, "air in line"), (.battery, "battery depleted"),
        (.noDelivery, "no delivery"), (.reset, "settings or clock lost"), (.other, "other alarm"),
    ]

    /// What a code and a volume say. A code that nobody knows is kept as unknown.
    static func event(_ code: UInt16, volume: Quantity?, time: CivilDateTime?) -> PumpEvent {
        let plain = Int(code)
        if let (kind, label) = simple[code] {
            return PumpEvent(kind) {
                $0.label = label
                $0.amount = volume
                $0.code = plain
                if kind == .containerEmpty { $0.alarm = .emptyContainer }
                if code == bolus || code == doseFinished { ($0.delivered, $0.amount) = (volume, nil) }
                if code == programmed { ($0.programmed, $0.amount) = (volume, nil) }
                if code == primedByHand { $0.primeType = .manual }
                if code == primedFixed { $0.primeType = .fixed }
                if code == clockAfter { $0.newTime = time }
            }
        }
        if let raised = entry(code, from: firstAlarm) {
            return PumpEvent(.alarm) {
                ($0.label, $0.alarm, $0.code) = (raised.label, raised.alarm, plain)
            }
        }
        if let cleared = entry(code, from: firstAlarmEnd) {
            return PumpEvent(.alarmCleared) {
                ($0.label, $0.alarm, $0.code) = (cleared.label + " cleared", cleared.alarm, plain)
            }
        }
        return PumpEvent(.unknown) { $0.code = plain }
    }

    private static func entry(_ code: UInt16, from first: UInt16) -> (alarm: PumpEvent.Alarm, label: String)? {
        guard code >= first, Int(code - first) < alarms.count else { return nil }
        return alarms[Int(code - first)]
    }

    private static let simple: [UInt16: (EventKind, String)] = [
        deliveryStarted: (.deliveryStarted, "delivery started"),
        deliveryStopped: (.deliveryStopped, "delivery stopped"),
        deliveryCompleted: (.deliveryStopped, "delivery completed"),
        nearlyCompleted: (.note, "infusion nearly complete"),
        generalAlarm: (.alarm, "general alarm"),
        alarm: (.alarm, "alarm"),
        containerAttached: (.containerAttached, "container attached"),
        containerDetached: (.containerDetached, "container detached"),
        containerEmpty: (.containerEmpty, "container empty"),
        containerLow: (.containerLow, "container low"),
        rewound: (.rewind, "plunger rewound"),
        primedByHand: (.primed, "primed by hand"),
        primedFixed: (.primed, "fixed prime"),
        doseGranted: (.bolus, "dose granted"),
        doseFinished: (.bolus, "dose finished"),
        doseCancelled: (.bolusCancelled, "dose cancelled"),
        doseDenied: (.note, "dose denied"),
        bolus: (.bolus, "bolus"),
        clockBefore: (.clockChanged, "clock set, old time"),
        clockAfter: (.note, "clock set, new time"),
        powerOn: (.powerOn, "switched on"),
        powerOff: (.powerOff, "switched off"),
        batteryLow: (.battery, "battery low"),
        programmed: (.setting, "program changed"),
        totalCleared: (.note, "volume total cleared"),
        timeStamp: (.note, "time stamp"),
        authenticated: (.note, "authentication"),
    ]
}
