import PumpCore
import Register

/// What a finding is about, so that its row names it.
struct ScrubSubject {
    var hcpcs: String?
    var claim: String?
    var delivery: String?
    var text: String
    var origin: RowOrigin
    var day: CivilDate

    init(_ row: BilledLine) {
        hcpcs = row.hcpcs
        claim = row.claim
        delivery = nil
        let claim =
            row.claim.map { "claim \($0)" + (row.line.map { " line \($0)" } ?? "") } ?? "a line without claim number"
        text = "\(claim) (order \(row.order), \(row.hcpcs), \(row.units) from \(row.from) to \(row.to))"
        origin = row.origin
        day = row.from
    }

    init(_ row: Delivery) {
        hcpcs = row.hcpcs
        claim = nil
        delivery = row.id
        text = "delivery \(row.id) (order \(row.order), \(row.quantity) × \(row.hcpcs) on \(row.date))"
        origin = row.origin
        day = row.date
    }

    init(_ order: TherapyOrder, on day: CivilDate) {
        hcpcs = nil
        claim = nil
        delivery = nil
        text = "order \(order.id)"
        origin = order.origin
        self.day = day
    }
}

/// Collects the findings of one order.
struct ScrubSheet {
    let plan: OrderPlan
    let profile: PayerProfile
    private(set) var findings: [ScrubFinding] = []

    init(_ plan: OrderPlan, _ profile: PayerProfile) {
        self.plan = plan
        self.profile = profile
    }

    mutating func add(
        _ severity: ScrubFinding.Severity, _ rule: String, _ subject: ScrubSubject, _ message: String, fix: String
    ) {
        findings.append(
            ScrubFinding(
                severity: severity, rule: rule, patient: plan.patient.id, order: plan.order.id, hcpcs: subject.hcpcs,
                claim: subject.claim, delivery: subject.delivery, line: subject.text, message: message, fix: fix,
                source: "\(subject.origin)", citation: profile.rule(rule, on: subject.day)))
    }
}
