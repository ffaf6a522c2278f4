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

    func packet(_ wanted: PacketToMake, madeBy caller: Caller) throws -> PacketAnswer {
        let period = try month.period(wanted.period)
        guard let order = month.register.orders.first(where: { $0.id == wanted.order }),
            let patient = month.register.patients.first(where: { $0.id == order.patient }),
            let group = month.index.groups().first(where: { $0.patients.contains(patient.id) })
        else {
            throw ServiceError(
                .badInput, "no order \(wanted.order) is in the register",
                remedy: "Check its id in orders.csv, then: pumpledger import register DIR")
        }
        let part = MonthPart.only(orders: [order.id], pumps: [])
        let logs = try month.timelines(of: part).filter { group.pumps.contains($0.pump.serial) }
        let count = MonthCount(month.index, rules: month.rules, period: period.dates)
        guard let witness = count.witness(of: order.id, in: group, timelines: logs) else {
            throw ServiceError(.badInput, "order \(order.id) cannot be counted: its patient has no row")
        }
        let findings = try month.findings(period, wantsAccounts: true, of: part)
        let numbers = try numbers(of: order.id, in: period, findings) {
            count.reconciliation(of: group, timelines: logs)
        }
        let subject = PacketSubject(
            period: period, order: order, patient: patient, register: month.register, rules: month.rules,
            lines: numbers.lines, witness: witness)
        let heading = heading(numbers.heading, subject)
        let containers = numbers.containers
        let strays = findings.containers.filter { $0.order == nil && subject.pumps.contains($0.pump) }
        let late = heading.closing?.adjustments.flatMap(\.records) ?? []
        let records = records(of: containers + strays, and: late, in: logs)
        let deliveries = subject.deliveries
        let scrub = count.scrub(of: group, timelines: logs).filter { $0.order == order.id }
        let account = findings.accounts.first { $0.order == order.id }
        let figures = PacketFigures(subject: subject, deliveries: deliveries, containers: containers)
        let counts = figures.counts
        let open = PacketOpenItems(
            subject: subject, heading: heading, counts: counts, deliveries: deliveries, containers: containers,
            strays: strays, shelf: numbers.shelf, findings: scrub, account: account
        ).items
        let next = nextRefill(subject, group, logs)
        return PacketAnswer(
            heading: heading,
            made: PacketOrigin(
                program: "pumpledger", version: PumpLedgerVersion.text, at: context.now, by: caller.user),
            isSimulated: subject.pumps.contains(where: PumpIdentity.isSimulated),
            orderID: order.id, patient: patient.id, homeZone: patient.homeZone.identifier,
            order: subject.orderFields, plan: subject.planFields,
            pumps: pumps(subject, logs), assignments: subject.assignments, pairings: subject.pairings,
            summary: figures.summary(counts, open), open: open, counts: counts,
            account: account, witness: witness, containers: containers,
            strays: strays, records: records, downloads: try downloads(records), deliveries: deliveries,
            nextRefill: next, shelf: numbers.shelf, shelfCounts: subject.shelfCounts,
            dispositions: subject.dispositions, stays: subject.stays, billed: subject.billed, findings: scrub,
            form: PacketForm(subject: subject, deliveries: deliveries),
            rules: subject.rules(
                counts: counts, containers: containers + strays, findings: scrub, witness: witness, next: next))
    }

    // MARK: The numbers

    private struct Numbers {
        var heading: ReportHeading
        var lines: [BillableLine]
        var containers: [ContainerUse]
        var shelf: [ReconcileLine]
    }

    /// Of a closed period what was frozen, with the adjustments of this order; of an open one what is counted now.
    private func numbers(
        of order: String, in period: Period, _ findings: MonthFindings, shelf: () throws -> [ReconcileLine]
    ) throws -> Numbers {
        let closed = ClosedMonths(ledger: ledger, context: context)
        let name = "\(period.from)..\(period.to)"
        if let billable = try closed.billable(period: name), let usage = try closed.usage(period: name, order: nil),
            let shelf = try closed.reconciliation(period: name)
        {
            var heading = billable.heading
            heading.closing?.adjustments.removeAll { $0.order != order }
            return Numbers(
                heading: heading, lines: billable.lines.filter { $0.order == order },
                containers: usage.lines.filter { $0.order == order }, shelf: shelf.lines.filter { $0.order == order })
        }
        return Numbers(
            heading: month.heading(findings, period), lines: findings.lines.filter { $0.order == order },
            containers: findings.containers.filter { $0.order == order },
            shelf: try shelf().filter { $0.order == order })
    }

    /// What all reports say of themselves, cut to this order: its own payer's rules and its own pumps.
    private func heading(_ whole: ReportHeading, _ subject: PacketSubject) -> ReportHeading {
        var heading = whole
        heading.rules =
            subject.lines.first?.ruleSet ?? subject.profile?.set(on: subject.period.to)
            ?? "none for the payer \(subject.patient.payer)"
        heading.coverage = heading.coverage.filter { subject.pumps.contains($0.pump) }
        return heading
    }

    // MARK: The logs

    /// Each once, in the order of the logs.
    private func records(of containers: [ContainerUse], and others: [RecordKey], in logs: [PumpTimeline])
        -> [PacketRecord]
    {
        var users = Dictionary(others.map { ($0, [String]()) }, uniquingKeysWith: { first, _ in first })
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
                isSimulated: PumpIdentity.isSimulated(serial),
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
        _ subject: PacketSubject, _ group: PatientGroup, _ logs: [PumpTimeline]
    ) -> RefillLine? {
        let day = subject.period.to.adding(days: 1)
        return MonthCount(month.index, rules: month.rules, period: day...day).refills(of: group, timelines: logs)
            .first { $0.order == subject.order.id }
    }
}

extension RowOrigin {
    /// `orders.csv:2`
    var place: String { "\(file):\(line)" }
}
