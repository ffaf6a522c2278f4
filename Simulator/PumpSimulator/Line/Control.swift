package import PumpCore

/// What can be typed to a running simulator, a line each.
package enum Control: Equatable, Sendable {
    case unplug
    case plug
    case log(PumpAct)
    case fault(LineFault)
    /// Simulated time jumps ahead.
    case advance(seconds: Int)
    case quit

    package static let grammar =
        "unplug, plug, log EVENT [ARGUMENTS], fault VERB, advance SECONDS, quit"

    /// Reads a line; nil where it makes no sense. Amounts are in the family's unit.
    package init?(_ line: String, family: PumpFamily, clock: CivilDateTime, now: Instant) {
        let words = line.split(separator: " ").map(String.init)
        switch (words.first ?? "", words.count) {
        case ("unplug", 1): self = .unplug
        case ("plug", 1): self = .plug
        case ("quit", 1): self = .quit
        case ("advance", 2):
            guard let seconds = Int(words[1]), seconds >= 0 else { return nil }
            self = .advance(seconds: seconds)
        case ("fault", 2):
            guard case .line(let fault)? = FaultVerb(words[1]) else { return nil }
            self = .fault(fault)
        case ("log", 2...):
            let unit: Quantity.Unit = family == .paradigm ? .units : .milliliters
            guard let act = Self.act(words[1], Array(words.dropFirst(2)), unit, clock, now) else { return nil }
            self = .log(act)
        default: return nil
        }
    }

    private static func act(
        _ name: String, _ arguments: [String], _ unit: Quantity.Unit, _ clock: CivilDateTime, _ now: Instant
    ) -> PumpAct? {
        func amount(_ index: Int) -> Quantity? {
            arguments.indices.contains(index) ? Double(arguments[index]).flatMap { Quantity($0, unit) } : nil
        }
        let none = Quantity(thousandths: 0, unit)
        switch name {
        case "container-attached": return .containerPlaced(holding: amount(0) ?? none)
        case "container-detached": return .containerRemoved
        case "container-empty": return .containerEmptied
        case "container-low": return amount(0).map { .containerLow(left: $0) }
        case "rewind": return .rewound
        case "primed":
            guard let type = PumpEvent.PrimeType(rawValue: arguments.first ?? "") else { return nil }
            return amount(1).map { .primed(type, $0) }
        case "delivery-started": return .started
        case "delivery-stopped": return .stopped(infused: amount(0) ?? none)
        case "completed": return .completed(infused: amount(0) ?? none)
        case "bolus":
            return amount(0).map {
                .bolus(PumpAct.Bolus(beganAt: now, programmed: $0, delivered: amount(1) ?? $0))
            }
        case "dose-granted": return .doseGranted(.extra, attempts: 1)
        case "dose-denied": return .doseDenied(attempts: 1)
        case "dose-finished": return .doseFinished(.extra)
        case "dose-cancelled": return .doseCancelled(.extra)
        case "suspended": return .suspended(by: .pump)
        case "resumed": return .resumed(by: .pump)
        case "daily-total":
            return amount(0).map { .dayEnded(clock.date, basal: $0, bolus: amount(1) ?? none) }
        case "power-off": return .powerOff
        case "power-on": return .powerOn
        case "battery-changed": return .batteryChanged
        case "battery-low": return .batteryLow
        case "clock-changed": return arguments.first.flatMap { CivilDateTime($0) }.map { .clockSet($0) }
        case "clock-lost": return .clockLost
        case "alarm": return PumpEvent.Alarm(rawValue: arguments.first ?? "").map { .alarm($0) }
        case "alarm-cleared": return PumpEvent.Alarm(rawValue: arguments.first ?? "").map { .alarmCleared($0) }
        case "shift-total-cleared": return .shiftTotalCleared
        case "time-stamp": return .timeStamped
        case "authenticated": return .authenticated
        default: return nil
        }
    }
}
