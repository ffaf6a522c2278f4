import PumpCore

enum EventColumns {
    static let pump = Column.id("pump_serial", .filled, "The pump.")
    static let channel = Column.wholeNumber(
        "channel", .mayBeEmpty, in: 1...100, "Channel of the pump, from 1; empty means 1.")
    static let sequence = Column.wholeNumber(
        "sequence", .filled, "Number of the event in one series a pump, over all channels: a missing one is a gap.")
    static let deviceTime = Column.civilTime("device_time", .filled, "What the pump's clock showed.")
    static let kind = Column<EventKind>.choice("kind", .filled, "What happened.")
    static let volume = Column.volume(
        "volume_ml", "Milliliters: given, for the end of a dose or delivery and a bolus; programmed, for its begin.")
    static let doseSlot = Column.civilTime("dose_slot", .mayBeEmpty, "Ordered time of the dose that this belongs to.")
    static let containerID = Column.id("container_id", .mayBeEmpty, "The container's own id.")
    static let by = Column.text("by", .mayBeEmpty, "Who attests the event.")
    static let note = Column.text(
        "note", .mayBeEmpty, "For clock-changed the new device time; for an alarm what it said: occlusion, leak, air.")

    static let all = [
        pump.description, channel.description, sequence.description, deviceTime.description, kind.description,
        volume.description, doseSlot.description, containerID.description, by.description, note.description,
    ]
}

extension AttestedRow {
    init?(reading row: inout RowReader) {
        let pump = row.read(EventColumns.pump)
        let channel = row.read(EventColumns.channel) ?? 1
        let sequence = row.read(EventColumns.sequence)
        let deviceTime = row.read(EventColumns.deviceTime)
        let kind = row.read(EventColumns.kind)
        let volume = row.read(EventColumns.volume)
        let doseSlot = row.read(EventColumns.doseSlot)
        let containerID = row.read(EventColumns.containerID)
        let by = row.read(EventColumns.by)
        let note = row.read(EventColumns.note)
        guard let pump, let sequence, let deviceTime, let kind else { return nil }
        let newTime = kind == .clockChanged ? note.flatMap { CivilDateTime($0) } : nil
        if kind == .clockChanged, newTime == nil { row.complain(EventColumns.note.name, .newTimeMissing) }
        self.init(
            pump: pump, channel: channel, sequence: sequence, deviceTime: deviceTime, kind: kind, volume: volume,
            doseSlot: doseSlot, containerID: containerID, by: by, note: newTime?.description ?? note)
    }
}
