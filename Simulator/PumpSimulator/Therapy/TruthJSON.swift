package import PumpCore

extension Truth {
    /// What `--truth` writes. Times stand in UTC, and beside it on the wall clock at home.
    package func json(scenario: Scenario, pump: String, seed: UInt64, until now: Instant) -> JSON {
        let zone = scenario.zone
        return .fields([
            "schema": "pumpsim.truth/1", "scenario": .text(scenario.name), "seed": .text(String(seed)),
            "pump": .text(pump), "order": .text(scenario.register.order), "zone": .text(zone.identifier),
            "until": .text(now.description), "containers": .list(containers.map { $0.json(zone) }),
            "doses": .list(doses.map { $0.json(zone) }), "incidents": .list(incidents.map { $0.json(zone) }),
        ])
    }
}

extension JSON: ExpressibleByStringLiteral {
    package init(stringLiteral text: String) { self = .text(text) }
}

/// `name` in UTC and `nameCivil` beside it.
private func twice(_ name: String, _ instant: Instant?, _ zone: HomeZone) -> [JSON.Field] {
    [
        JSON.Field(name: name, value: .optional(instant?.description)),
        JSON.Field(name: name + "Civil", value: .optional(instant.map { zone.civil($0).description })),
    ]
}

private func field(_ name: String, _ value: JSON) -> JSON.Field { JSON.Field(name: name, value: value) }

extension Truth.Container {
    fileprivate func json(_ zone: HomeZone) -> JSON {
        var fields = [field("id", .text(id))]
        fields += twice("attachedAt", attachedAt, zone)
        fields += twice("firstFlowAt", firstFlowAt, zone)
        fields += twice("endedAt", endedAt, zone)
        fields.append(field("infused", infused.map { .thousandths($0.thousandths) } ?? .null))
        fields.append(field("unit", .optional(infused?.unit.rawValue)))
        fields.append(field("slots", .list(slots.map { .text($0.description) })))
        return .object(fields)
    }
}

extension Truth.Dose {
    fileprivate func json(_ zone: HomeZone) -> JSON {
        var fields = [field("slot", .text(slot.description)), field("outcome", .text(outcome.rawValue))]
        fields += twice("startedAt", startedAt, zone)
        fields += twice("endedAt", endedAt, zone)
        fields.append(field("volumeMl", .thousandths(infused.thousandths)))
        fields.append(field("containers", .list(containers.map { .text($0) })))
        return .object(fields)
    }
}

extension Truth.Doubt {
    fileprivate func json(_ zone: HomeZone) -> JSON {
        var fields = twice("at", at, zone)
        fields.append(field("what", .text(what.rawValue)))
        fields.append(field("doubtful", .bool(Incident.isDoubtful(what))))
        return .object(fields)
    }
}
