/// One row of `events.csv`: an event that a person attests. Its canonical text is the raw record that the ledger keeps.
package struct AttestedRow: Hashable, Sendable {
    package var pump: String
    /// From 1.
    package var channel: Int
    /// The row's number in the pump's own series, over all channels.
    package var sequence: Int
    package var deviceTime: CivilDateTime
    package var kind: EventKind
    /// In milliliters.
    package var volume: Quantity?
    package var doseSlot: CivilDateTime?
    package var containerID: String?
    /// The person who stands for it.
    package var by: String?
    /// For `clock-changed` the new device time.
    package var note: String?

    package init(
        pump: String, channel: Int = 1, sequence: Int, deviceTime: CivilDateTime, kind: EventKind,
        volume: Quantity? = nil, doseSlot: CivilDateTime? = nil, containerID: String? = nil, by: String? = nil,
        note: String? = nil
    ) {
        self.pump = pump
        self.channel = channel
        self.sequence = sequence
        self.deviceTime = deviceTime
        self.kind = kind
        self.volume = volume
        self.doseSlot = doseSlot
        self.containerID = containerID
        self.by = by
        self.note = note
    }

    /// The columns of the canonical row, in its order.
    package static let columns = [
        "pump_serial", "channel", "sequence", "device_time", "kind", "volume_ml", "dose_slot", "container_id", "by",
        "note",
    ]

    /// One CSV row without line end: every column, times with seconds, numbers without superfluous zeros. Rows that
    /// mean the same are the same bytes, however they were typed.
    package var canonical: [UInt8] {
        Array(
            csvRow([
                pump, String(channel), String(sequence), deviceTime.description, kind.rawValue, volume?.number ?? "",
                doseSlot?.description ?? "", containerID ?? "", by ?? "", note ?? "",
            ]).utf8)
    }

    /// Reads what `canonical` writes and nothing else.
    package init?(canonical bytes: [UInt8]) {
        guard var reader = try? CSVReader(bytes), let row = try? reader.next() else { return nil }
        self.init(fields: row.fields.map(reader.text))
        guard canonical == bytes else { return nil }
    }

    private init?(fields: [String]) {
        guard fields.count == Self.columns.count, !fields[0].isEmpty,
            let channel = CivilDate.digits(fields[1]), channel >= 1,
            let sequence = CivilDate.digits(fields[2]), let deviceTime = CivilDateTime(fields[3]),
            let kind = EventKind(rawValue: fields[4])
        else { return nil }
        let volume = Quantity(milliliters: fields[5])
        let doseSlot = CivilDateTime(fields[6])
        guard volume != nil || fields[5].isEmpty, doseSlot != nil || fields[6].isEmpty else { return nil }
        func filled(_ text: String) -> String? { text.isEmpty ? nil : text }
        self.init(
            pump: fields[0], channel: channel, sequence: sequence, deviceTime: deviceTime, kind: kind, volume: volume,
            doseSlot: doseSlot, containerID: filled(fields[7]), by: filled(fields[8]), note: filled(fields[9]))
    }

    /// The row as a log record. Pump and sequence name it for good: the same sequence with new content is a new version.
    package var record: RawRecord {
        RawRecord(
            raw: canonical, devicePosition: sequence, deviceTime: .civil(deviceTime), event: event,
            stableIdentity: Array("sequence \(sequence)".utf8))
    }

    private var event: PumpEvent {
        PumpEvent(kind) { event in
            event.channel = channel
            event.doseSlot = doseSlot
            event.containerID = containerID
            event.by = by
            event.note = note
            switch kind {
            case .doseStarted, .deliveryStarted: event.programmed = volume
            case .doseCompleted, .doseCancelled, .bolus, .bolusCancelled, .deliveryStopped: event.delivered = volume
            default: event.amount = volume
            }
            switch kind {
            case .clockChanged: event.newTime = note.flatMap { CivilDateTime($0) }
            case .alarm, .alarmCleared: event.alarm = note.map(Self.alarm)
            case .primed: event.primeType = note.flatMap { PumpEvent.PrimeType(rawValue: $0) }
            default: break
            }
        }
    }

    /// What a note says of an alarm: one of the words of `PumpEvent.Alarm` alone, or `occlusion`, `leak` or `air`
    /// anywhere in it, in that order. A note with none of them is an alarm of another kind.
    private static func alarm(saidBy note: String) -> PumpEvent.Alarm {
        let lowered = note.lowercased()
        if let alarm = PumpEvent.Alarm(rawValue: lowered) { return alarm }
        let words = lowered.split { !$0.isLetter }.map(String.init)
        return [.occlusion, .leak, .air].first { words.contains($0.rawValue) } ?? .other
    }
}

extension Quantity {
    /// Reads digits with at most three decimals, `100` or `2.125`, as milliliters. Nil for a sign, an exponent, a unit,
    /// or a million and more.
    package init?(milliliters text: some StringProtocol) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count <= 2, let first = parts.first, first.utf8.count <= 6, let whole = CivilDate.digits(first)
        else { return nil }
        guard parts.count == 2 else {
            self = .milliliters(thousandths: whole * 1000)
            return
        }
        guard parts[1].utf8.count <= 3, let fraction = CivilDate.digits(parts[1]) else { return nil }
        let scale = [1: 100, 2: 10][parts[1].utf8.count] ?? 1
        self = .milliliters(thousandths: whole * 1000 + fraction * scale)
    }
}
