import Crypto
import Foundation
import PumpCore
package import Supplies

/// What would not stand about the claims and deliveries of a period.
package struct ScrubAnswer: Codable, Sendable {
    package struct Entry: Codable, Hashable, Sendable {
        package var id: String
        package var finding: ScrubFinding
    }

    package var heading: ReportHeading
    /// Errors first, then warnings, then notes; of one kind by order, then by claim or delivery.
    package var entries: [Entry]
    /// How many billed lines and deliveries of the period were looked at.
    package var claimLines: Int
    package var deliveries: Int

    init(heading: ReportHeading, findings: [ScrubFinding], claimLines: Int, deliveries: Int) {
        self.heading = heading
        self.claimLines = claimLines
        self.deliveries = deliveries
        var seen: [String: Int] = [:]
        entries = findings.map { finding in
            let mark = Self.mark(finding)
            seen[mark, default: 0] += 1
            let number = seen[mark] ?? 1
            let id = FindingID(period: heading.period, mark: number > 1 ? "\(mark)-\(number)" : mark)
            return Entry(id: id.description, finding: finding)
        }
        var places: [String: Int] = [:]
        for (place, entry) in entries.enumerated() where places[entry.finding.order] == nil {
            places[entry.finding.order] = place
        }
        entries = entries.enumerated().sorted { a, b in
            let (first, second) = (a.element.finding, b.element.finding)
            let ranks = (first.severity.rank, places[first.order] ?? 0, first.claim ?? first.delivery ?? "", a.offset)
            return ranks < (
                second.severity.rank, places[second.order] ?? 0, second.claim ?? second.delivery ?? "", b.offset
            )
        }.map(\.element)
    }

    package func count(_ severity: ScrubFinding.Severity) -> Int {
        entries.reduce(0) { $0 + ($1.finding.severity == severity ? 1 : 0) }
    }

    /// The same for as long as the finding says the same about the same row.
    private static func mark(_ finding: ScrubFinding) -> String {
        let text = [finding.rule, finding.order, finding.line, finding.message, finding.source].joined(separator: "\n")
        return SHA256.hash(data: Data(text.utf8)).prefix(4).map { $0 }.hex
    }
}

extension ScrubFinding.Severity {
    fileprivate var rank: Int {
        switch self {
        case .error: 0
        case .warning: 1
        case .note: 2
        }
    }
}
