package import PumpCore

/// A pump event in the contract's field names, and in words.
package enum EventFields {
    /// `kind` and the fields of that kind; what the record does not say is left out.
    package static func json(_ event: PumpEvent) -> [JSONValue.Field] {
        var fields: [JSONValue.Field] = [.init("kind", .string(event.kind.rawValue))]
        func add(_ name: String, _ value: JSONValue?) {
            if let value { fields.append(.init(name, value)) }
        }
        add("programmed", event.programmed.map { .decimal($0.number) })
        add("delivered", event.delivered.map { .decimal($0.number) })
        add("amount", event.amount.map { .decimal($0.number) })
        add("unit", (event.programmed ?? event.delivered ?? event.amount).map { .string($0.unit.rawValue) })
        add("primeType", event.primeType.map { .string($0.rawValue) })
        add("code", event.code.map(JSONValue.integer))
        add("alarm", event.alarm.map { .string($0.rawValue) })
        add("newTime", event.newTime.map { .string($0.description) })
        add("requestedBy", event.requestedBy.map { .string($0.rawValue) })
        add("channel", event.channel.map(JSONValue.integer))
        add("doseSlot", event.doseSlot.map { .string($0.description) })
        add("containerId", event.containerID.map(JSONValue.string))
        add("by", event.by.map(JSONValue.string))
        add("label", event.label.map(JSONValue.string))
        add("note", event.note.map(JSONValue.string))
        return fields
    }

    /// What the event says beyond its kind, in a few words.
    package static func words(_ event: PumpEvent) -> String {
        var parts: [String] = []
        if let label = event.label { parts.append(label) }
        if let type = event.primeType { parts.append(type.rawValue) }
        if let programmed = event.programmed, programmed != event.delivered { parts.append("programmed \(programmed)") }
        if let delivered = event.delivered { parts.append("delivered \(delivered)") }
        if let amount = event.amount { parts.append("\(amount)") }
        if let alarm = event.alarm { parts.append(alarm.rawValue) }
        if let code = event.code { parts.append("code \(code)") }
        if let time = event.newTime { parts.append("set to \(time)") }
        if event.requestedBy == .radio { parts.append("by radio") }
        if let channel = event.channel, channel != 1 { parts.append("channel \(channel)") }
        if let slot = event.doseSlot { parts.append("for the dose of \(slot)") }
        if let id = event.containerID { parts.append("container \(id)") }
        if let by = event.by { parts.append("attested by \(by)") }
        if let note = event.note { parts.append(note) }
        return parts.joined(separator: ", ")
    }
}
