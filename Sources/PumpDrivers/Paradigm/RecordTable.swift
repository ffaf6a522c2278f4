import PumpCore

/// Every record type that this decoder can step over, one row an opcode.
///
/// Lengths and layouts: public decoders of the family (openaps/decocare, LoopKit/MinimedKit, ecc1/medtronic, ps2/minimed_rf),
/// as far as recorded pages of models 512, 515, 522, 523, 551 and 554 bear them out to the last byte. A row whose
/// length is known and whose meaning is not says so by its kind. An opcode without a row stops the page.
enum RecordTable {
    /// Page filler, never a record.
    static let padding: UInt8 = 0x00
    static let bolus: UInt8 = 0x01
    static let clockBefore: UInt8 = 0x17
    static let clockAfter: UInt8 = 0x18

    static func types(of size: RecordSize) -> [SizedRecordType?] { size == .larger ? larger : older }

    private static let older = sized(.older)
    private static let larger = sized(.larger)

    private static func sized(_ size: RecordSize) -> [SizedRecordType?] {
        var table = [SizedRecordType?](repeating: nil, count: 256)
        for row in rows { table[Int(row.opcode)] = SizedRecordType(row, size) }
        return table
    }

    static let rows: [RecordType] = Array(
        [delivery, reservoir, alarms, clockAndPower, totals, basal, wizard, notes, settings].joined())

    private static let delivery: [RecordType] = [
        RecordType(
            bolus, "bolus", .bolus, .bySize(older: 9, larger: 13), time: .stampBySize(older: 4, larger: 8),
            fields: .bolus,
            tellsRequester: true),
        RecordType(0x1E, "delivery suspended", .deliveryStopped, tellsRequester: true),
        RecordType(0x1F, "delivery resumed", .deliveryStarted, tellsRequester: true),
    ]

    private static let reservoir: [RecordType] = [
        RecordType(0x03, "prime", .primed, .fixed(10), time: .stamp(at: 5), fields: .prime),
        RecordType(0x21, "rewind", .rewind),
        RecordType(0x34, "low reservoir", .containerLow, fields: .lowReservoir),
    ]

    private static let alarms: [RecordType] = [
        RecordType(0x06, "alarm", .alarm, .fixed(9), time: .stamp(at: 4), fields: .alarm),
        RecordType(0x0B, "glucose sensor alarm", .alarm, .fixed(8), time: .stamp(at: 3), fields: .code),
        RecordType(0x0C, "alarm cleared", .alarmCleared, fields: .code),
    ]

    private static let clockAndPower: [RecordType] = [
        RecordType(clockBefore, "clock set, old time", .clockChanged, fields: .clockBefore, tellsRequester: true),
        RecordType(clockAfter, "clock set, new time", .note, fields: .clockAfter, tellsRequester: true),
        RecordType(0x19, "low battery", .battery),
        RecordType(0x1A, "battery changed", .battery),
    ]

    private static let totals: [RecordType] = [
        RecordType(
            0x07, "daily total", .counter, .bySize(older: 7, larger: 10), time: .day(at: 5), fields: .dailyTotal),
        RecordType(0x6C, "daily total in detail (x15)", .counter, .fixed(38), time: .day(at: 1)),
        RecordType(0x6D, "daily total in detail (x22)", .counter, .fixed(44), time: .day(at: 1)),
        RecordType(
            0x6E, "daily total in detail (x23)", .counter, .fixed(52), time: .day(at: 1), mayBeCutAtPageEnd: true),
    ]

    private static let basal: [RecordType] = [
        RecordType(0x08, "basal profile before a change", .setting, .fixed(152)),
        RecordType(0x09, "basal profile after a change", .setting, .fixed(152)),
        RecordType(0x14, "basal pattern selected", .setting, fields: .code),
        RecordType(0x16, "temporary basal duration", .setting, fields: .temporaryDuration, tellsRequester: true),
        RecordType(0x33, "temporary basal rate", .setting, .fixed(8), fields: .temporaryRate, tellsRequester: true),
        RecordType(0x7B, "basal profile segment began", .note, .fixed(10)),
    ]

    private static let wizard: [RecordType] = [
        RecordType(0x2F, "bolus wizard estimate (x12)", .note, .fixed(19)),
        RecordType(0x30, "unabsorbed insulin (x12)", .note, .counted, time: .none),
        RecordType(0x5B, "bolus wizard estimate", .note, .bySize(older: 20, larger: 22)),
        RecordType(0x5C, "unabsorbed insulin", .note, .counted, time: .none),
        RecordType(0x4F, "bolus wizard setup changed", .setting, .fixed(39)),
        RecordType(0x5A, "bolus wizard setup", .setting, .bySize(older: 124, larger: 144)),
        RecordType(0x2D, "bolus wizard switched", .setting),
    ]

    private static let notes: [RecordType] = [
        RecordType(0x0A, "glucose entered", .note),
        RecordType(0x39, "glucose received (x12)", .note, .fixed(10)),
        RecordType(0x3F, "glucose received", .note, .fixed(10)),
        RecordType(0x40, "meal marker", .note, .fixed(9)),
        RecordType(0x41, "exercise marker", .note, .fixed(8)),
        RecordType(0x42, "insulin marker", .note, .fixed(8)),
        RecordType(0x43, "other marker", .note),
        RecordType(0x20, "self-test", .note),
        RecordType(0x35, "alarm clock rang", .note),
        RecordType(0x69, "bolus reminder", .note, .fixed(9)),
        RecordType(0x1C, "record 1C", .unknown),
        RecordType(0x2E, "record 2E", .unknown, .fixed(107)),
        RecordType(0x3A, "record 3A", .unknown),
        RecordType(0x51, "record 51", .unknown),
        RecordType(0x52, "record 52", .unknown),
        RecordType(0x54, "record 54", .unknown, .fixed(64)),
        RecordType(0x55, "record 55", .unknown, .fixed(55)),
    ]

    private static let settings: [RecordType] = [
        RecordType(0x1B, "auto-off set", .setting),
        RecordType(0x23, "child block switched", .setting),
        RecordType(0x24, "largest bolus set", .setting),
        RecordType(0x26, "remote control switched", .setting, .fixed(21)),
        RecordType(0x2C, "largest basal rate set", .setting),
        RecordType(0x31, "glucose reminder set", .setting),
        RecordType(0x32, "alarm clock set", .setting),
        RecordType(0x36, "meter number changed", .setting, .fixed(21)),
        RecordType(0x3B, "glucose sensor switched", .setting),
        RecordType(0x3C, "meter link switched", .setting, .fixed(21)),
        RecordType(0x44, "glucose sensor calibration switched", .setting),
        RecordType(0x50, "glucose sensor setup", .setting, .bySize(older: 37, larger: 41)),
        RecordType(0x53, "glucose sensor alarm silenced", .setting, .fixed(8)),
        RecordType(0x56, "glucose rate alert set", .setting, .fixed(12)),
        RecordType(0x5D, "settings saved", .setting),
        RecordType(0x5E, "variable bolus switched", .setting),
        RecordType(0x5F, "easy bolus set", .setting),
        RecordType(0x60, "glucose reminder switched", .setting),
        RecordType(0x61, "alarm clock switched", .setting),
        RecordType(0x62, "temporary basal type set", .setting),
        RecordType(0x63, "alarm type set", .setting),
        RecordType(0x64, "time format set", .setting),
        RecordType(0x65, "reservoir warning set", .setting),
        RecordType(0x66, "bolus reminder switched", .setting),
        RecordType(0x67, "bolus reminder set", .setting, .fixed(9)),
        RecordType(0x68, "bolus reminder deleted", .setting, .fixed(9)),
        RecordType(0x6A, "alarm clock deleted", .setting),
        RecordType(0x6F, "carbohydrate unit set", .setting),
        RecordType(0x7C, "other devices switched", .setting),
        RecordType(0x7D, "other device changed", .setting, .fixed(37)),
        RecordType(0x81, "paired device changed", .setting, .fixed(12)),
        RecordType(0x82, "other device deleted", .setting, .fixed(12)),
        RecordType(0x83, "event capture switched", .setting),
    ]
}
