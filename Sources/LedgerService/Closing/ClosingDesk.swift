import Ledger
import PumpCore
import Register
import Supplies

/// Freezes a period, and opens it again. Both are on record, with who and why.
struct ClosingDesk {
    let ledger: Ledger
    let context: RequestContext
    let caller: Caller

    private var person: LedgerPerson { LedgerPerson(user: caller.user, uid: caller.uid) }

    // MARK: Close

    func close(period text: String, accept: String?) throws -> ClosingAnswer {
        let period = try context.period(text)
        if let accept, accept.allSatisfy(\.isWhitespace) {
            throw ServiceError(
                .usage, "--accept gives no reason", remedy: "Say why it may be closed: --accept \"REASON\"")
        }
        try refuseOverlap(period)
        // The mark comes first: what arrives while the period is counted is found as a late arrival.
        let mark = try ledger.mark()
        let month = try MonthQuery(ledger: ledger, context: context)
        try refuseUnfinished(period, month.register)
        let (found, reconciliation) = try month.findingsAndShelves(period)
        let findings = try something(found)
        let heading = month.heading(findings, period)
        let open = OpenPoints(register: month.register, heading: heading, findings: findings)
            .list(reconciliation)
        var answer = ClosingAnswer(
            heading: heading, closing: nil, open: open, billableLines: findings.lines.count,
            containers: findings.containers.count, reconcileLines: reconciliation.count)
        guard open.isEmpty || accept != nil else { return answer }
        let closing = try ledger.close(
            NewClosing(
                days: period.dates, mark: mark, closedAt: context.now, by: person, accepted: accept,
                program: PumpLedgerVersion.text, ruleBook: month.rules.canonicalBytes,
                parts: try FrozenMonth.parts(heading, findings, reconciliation)))
        answer.closing = ClosingNote(closing, [])
        return answer
    }

    private func something(_ findings: MonthFindings) throws -> MonthFindings {
        guard findings.lines.isEmpty, findings.containers.isEmpty else { return findings }
        throw ServiceError(
            .badInput,
            "there is nothing to close from \(findings.period.lowerBound) to \(findings.period.upperBound): "
                + "no order and no container",
            remedy: "Check the period, and whether the register is imported.")
    }

    /// Asked before anything is counted; the ledger asks again when it writes.
    private func refuseOverlap(_ period: Period) throws {
        guard let other = try ledger.closings(touching: period.dates).first else { return }
        let (from, to) = (other.days.lowerBound, other.days.upperBound)
        let same = other.days == period.dates
        throw ServiceError(
            .periodClosed,
            same
                ? "the period \(from) to \(to) is closed already, by \(other.by.user) at \(other.closedAt)"
                : "\(period.from) to \(period.to) shares days with the closed period \(from) to \(to)",
            remedy: same
                ? "To count it anew: pumpledger reopen --period \(from)..\(to) --reason TEXT"
                : "Close the days beside it, or first: pumpledger reopen --period \(from)..\(to) --reason TEXT")
    }

    /// A period is over when its last day is over in every patient's home zone.
    private func refuseUnfinished(_ period: Period, _ register: SupplyRegister) throws {
        let today =
            context.today ?? register.patients.map { $0.homeZone.civil(context.now).date }.min() ?? context.currentDay
        guard period.to >= today else { return }
        throw ServiceError(
            .usage, "the period \(period.from) to \(period.to) is not over: today is \(today) where patients live",
            remedy: "Close it on \(period.to.adding(days: 1)) or later, when the pumps have been read.")
    }

    // MARK: Reopen

    func reopen(period text: String, reason: String) throws -> ReopeningAnswer {
        let period = try context.period(text)
        guard !reason.allSatisfy(\.isWhitespace) else {
            throw ServiceError(.usage, "--reason gives no reason", remedy: "Say why: --reason \"TEXT\"")
        }
        guard let closing = try ledger.closing(of: period.dates) else {
            let near = try ledger.closings(touching: period.dates)
            throw ServiceError(
                .badInput, "the period \(period.from) to \(period.to) is not closed",
                remedy: near.isEmpty
                    ? "Nothing is to be reopened: its reports are computed anew already."
                    : "Name a closed period: "
                        + near.map { "\($0.days.lowerBound)..\($0.days.upperBound)" }.joined(separator: ", "))
        }
        let adjustments = try LateArrivals(ledger: ledger, context: context).adjustments(of: closing)
        try ledger.reopen(closing, at: context.now, by: person, reason: reason)
        return ReopeningAnswer(
            period: period, zone: context.zone, reason: reason, reopenedAt: context.now, reopenedBy: caller.user,
            closing: ClosingNote(closing, adjustments))
    }
}

extension ClosingNote {
    init(_ closing: Closing, _ adjustments: [Adjustment]) {
        self.init(
            closedAt: closing.closedAt, closedBy: closing.by.user, uid: closing.by.uid, accepted: closing.accepted,
            program: closing.program, digest: "sha256:" + closing.digest.hex, adjustments: adjustments)
    }
}

extension RequestContext {
    /// The day of "now" in the zone of printing, unless the caller named one.
    var currentDay: CivilDate { today ?? (HomeZone(identifier: zone) ?? .utc).civil(now).date }

    func period(_ text: String) throws(ServiceError) -> Period { try Period(text, today: currentDay) }
}
