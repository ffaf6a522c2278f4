import Ledger
import PumpCore
import PumpDrivers
import Register
import Supplies
import Timeline

/// Why a line, a container or a record is what it is: sentences, register rows, records down to the raw bytes, rules.
struct Explainer {
    private let ledger: Ledger
    let month: MonthQuery

    init(ledger: Ledger, context: RequestContext) throws {
        self.ledger = ledger
        month = try MonthQuery(ledger: ledger, context: context)
    }

    func explain(_ id: String) throws -> ExplanationAnswer {
        if let line = LineID(id) { return try explain(line) }
        if let line = StockLineID(id) { return try explain(line) }
        if let line = RefillID(id) { return try explain(line) }
        if let finding = FindingID(id) { return try explain(finding) }
        if id.hasPrefix("c:") { return try explain(container: id) }
        if id.hasPrefix("r:") { return try explain(record: RecordKey(id)) }
        throw ServiceError(
            .usage, "\"\(id)\" is no id",
            remedy: "Ids begin with c: (usage prints them), l: (billable), s: (reconcile), d: (refill-due), f: (scrub) "
                + "or r: (events).")
    }

    // MARK: A line

    private func explain(_ id: LineID) throws -> ExplanationAnswer {
        let part = MonthPart.only(orders: [id.order], pumps: [])
        let findings = try month.findings(id.period, wantsAccounts: true, of: part)
        guard let line = findings.lines.first(where: { $0.order == id.order && $0.hcpcs == id.hcpcs }) else {
            throw ServiceError(
                .badInput, "there is no line \(id.hcpcs) of order \(id.order) in \(id.period)",
                remedy: "See which there are: pumpledger billable --period \(id.period.from)..\(id.period.to)")
        }
        let own = Set(line.containers)
        // A weekly code has no container of its own: it rests on the days on which the order was used.
        let containers = findings.containers.filter { own.isEmpty ? $0.order == line.order : own.contains($0.id) }
        return ExplanationAnswer(
            id: id.description, kind: "line",
            sentences: LineSentences.of(line) + sentences(findings.accounts.first { $0.order == line.order }),
            register: rows(of: line.order, in: id.period, hcpcs: line.hcpcs),
            parts: containers.map { .init(id: $0.id, sentence: ContainerSentences.short($0)) },
            records: try records(containers.flatMap(\.records), of: part), rules: line.rules.map(Self.rule),
            gaps: month.heading(findings, id.period).coverage.filter { line.pumps.contains($0.pump) }.flatMap(\.gaps))
    }

    func sentences(_ account: OrderAccount?) -> [String] {
        guard let account else { return [] }
        var sentences: [String] = []
        if !account.slots.isEmpty {
            let fates = Dictionary(grouping: account.slots, by: \.fate).mapValues(\.count)
            let words = fates.sorted { $0.key.rawValue < $1.key.rawValue }.map { "\($0.value) \($0.key.rawValue)" }
            sentences.append(
                "Ordered slots of the period: \(account.slots.count), of them \(words.joined(separator: ", ")).")
        }
        if let hours = account.containerLifeHours {
            sentences.append(
                "One container may hang \(Self.number(hours)) h; hang times in the period: "
                    + "\(account.hangTimes.count).")
        }
        if !account.missingInputs.isEmpty {
            sentences.append("Missing in orders.csv: \(account.missingInputs.joined(separator: ", ")).")
        }
        return sentences
    }

    static func number(_ hours: Double) -> String {
        hours == hours.rounded() ? String(Int(hours)) : String(hours)
    }

    /// The register rows that a line rests on, as people wrote them.
    func rows(of order: String, in period: Period?, hcpcs: String?) -> [String] {
        let register = month.register
        var rows: [String] = []
        func add(_ origin: RowOrigin, _ text: String) { rows.append("\(origin): \(text)") }
        for row in register.orders where row.id == order {
            add(
                row.origin,
                "order \(row.id), \(row.drug), \(row.mode.rawValue), \(row.container.rawValue), from \(row.starts)")
            for patient in register.patients where patient.id == row.patient {
                add(patient.origin, "patient \(patient.id), \(patient.homeZone.identifier), payer \(patient.payer)")
            }
            for stay in register.stays where stay.patient == row.patient {
                add(
                    stay.origin,
                    "\(stay.kind.rawValue) stay from \(stay.admitted) to \(stay.discharged?.description ?? "today")")
            }
        }
        for row in register.assignments where row.order == order {
            add(
                row.origin,
                "pump \(row.pump), channel \(row.channel), from \(row.from) to \(row.to?.description ?? "today")")
            for pump in register.pumps where pump.serial == row.pump {
                add(pump.origin, "pump \(pump.serial) is \(pump.hcpcs), \(pump.ownership.rawValue)")
            }
        }
        for row in register.deliveries where row.order == order && row.date <= (period?.to ?? row.date) {
            guard hcpcs == nil || row.hcpcs == hcpcs else { continue }
            add(row.origin, "delivery \(row.id): \(row.quantity) \(row.hcpcs) on \(row.date)")
        }
        for row in register.dispositions where row.order == order && row.date <= (period?.to ?? row.date) {
            add(row.origin, "\(row.quantity) not used on \(row.date): \(row.reason.rawValue), by \(row.by)")
        }
        return rows
    }

    // MARK: A container

    private func explain(container id: String) throws -> ExplanationAnswer {
        // A container belongs to the month of its day; where that lies is known only from the whole log.
        let part = partOf(container: id)
        guard let whole = try wholePeriod(of: part),
            let day = try month.findings(whole, of: part).containers.first(where: { $0.id == id })
        else {
            throw ServiceError(
                .badInput, "no container \(id) is in this ledger",
                remedy: "See which there are: pumpledger usage --period MONTH")
        }
        let period = day.date.map(Period.month) ?? whole
        let findings = try month.findings(period, of: part)
        let container = findings.containers.first { $0.id == id } ?? day
        let lines = findings.lines.filter { $0.containers.contains(id) }
        return ExplanationAnswer(
            id: id, kind: "container", sentences: ContainerSentences.long(container),
            register: container.order.map { rows(of: $0, in: nil, hcpcs: "") } ?? [],
            parts: lines.map {
                .init(
                    id: LineID(period: period, order: $0.order, hcpcs: $0.hcpcs).description,
                    sentence: "the line that counts it")
            },
            records: try trails(container.records, of: part), rules: rules(of: container, lines), gaps: [])
    }

    /// Whose container it can be: its id begins with its order, or with its pump and channel.
    private func partOf(container id: String) -> MonthPart {
        let name = id.dropFirst(2)
        return .only(
            orders: Set(month.register.orders.map(\.id).filter { name.hasPrefix($0 + "/") }),
            pumps: Set(month.pumps.map(\.serial).filter { name.hasPrefix($0 + ".") }))
    }

    /// Every day of which the logs of a part say something, and some around them: a container belongs to the day of the
    /// dose or hang that it was for, and that may lie before the first record or behind the last one.
    func wholePeriod(of part: MonthPart) throws -> Period? {
        var first: CivilDate?
        var last: CivilDate?
        for timeline in try month.timelines(of: part) {
            for date in timeline.records.lazy.compactMap({ $0.civil?.date }) {
                first = min(first ?? date, date)
                last = max(last ?? date, date)
            }
        }
        guard let first, let last else { return nil }
        return Period(from: first.adding(days: -31), to: last.adding(days: 31))
    }

    /// The rule that decided, and those that its lines name beside it.
    private func rules(of container: ContainerUse, _ lines: [BillableLine]) -> [ExplanationAnswer.Rule] {
        let payer = container.order.flatMap { order in month.register.orders.first { $0.id == order }?.patient }
            .flatMap { patient in month.register.patients.first { $0.id == patient }?.payer }
        let profile = month.rules.profiles[payer ?? ""] ?? month.rules.profiles["medicare-dme"]
        let on = container.date ?? CivilDate(dayNumber: 0)
        return profile.map { [Self.rule($0.rule(container.rule, on: on))] } ?? []
    }

    static func rule(_ reference: RuleReference) -> ExplanationAnswer.Rule {
        ExplanationAnswer.Rule(
            id: "\(reference.id) of \(reference.set)", text: reference.text, citation: reference.citation,
            saidByPayer: reference.mark == .payer)
    }

    // MARK: A record

    private func explain(record key: RecordKey) throws -> ExplanationAnswer {
        guard let trail = try ledger.record(forKey: key) else {
            throw ServiceError(
                .badInput, "no record \(key) is in this ledger", remedy: "See which there are: pumpledger events")
        }
        let record = trail.record
        var sentences = [
            "Record \(record.position) of pump \(record.pump.serial), as its log has it: \(record.event.kind.rawValue)"
                + (record.event.label.map { " (\($0))" } ?? "") + "."
        ]
        if let older = record.supersedes { sentences.append("It replaces \(older): the pump updated it in place.") }
        if let newer = trail.supersededBy { sentences.append("It was replaced by \(newer).") }
        let part = MonthPart.only(orders: [], pumps: [record.pump.serial])
        let containers = try wholePeriod(of: part).map { whole in
            try month.findings(whole, of: part).containers.filter { $0.records.contains(key) }
        }
        if containers?.isEmpty ?? true { sentences.append("No container rests on it.") }
        let driver = DriverCatalog.driver(named: record.pump.driver)
        return ExplanationAnswer(
            id: key.text, kind: "record", sentences: sentences,
            register: driver.map { ["driver \($0.name), decoder \(record.decoderVersion); integrity: \($0.integrity)"] }
                ?? [],
            parts: (containers ?? []).map { .init(id: $0.id, sentence: ContainerSentences.short($0)) },
            records: try trails([key], of: part), rules: [], gaps: [])
    }

    // MARK: Records

    /// Records with the session that read them first: enough for the many of a line.
    func records(_ keys: [RecordKey], of part: MonthPart) throws -> [ExplanationAnswer.Record] {
        var links: [SessionID: String] = [:]
        return try timed(keys, of: part).map { timed in
            let session = timed.record.session
            if links[session] == nil { links[session] = try ledger.session(session)?.start.link ?? "" }
            return ExplanationAnswer.Record(
                line: EventsAnswer.Line(timed), seenBy: ["\(session): \(links[session] ?? "")"])
        }
    }

    /// Records with every session that saw them.
    private func trails(_ keys: [RecordKey], of part: MonthPart) throws -> [ExplanationAnswer.Record] {
        let trails = try ledger.records(forKeys: keys)
        return try timed(keys, of: part).map { timed in
            ExplanationAnswer.Record(
                line: EventsAnswer.Line(timed),
                seenBy: trails[timed.record.key]?.sightings.map { sighting in
                    "\(sighting.session): \(sighting.link)" + (sighting.readAt.map { " at \($0)" } ?? "")
                } ?? [])
        }
    }

    /// In the order of the logs, each once.
    private func timed(_ keys: [RecordKey], of part: MonthPart) throws -> [TimedRecord] {
        let wanted = Set(keys)
        return try month.timelines(of: part).flatMap { $0.records.filter { wanted.contains($0.record.key) } }
    }
}
