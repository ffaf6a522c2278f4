package import PumpCore
package import Station

/// The live daemon: every port, what it is doing, what to do about it.
package struct StatusAnswer: Codable, Hashable, Sendable {
    package var ports: [PortReport]
    /// When it was so.
    package var at: Instant
    package var zone: String

    package init(ports: [PortReport], at: Instant, zone: String) {
        self.ports = ports
        self.at = at
        self.zone = zone
    }
}

extension PumpsAnswer {
    /// Puts what the ports say of a pump in the place of what its last reading says. A port that is empty now says
    /// nothing of the pump that was there before.
    mutating func show(_ ports: [PortReport]) {
        for report in ports where report.pumpIsThere {
            guard
                let index = lines.firstIndex(where: {
                    $0.pump.serial == report.pump?.serial && $0.pump.driver == report.pump?.driver
                })
            else { continue }
            lines[index].state = report.state.words
            lines[index].port = report.port
        }
    }
}

extension PortReport {
    /// Whether the pump that was read here last is still the one that is plugged in.
    fileprivate var pumpIsThere: Bool {
        switch state {
        case .reading, .caughtUp, .stale: true
        case .absent, .busy, .permissionDenied, .connecting, .wrongDevice, .silent, .quarantined, .troubled: false
        }
    }
}

extension PortState {
    /// A few words for a table that people read.
    fileprivate var words: String {
        switch self {
        case .reading(let reading) where reading.mayUnplug: "plugged in, may be unplugged"
        case .reading(let reading): "being read" + (reading.percent.map { ", \($0) %" } ?? "")
        case .caughtUp: "plugged in, all read"
        default: name
        }
    }
}
