import PumpCore

extension PumpAct {
    /// The act in the words that `pumpsim` prints and its `log` command takes.
    package var name: String {
        switch self {
        case .containerPlaced: "container-attached"
        case .containerRemoved: "container-detached"
        case .containerEmptied: "container-empty"
        case .containerLow: "container-low"
        case .rewound: "rewind"
        case .primed: "primed"
        case .programmed: "setting"
        case .started: "delivery-started"
        case .stopped: "delivery-stopped"
        case .completed: "completed"
        case .bolus: "bolus"
        case .doseGranted: "dose-granted"
        case .doseDenied: "dose-denied"
        case .doseFinished: "dose-finished"
        case .doseCancelled: "dose-cancelled"
        case .suspended: "suspended"
        case .resumed: "resumed"
        case .basalSegment: "basal-rate"
        case .dayEnded: "daily-total"
        case .powerOff: "power-off"
        case .powerOn: "power-on"
        case .batteryChanged: "battery-changed"
        case .batteryLow: "battery-low"
        case .clockSet: "clock-changed"
        case .clockLost: "clock-lost"
        case .alarm: "alarm"
        case .alarmCleared: "alarm-cleared"
        case .shiftTotalCleared: "shift-total-cleared"
        case .timeStamped: "time-stamp"
        case .authenticated: "authenticated"
        }
    }

    /// What it says beside its name.
    var details: [JSON.Field] {
        func field(_ name: String, _ value: JSON) -> JSON.Field { JSON.Field(name: name, value: value) }
        func amount(_ name: String, _ quantity: Quantity) -> [JSON.Field] {
            [field(name, .thousandths(quantity.thousandths)), field("unit", .text(quantity.unit.rawValue))]
        }
        switch self {
        case .containerPlaced(let holding): return amount("holding", holding)
        case .containerLow(let left): return amount("left", left)
        case .primed(let type, let quantity):
            return [field("primeType", .text(type.rawValue))] + amount("amount", quantity)
        case .programmed(let program):
            return [
                field("rate", .thousandths(program.milliliterPerHour.thousandths)),
                field("volume", .thousandths(program.volume.thousandths)),
                field("extraDose", .thousandths(program.extraDose.thousandths)),
                field("lockoutSeconds", .int(program.lockoutSeconds)),
            ]
        case .stopped(let infused), .completed(let infused): return amount("infused", infused)
        case .bolus(let bolus):
            return [
                field("beganAt", .text(bolus.beganAt.description)),
                field("programmed", .thousandths(bolus.programmed.thousandths)),
            ] + amount("delivered", bolus.delivered)
        case .doseGranted(let kind, let attempts):
            return [field("dose", .text(kind.rawValue)), field("attempts", .int(attempts))]
        case .doseDenied(let attempts): return [field("attempts", .int(attempts))]
        case .doseFinished(let kind), .doseCancelled(let kind): return [field("dose", .text(kind.rawValue))]
        case .suspended(let by), .resumed(let by): return [field("requestedBy", .text(by.rawValue))]
        case .basalSegment(let index, let halfHour, let rate):
            return [field("segment", .int(index)), field("halfHour", .int(halfHour))] + amount("rate", rate)
        case .dayEnded(let day, let basal, let bolus):
            return [field("day", .text(day.description)), field("basal", .thousandths(basal.thousandths))]
                + amount("bolus", bolus)
        case .clockSet(let time): return [field("newTime", .text(time.description))]
        case .alarm(let alarm), .alarmCleared(let alarm): return [field("alarm", .text(alarm.rawValue))]
        case .containerRemoved, .containerEmptied, .rewound, .started, .powerOff, .powerOn, .batteryChanged,
            .batteryLow, .clockLost, .shiftTotalCleared, .timeStamped, .authenticated:
            return []
        }
    }
}
