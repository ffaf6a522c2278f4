package import LedgerService
import PumpCore
package import Station

/// The daemon's ports, for a person who holds a cable in one hand: first whether it may be pulled, then what is the case,
/// then what to do.
package struct StatusReport: Sendable {
    private let answer: StatusAnswer
    private let zone: HomeZone

    package init(_ answer: StatusAnswer) {
        self.answer = answer
        zone = HomeZone(identifier: answer.zone) ?? .utc
    }

    package var json: JSONValue {
        .object([
            .init("schema", "pumpledger.status/1"),
            .init("zone", .string(answer.zone)),
            .init("at", .string(answer.at.description)),
            .init("ports", .array(answer.ports.map(Self.json))),
        ])
    }

    private static func json(_ report: PortReport) -> JSONValue {
        let reading: PortState.Reading? = if case .reading(let reading) = report.state { reading } else { nil }
        return .object([
            .init("port", .string(report.port)),
            .init("driver", .string(report.driver)),
            .init("state", .string(report.state.name)),
            .init("since", .string(report.since.description)),
            .init("pump", .optional(report.pump?.serial)),
            .init("simulated", .bool(report.pump?.isSimulated ?? false)),
            .init("mayUnplug", .bool(report.mayUnplug)),
            .init("done", .optional(reading?.done)),
            .init("total", .optional(reading?.total)),
            .init("percent", .optional(reading?.percent)),
            .init("message", .string(report.state.message)),
            .init("remedy", .string(report.state.remedy)),
            .init("newestStoredAt", .optional(report.newestStoredAt?.description)),
            .init("lastCompleteAt", .optional(report.lastCompleteAt?.description)),
            .init("nextReadAt", .optional(report.nextReadAt?.description)),
            .init("lastFault", .optional(report.lastFault)),
        ])
    }

    package var sheet: Sheet {
        Sheet(
            columns: [
                .init("port"), .init("driver"), .init("pump"), .init("state"), .init("percent", number: true),
                .init("may unplug"), .init("message"), .init("remedy"),
            ],
            rows: answer.ports.map { report in
                let reading: PortState.Reading? = if case .reading(let reading) = report.state { reading } else { nil }
                return [
                    .text(report.port), .text(report.driver), .optional(report.pump?.serial),
                    .text(report.state.name), .optional(reading?.percent), .text(report.mayUnplug ? "yes" : "no"),
                    .text(report.state.message), .text(report.state.remedy),
                ]
            })
    }

    /// For a terminal or a file: a few lines a port.
    package var text: String {
        let lines = answer.ports.map { [title($0)] + body($0, barWidth: nil).map { "  " + $0 } }
        return ([[heading]] + (lines.isEmpty ? [[Self.noPorts]] : lines)).map { block in
            block.map { SafeText.terminal($0) + "\n" }.joined()
        }.joined(separator: "\n")
    }

    // MARK: The parts, which the live screen puts together in its own way

    static let noPorts =
        "The daemon looks after no port. Add one to \"links\" in its configuration, then: systemctl reload pumpledgerd"

    var heading: String {
        let open = answer.ports.count { $0.pump != nil && $0.isPluggedIn }
        return
            "\(counted(answer.ports.count, "port")), \(counted(open, "pump")) plugged in; \(clock(answer.at))"
    }

    /// When it was so, to the second.
    var moment: String {
        let civil = zone.civil(answer.at)
        return "\(padded(civil.hour, 2)):\(padded(civil.minute, 2)):\(padded(civil.second, 2))"
    }

    var ports: [PortReport] { answer.ports }

    func title(_ report: PortReport) -> String {
        guard let pump = report.pump, report.isPluggedIn else { return report.place }
        return report.place + ": pump " + pump.serial + (pump.isSimulated ? " (SIMULATED, not a patient's pump)" : "")
    }

    /// - Parameter barWidth: Nil where no bar is drawn.
    func body(_ report: PortReport, barWidth: Int?) -> [String] {
        var lines = [verdict(report, barWidth: barWidth), message(report), remedy(report)]
        if let after = afterwards(report) { lines.append(after) }
        return lines
    }

    /// What counts, in capital letters.
    func verdict(_ report: PortReport, barWidth: Int?) -> String {
        guard case .reading(let reading) = report.state, let percent = reading.percent else {
            return report.state.verdict
        }
        guard let barWidth else { return report.state.verdict + " (\(percent) %)" }
        let filled = barWidth * percent / 100
        return report.state.verdict + "  [" + String(repeating: "#", count: filled)
            + String(repeating: ".", count: max(0, barWidth - filled)) + "] \(percent) %"
    }

    /// The state's own sentence, with moments in the reader's zone.
    private func message(_ report: PortReport) -> String {
        switch report.state {
        case .caughtUp(let pump, let at): "Everything in pump \(pump.serial) is stored, up to \(clock(at))."
        case .stale(let since, let why):
            "The pump is stored up to \(clock(since)); what happened since is only in the pump. \(why)"
        case .quarantined(let why, let until): "\(why) The port rests until \(clock(until))."
        default: report.state.message
        }
    }

    private func remedy(_ report: PortReport) -> String {
        switch report.state {
        case .caughtUp:
            let next = report.nextReadAt.map { " If it stays, it is read again at \(clock($0))." }
            return report.state.remedy + (next ?? "")
        case .reading(let reading):
            return report.state.remedy + (timeLeft(reading, since: report.since).map { " " + $0 } ?? "")
        default: return report.state.remedy
        }
    }

    /// At the pace so far; nil before there is one.
    private func timeLeft(_ reading: PortState.Reading, since: Instant) -> String? {
        let elapsed = answer.at.seconds(since: since)
        guard let percent = reading.percent, percent > 0, percent < 100, elapsed >= 3 else { return nil }
        let seconds = elapsed * (100 - percent) / percent
        let time =
            seconds < 50 ? "less than a minute" : counted((seconds + 30) / 60, "minute")
        return seconds < 50 ? "All of it takes \(time) more." : "All of it takes about \(time) more."
    }

    /// What became of the pump that was here, or what went wrong last: whoever comes back must see it.
    private func afterwards(_ report: PortReport) -> String? {
        switch report.state {
        case .reading, .caughtUp, .stale: return nil
        default: break
        }
        if let fault = report.lastFault, fault != report.state.message, !report.state.message.contains(fault) {
            return "Before that: " + fault
        }
        guard let pump = report.pump, let at = report.newestStoredAt else { return nil }
        let isWhole = report.lastCompleteAt.map { $0 >= at } ?? false
        return isWhole
            ? "Pump \(pump.serial) was here and is stored up to \(clock(at)). Before it is cleared or returned, let it be read once more."
            : "Pump \(pump.serial) was here; its newest events were stored at \(clock(at)), older ones are still only in the pump."
    }

    /// `17:03`, with the date where it is another day than today.
    func clock(_ instant: Instant) -> String {
        let civil = zone.civil(instant)
        let time = "\(padded(civil.hour, 2)):\(padded(civil.minute, 2))"
        return civil.date == zone.civil(answer.at).date ? time : "\(civil.date) \(time)"
    }
}

extension PortReport {
    /// As a person calls it: `/dev/ttyUSB0`.
    package var place: String { port.hasPrefix("serial:") ? String(port.dropFirst("serial:".count)) : port }

    /// Whether the cable may be pulled without losing anything that is new.
    package var mayUnplug: Bool { state.saysMayUnplug }

    /// Whether `pump` is what is plugged in now.
    var isPluggedIn: Bool {
        switch state {
        case .reading, .caughtUp, .stale: true
        default: false
        }
    }
}

extension PortState {
    var verdict: String {
        switch self {
        case .absent: "NO PUMP"
        case .busy: "PORT IN USE"
        case .permissionDenied: "PORT NOT ALLOWED"
        case .connecting: "WAIT"
        case .wrongDevice: "WRONG PUMP"
        case .silent: "NO ANSWER"
        case .reading(let reading): reading.mayUnplug ? "YOU MAY UNPLUG" : "LEAVE PLUGGED IN"
        case .caughtUp: "YOU MAY UNPLUG"
        case .stale: "NOT READ"
        case .quarantined: "PORT SHUT"
        case .troubled: "TROUBLE"
        }
    }

    /// How it is painted where colours are shown. The words say the same.
    package var mood: Mood {
        switch self {
        case .caughtUp: .good
        case .reading(let reading): reading.mayUnplug ? .good : .waiting
        case .connecting: .waiting
        case .absent: .quiet
        case .busy, .permissionDenied, .wrongDevice, .silent, .stale, .quarantined, .troubled: .bad
        }
    }

    package enum Mood: Sendable {
        case quiet
        case waiting
        case good
        case bad
    }
}
