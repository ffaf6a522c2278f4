import Ledger
import PumpCore
import PumpDrivers
import Register
import Supplies
import Timeline

/// Puts together what the register, the logs, the counts and the findings say about one order.
struct PacketQuery {
    private let ledger: Ledger
    private let context: RequestContext
    private let month: MonthQuery

    init(ledger: Ledger, context: RequestContext) throws {
        self.ledger = ledger
        self.context = context
        month = try MonthQuery(ledger: ledger, context: context)
    }

    func packet(_ wanted: PacketToMake) throws -> PacketAnswer {
        let period = try month.period(wanted.period)
        guard let order = month.register.orders.first(where: { $0.id == wanted.order }),
            let patient = month.register.patients.first(where: { $0.id == order.patient })
        else {
            throw ServiceError(
                .badInput, "no order \(wanted.order) is in the register",
                remedy: "Check its id in orders.csv, then: pumpledger import register DIR")
        }
        let index = RegisterIndex(month.register)
        guard let group = index.groups().first(where: { $0.patients.contains(patient.id) }) else {
            throw ServiceError(.badInput, "the patient of order \(order.id) is not in the register")
        }
        let logs = try timelines(group)
        let count = MonthCount(index, rules: month.rules, period: period.dates)
        guard let witness = count.witness(of: order.id, in: group, timelines: logs) else {
            throw ServiceError(.badInput, "order \(order.id) cannot be counted: its patient has no row")
        }
        let findings = month.findings(period, wantsAccounts: true)
        let subject = PacketSubject(
            period: period, order: order, patient: patient, register: month.register, rules: month.rules,
            lines: findings.lines.filter { $0.order == order.id }, witness: witness)
        let heading = heading(findings, subject)
        let containers = findings.containers.filter { $0.order == order.id }
        let strays = findings.containers.filter { $0.order == nil && subject.pumps.contains($0.pump) }
        let records = records(of: containers + strays, in: logs)
        let deliveries = subject.deliveries
        let shelf = count.reconciliation(of: group, timelines: logs).filter { $0.order == order.id }
        let scrub = count.scrub(of: group, timelines: logs).filter { $0.order == order.id }
        let account = findings.accounts.first { $0.order == order.id }
        let figures = PacketFigures(subject: subject, deliveries: deliveries, containers: containers)
        let counts = figures.counts
        let open = PacketOpenItems(
            subject: subject, heading: heading, counts: counts, deliveries: deliveries, containers: containers,
            strays: strays, shelf: shelf, findings: scrub, account: account
        ).items
        let next = try nextRefill(subject, index, group, logs)
        return PacketAnswer(
            heading: heading,
            made: PacketOrigin(
                program: "pumpledger", version: PumpLedgerVersion.text, at: context.now, by: wanted.preparedBy),
            isSimulated: heading.coverage.contains(where: \.isSimulated)
                || subject.pumps.contains { PumpIdentity(serial: $0, driver: "").isSimulated },
            orderID: order.id, patient: patient.id, homeZone: patient.homeZone.identifier,
            order: subject.orderFields, plan: subject.planFields,
            pumps: pumps(subject, logs), assignments: subject.assignments, pairings: subject.pairings,
            summary: figures.summary(counts, open), open: open, counts: counts,
            account: account, witness: witness, containers: containers,
            strays: strays, records: records, downloads: try downloads(records), deliveries: deliveries,
            nextRefill: next, shelf: shelf, shelfCounts: subject.shelfCounts, dispositions: subject.dispositions,
            stays: subject.stays, billed: subject.billed, findings: scrub, adjustments: [],
            form: PacketForm(subject: subject, deliveries: deliveries),
            rules: subject.rules(
                counts: counts, containers: containers + strays, findings: scrub, witness: witness, next: next))
    }

    // MARK: The logs

    private func timelines(_ group: PatientGroup) throws -> [PumpTimeline] {
        let wanted = Set(group.pumps)
        let logs = LogQuery(ledger: ledger)
        return try ledger.pumpIdentities().filter { wanted.contains($0.serial) }.compactMap {
            try logs.timeline(of: $0)
        }
    }

    /// What all reports say of themselves, cut to this order: its own payer's rules and its own pumps.
    private func heading(_ findings: MonthFindings, _ subject: PacketSubject) -> ReportHeading {
        var heading = month.heading(findings, subject.period)
        heading.rules = subject.profile?.set(on: subject.period.to) ?? "none for the payer \(subject.patient.payer)"
        heading.coverage = heading.coverage.filter { subject.pumps.contains($0.pump) }
        return heading
    }

    /// Each once, in the order of the logs.
    private func records(of containers: [ContainerUse], in logs: [PumpTimeline]) -> [PacketRecord] {
        var users: [RecordKey: [String]] = [:]
        for container in containers {
            for key in container.records { users[key, default: []].append(container.id) }
        }
        return logs.flatMap { log in
            log.records.compactMap { timed in
                users[timed.record.key].map { PacketRecord(line: EventsAnswer.Line(timed), containers: $0) }
            }
        }
    }

    private func downloads(_ records: [PacketRecord]) throws -> [PacketDownload] {
        var seen: Set<SessionID> = []
        var found: [PacketDownload] = []
        for record in records where seen.insert(record.line.record.session).inserted {
            guard let session = try ledger.session(record.line.record.session) else { continue }
            found.append(
                PacketDownload(
                    id: session.id.text, pump: session.start.pump.serial, link: session.start.link,
                    origin: session.start.origin.rawValue, startedAt: session.start.startedAt,
                    readAt: session.end?.readAt ?? session.start.readAt, decoderVersion: session.start.decoderVersion,
                    outcome: session.end?.outcome.rawValue, recordsSeen: session.recordsSeen))
        }
        return found
    }

    private func pumps(_ subject: PacketSubject, _ logs: [PumpTimeline]) -> [PacketPump] {
        subject.pumps.map { serial in
            let log = logs.first { $0.pump.serial == serial }
            let row = month.register.pumps.first { $0.serial == serial }
            let driver = log.flatMap { DriverCatalog.driver(named: $0.pump.driver) }
            let code = row.flatMap { month.rules.codes.code($0.hcpcs) }
            return PacketPump(
                serial: serial,
                isSimulated: log?.pump.isSimulated ?? PumpIdentity(serial: serial, driver: "").isSimulated,
                model: log?.pump.model ?? row?.model, firmware: log?.pump.firmware, hcpcs: row?.hcpcs,
                descriptor: code?.descriptor, ownership: row?.ownership.rawValue,
                since: row?.ownership == .owned ? row?.ownedSince : row?.rentedSince, source: row?.origin.place,
                driver: log?.pump.driver ?? row?.driver, evidence: driver?.stability.rawValue,
                integrity: driver?.integrity, tells: driver?.tells ?? [], cannotTell: driver?.cannotTell ?? [],
                completeThrough: log?.completeThrough, clockAheadSeconds: log?.clockAheadSeconds,
                records: log?.records.count ?? 0)
        }
    }

    /// How things stand on the morning after the period.
    private func nextRefill(
        _ subject: PacketSubject, _ index: RegisterIndex, _ group: PatientGroup, _ logs: [PumpTimeline]
    ) throws -> RefillLine? {
        let day = subject.period.to.adding(days: 1)
        return MonthCount(index, rules: month.rules, period: day...day).refills(of: group, timelines: logs)
            .first { $0.order == subject.order.id }
    }
}

extension RowOrigin {
    /// `orders.csv:2`
    var place: String { "\(file):\(line)" }
}
