import PumpCore

/// Bounds of what a record may say. Nothing that a pump can hold comes near them, and no arithmetic behind them overflows.
enum RecordBounds {
    static let longestText = 4_096
    /// The bytes of one record, or of what could not be split into records.
    static let longestRaw = 1 << 20
    static let mostRecords = 65_536
    /// Places, codes and counts.
    static let number = 0...(1 << 40)
    /// Thousandths of a milliliter or unit: a million of them whole.
    static let thousandths = -1_000_000_000...1_000_000_000
    /// The years 1 to 9999.
    static let wallSeconds = -62_135_596_800...253_402_300_799
}

extension WireWriter {
    mutating func civil(_ time: CivilDateTime) { int(time.wallSeconds) }

    mutating func deviceTime(_ time: DeviceTime) {
        switch time {
        case .civil(let time):
            byte(0)
            civil(time)
        case .counter(let seconds):
            byte(1)
            int(seconds)
        }
    }

    mutating func quantity(_ quantity: Quantity) {
        text(quantity.unit.rawValue)
        int(quantity.thousandths)
    }

    mutating func event(_ event: PumpEvent) {
        text(event.kind.rawValue)
        optional(event.label) { $0.text($1) }
        optional(event.programmed) { $0.quantity($1) }
        optional(event.delivered) { $0.quantity($1) }
        optional(event.amount) { $0.quantity($1) }
        optional(event.primeType) { $0.text($1.rawValue) }
        optional(event.code) { $0.int($1) }
        optional(event.alarm) { $0.text($1.rawValue) }
        optional(event.newTime) { $0.civil($1) }
        optional(event.requestedBy) { $0.text($1.rawValue) }
        optional(event.channel) { $0.int($1) }
        optional(event.doseSlot) { $0.civil($1) }
        optional(event.containerID) { $0.text($1) }
        optional(event.by) { $0.text($1) }
        optional(event.note) { $0.text($1) }
    }

    mutating func record(_ record: RawRecord) {
        block(record.raw)
        optional(record.opcode) { $0.int($1) }
        optional(record.offset) { $0.int($1) }
        optional(record.devicePosition) { $0.int($1) }
        optional(record.deviceTime) { $0.deviceTime($1) }
        event(record.event)
        optional(record.stableIdentity) { $0.block($1) }
    }

    /// Without the host's time: a reader has no clock, and the daemon would not take its word for it.
    mutating func batch(_ batch: LogBatch) {
        list(batch.records) { $0.record($1) }
        text(batch.adjacency.rawValue)
        optional(batch.undecoded) {
            $0.int($1.offset)
            $0.block($1.bytes)
        }
    }

    /// Without the keys of its neighbours, which only the ledger knows.
    mutating func gap(_ gap: LogGap) {
        optional(gap.from) { $0.deviceTime($1) }
        optional(gap.to) { $0.deviceTime($1) }
        text(gap.reason.rawValue)
        optional(gap.missing) { $0.int($1) }
        optional(gap.detail) { $0.text($1) }
    }
}

extension WireReader {
    mutating func sentence() throws(WireProblem) -> String { try text(atMost: RecordBounds.longestText) }

    mutating func number() throws(WireProblem) -> Int { try int(in: RecordBounds.number) }

    mutating func civil() throws(WireProblem) -> CivilDateTime {
        CivilDateTime(wallSeconds: try int(in: RecordBounds.wallSeconds))
    }

    mutating func deviceTime() throws(WireProblem) -> DeviceTime {
        switch try byte() {
        case 0: return .civil(try civil())
        case 1: return .counter(seconds: try number())
        default: throw WireProblem("a time of no kind")
        }
    }

    mutating func quantity() throws(WireProblem) -> Quantity {
        let unit = try word(Quantity.Unit.self)
        return Quantity(thousandths: try int(in: RecordBounds.thousandths), unit)
    }

    mutating func event() throws(WireProblem) -> PumpEvent {
        var event = PumpEvent(try word(EventKind.self))
        event.label = try optional { (reader) throws(WireProblem) in try reader.sentence() }
        event.programmed = try optional { (reader) throws(WireProblem) in try reader.quantity() }
        event.delivered = try optional { (reader) throws(WireProblem) in try reader.quantity() }
        event.amount = try optional { (reader) throws(WireProblem) in try reader.quantity() }
        event.primeType = try optional { (reader) throws(WireProblem) in try reader.word(PumpEvent.PrimeType.self) }
        event.code = try optional { (reader) throws(WireProblem) in try reader.number() }
        event.alarm = try optional { (reader) throws(WireProblem) in try reader.word(PumpEvent.Alarm.self) }
        event.newTime = try optional { (reader) throws(WireProblem) in try reader.civil() }
        event.requestedBy = try optional { (reader) throws(WireProblem) in try reader.word(PumpEvent.Requester.self) }
        event.channel = try optional { (reader) throws(WireProblem) in try reader.number() }
        event.doseSlot = try optional { (reader) throws(WireProblem) in try reader.civil() }
        event.containerID = try optional { (reader) throws(WireProblem) in try reader.sentence() }
        event.by = try optional { (reader) throws(WireProblem) in try reader.sentence() }
        event.note = try optional { (reader) throws(WireProblem) in try reader.sentence() }
        return event
    }

    mutating func record() throws(WireProblem) -> RawRecord {
        let raw = try block(atMost: RecordBounds.longestRaw)
        let opcode = try optional { (reader) throws(WireProblem) in try reader.number() }
        let offset = try optional { (reader) throws(WireProblem) in try reader.number() }
        let position = try optional { (reader) throws(WireProblem) in try reader.number() }
        let time = try optional { (reader) throws(WireProblem) in try reader.deviceTime() }
        let event = try event()
        let stable = try optional { (reader) throws(WireProblem) in
            try reader.block(atMost: RecordBounds.longestRaw)
        }
        return RawRecord(
            raw: raw, opcode: opcode, offset: offset, devicePosition: position, deviceTime: time, event: event,
            stableIdentity: stable)
    }

    mutating func batch() throws(WireProblem) -> LogBatch {
        let records = try list(atMost: RecordBounds.mostRecords) { (reader) throws(WireProblem) in
            try reader.record()
        }
        let adjacency = try word(LogBatch.Adjacency.self)
        let undecoded = try optional { (reader) throws(WireProblem) in
            LogBatch.Undecoded(
                offset: try reader.number(), bytes: try reader.block(atMost: RecordBounds.longestRaw))
        }
        return LogBatch(records: records, adjacency: adjacency, undecoded: undecoded)
    }

    mutating func gap() throws(WireProblem) -> LogGap {
        let from = try optional { (reader) throws(WireProblem) in try reader.deviceTime() }
        let to = try optional { (reader) throws(WireProblem) in try reader.deviceTime() }
        let reason = try word(LogGap.Reason.self)
        let missing = try optional { (reader) throws(WireProblem) in try reader.number() }
        let detail = try optional { (reader) throws(WireProblem) in try reader.sentence() }
        return LogGap(after: nil, before: nil, from: from, to: to, reason: reason, missing: missing, detail: detail)
    }
}
