package import PumpCore

/// Times as a report prints them: in the zone of printing, with its offset, so that no reader has to guess.
package struct ReportTime: Sendable {
    private let zone: HomeZone

    /// An unknown zone prints UTC: the service has refused it before.
    package init(zone: String) { self.zone = HomeZone(identifier: zone) ?? .utc }

    /// `2026-10-05 06:00 -04:00`.
    package func text(_ instant: Instant) -> String {
        let civil = zone.civil(instant)
        let offset = zone.offset(at: instant)
        let minutes = abs(offset) / 60
        let sign = offset < 0 ? "-" : "+"
        return "\(Self.text(civil)) \(sign)\(padded(minutes / 60, 2)):\(padded(minutes % 60, 2))"
    }

    /// `2026-10-05 06:00`, with seconds where there are any.
    package static func text(_ civil: CivilDateTime) -> String {
        let seconds = civil.second == 0 ? "" : ":" + padded(civil.second, 2)
        return "\(civil.date) \(padded(civil.hour, 2)):\(padded(civil.minute, 2))\(seconds)"
    }
}
