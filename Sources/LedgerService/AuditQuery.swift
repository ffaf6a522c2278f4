import Ledger
package import PumpCore

/// Who did and read what.
package struct AuditAnswer: Codable, Sendable {
    package struct Line: Codable, Hashable, Sendable {
        package var number: Int
        /// By the machine's clock.
        package var at: Instant
        package var user: String
        package var uid: UInt32
        package var action: String
        package var arguments: [String: String]
        /// Nil for a request that was to store something and was cut short, or still goes on.
        package var outcome: String?
    }

    package var from: CivilDate?
    package var to: CivilDate?
    package var lines: [Line]
    package var zone: String
}

struct AuditQuery {
    let ledger: Ledger

    /// Days are those of the zone of printing, both ends inclusive.
    func entries(from: CivilDate?, to: CivilDate?, _ context: RequestContext) throws -> AuditAnswer {
        if let from, let to, to < from {
            throw ServiceError(
                .usage, "--to \(to) is before --from \(from)", remedy: "Write the earlier date after --from.")
        }
        let zone = HomeZone(identifier: context.zone) ?? .utc
        let entries = try ledger.auditEntries(
            from: from.map { zone.instant(CivilDateTime($0)) },
            to: to.map { zone.instant(CivilDateTime($0.adding(days: 1))).adding(seconds: -1) })
        return AuditAnswer(
            from: from, to: to,
            lines: entries.map { entry in
                AuditAnswer.Line(
                    number: Int(entry.number), at: entry.at, user: entry.by.user, uid: entry.by.uid,
                    action: entry.action, arguments: entry.arguments, outcome: entry.outcome)
            }, zone: context.zone)
    }
}
