import PumpCore

/// How a decoded event stands in the ledger: its kind in a column of its own, everything else as a small JSON object,
/// or nothing. Quantities carry their unit in the name: `amount_uL` in microliters, `amount_mU` in thousandths of a unit.
///
/// It is a cache of what the decoder said about the raw bytes beside it.
enum EventText {
    static func details(of event: PumpEvent) -> [UInt8]? {
        var json = FlatJSON.Writer()
        if let label = event.label { json.add("label", label) }
        if let programmed = event.programmed {
            add(programmed, microliters: "programmed_uL", milliunits: "programmed_mU", to: &json)
        }
        if let delivered = event.delivered {
            add(delivered, microliters: "delivered_uL", milliunits: "delivered_mU", to: &json)
        }
        if let amount = event.amount { add(amount, microliters: "amount_uL", milliunits: "amount_mU", to: &json) }
        if let primeType = event.primeType { json.add("prime", primeType.rawValue) }
        if let code = event.code { json.add("code", code) }
        if let alarm = event.alarm { json.add("alarm", alarm.rawValue) }
        if let newTime = event.newTime { add(newTime, "new_time", to: &json) }
        if let requestedBy = event.requestedBy { json.add("requested_by", requestedBy.rawValue) }
        if let channel = event.channel { json.add("channel", channel) }
        if let doseSlot = event.doseSlot { add(doseSlot, "dose_slot", to: &json) }
        if let containerID = event.containerID { json.add("container", containerID) }
        if let by = event.by { json.add("by", by) }
        if let note = event.note { json.add("note", note) }
        return json.finished()
    }

    private static func add(
        _ quantity: Quantity, microliters: StaticString, milliunits: StaticString, to json: inout FlatJSON.Writer
    ) {
        switch quantity.unit {
        case .milliliters: json.add(microliters, quantity.thousandths)
        case .units: json.add(milliunits, quantity.thousandths)
        }
    }

    /// As text where text can be read back. A clock beyond the year 9999 is kept as seconds: what is stored must be readable.
    private static func add(_ time: CivilDateTime, _ key: StaticString, to json: inout FlatJSON.Writer) {
        let text = time.description
        if CivilDateTime(text) == time { json.add(key, text) } else { json.add(key, time.wallSeconds) }
    }

    /// Nil for a kind, a field or a value that this build does not write.
    static func event(kind: String, details: [UInt8]?) -> PumpEvent? {
        let reader = EventReader(depth: .everything)
        let kind = Array(kind.utf8)
        guard let details else { return reader.event(kind: kind.span) }
        return reader.event(kind: kind.span, details: details.span)
    }
}
