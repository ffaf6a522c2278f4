import PumpCore
package import Station

/// The status as it fits a terminal's window: a block a port, or a line a port where blocks are too many.
package struct StatusScreen: Sendable {
    package struct Line: Hashable, Sendable {
        package var text: String
        /// Nil: plain.
        package var mood: PortState.Mood?
    }

    private static let keys = "q ends this view. Reading goes on without it."
    private static let barWidth = 24

    private let report: StatusReport

    package init(_ report: StatusReport) { self.report = report }

    /// At most `height` lines of at most `width` characters.
    package func lines(width: Int, height: Int) -> [Line] {
        let width = max(20, width)
        let room = max(1, height - 3)
        var lines = [Line(text: report.heading), Line(text: "")]
        if report.ports.isEmpty {
            lines += Self.wrapped(StatusReport.noPorts, width).map { Line(text: $0) }
        } else {
            let blocks = Array(report.ports.map { block($0, width) }.joined(separator: [Line(text: "")]))
            lines += blocks.count <= room ? blocks : compact(room)
        }
        lines = Array(lines.prefix(max(1, height - 1)))
        lines.append(Line(text: Self.keys))
        return lines.map { Line(text: String(SafeText.terminal($0.text).prefix(width)), mood: $0.mood) }
    }

    private func block(_ port: PortReport, _ width: Int) -> [Line] {
        let body = report.body(port, barWidth: Self.barWidth)
        return [Line(text: report.title(port))]
            + body.enumerated().flatMap { index, text in
                Self.wrapped(text, width - 2).map {
                    Line(text: "  " + $0, mood: index == 0 ? port.state.mood : nil)
                }
            }
    }

    private func compact(_ room: Int) -> [Line] {
        let shown = report.ports.count <= room ? report.ports.count : room - 1
        let verdicts = report.ports.map { report.verdict($0, barWidth: nil) }
        let width = verdicts.map(\.count).max() ?? 0
        var lines = zip(report.ports, verdicts).prefix(shown).map { port, verdict in
            let padding = String(repeating: " ", count: width - verdict.count)
            let name = port.place.split(separator: "/").last.map(String.init) ?? port.place
            let pump = port.isPluggedIn ? port.pump.map { "  pump " + $0.serial } ?? "" : ""
            return Line(text: verdict + padding + "  " + name + pump, mood: port.state.mood)
        }
        if shown < report.ports.count {
            lines.append(Line(text: "… and \(report.ports.count - shown) more; see: pumpledger status"))
        }
        return lines
    }

    /// Broken at blanks, so that no line is longer than `width`.
    static func wrapped(_ text: String, _ width: Int) -> [String] {
        var lines: [String] = []
        var line = ""
        for word in text.split(separator: " ", omittingEmptySubsequences: false) {
            if !line.isEmpty, line.count + 1 + word.count > width {
                lines.append(line)
                line = String(word)
            } else {
                line += (line.isEmpty && lines.isEmpty && word.isEmpty ? "" : line.isEmpty ? "" : " ") + word
            }
        }
        return lines + [line]
    }
}

/// The status where no screen can be drawn: a line whenever a port changes, or a tenth more of it is read.
package struct StatusLines: Sendable {
    private var told: [String: String] = [:]

    package init() {}

    package mutating func new(in report: StatusReport) -> [String] {
        var lines: [String] = []
        for port in report.ports {
            var tenth = 0
            if case .reading(let reading) = port.state { tenth = (reading.percent ?? 0) / 10 }
            let key = "\(port.state.verdict) \(tenth) \(port.isPluggedIn ? port.pump?.serial ?? "" : "")"
            guard told.updateValue(key, forKey: port.port) != key else { continue }
            let parts = [report.title(port)] + report.body(port, barWidth: nil)
            lines.append(SafeText.terminal(report.moment + "  " + parts.joined(separator: "  ")))
        }
        return lines
    }
}
