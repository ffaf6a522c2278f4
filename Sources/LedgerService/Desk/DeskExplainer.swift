import PumpCore
import Register
import Supplies

/// Why a line of `reconcile` or `refill-due`, or a finding of `scrub`, is what it is.
extension Explainer {
    // MARK: A line of reconcile

    func explain(_ id: StockLineID) throws -> ExplanationAnswer {
        guard let line = try month.stockLines(ofOrder: id.order, id.period).first(where: { $0.hcpcs == id.hcpcs })
        else {
            throw ServiceError(
                .badInput, "there is no line \(id.hcpcs) of order \(id.order) to reconcile in \(id.period)",
                remedy: "See which there are: pumpledger reconcile --period \(id.period.from)..\(id.period.to)")
        }
        let part = MonthPart.only(orders: [id.order], pumps: [])
        let findings = try month.findings(id.period, wantsAccounts: true, of: part)
        let own = findings.lines.filter {
            $0.order == id.order && (line.isOnShelf ? $0.used != nil : $0.hcpcs == id.hcpcs)
        }
        var sentences: [String]
        var parts: [ExplanationAnswer.Part] = own.map {
            .init(
                id: LineID(period: id.period, order: $0.order, hcpcs: $0.hcpcs).description,
                sentence: "what is supported: " + ($0.supported.map(String.init) ?? "cannot be assessed"))
        }
        var records: [ExplanationAnswer.Record] = []
        var code: String? = id.hcpcs
        if line.isOnShelf, let account = try month.account(ofOrder: id.order, through: id.period.to) {
            sentences = StockSentences.of(line, account, id.period)
            code = onlyCode(account)
            let used = account.moves.filter { id.period.dates.contains($0.day) }
            parts += used.compactMap { move in
                guard case .container(let name) = move.source else { return nil }
                return .init(id: name, sentence: "\(move.kind.rawValue) on \(move.day)")
            }
            records = try self.records(recordKeys(of: parts.map(\.id), in: id.period, part), of: part)
        } else {
            sentences = StockSentences.off(line)
        }
        sentences += StockSentences.billed(line)
        sentences += line.notes.map { "To look at: \($0)." }
        return ExplanationAnswer(
            id: id.description, kind: "reconcile line", sentences: sentences,
            register: rows(of: id.order, in: id.period, hcpcs: code)
                + deskRows(of: id.order, in: id.period, hcpcs: code),
            parts: parts, records: records, rules: rules(own, id),
            gaps: gaps(findings, id.order, id.period))
    }

    // MARK: A line of refill-due

    func explain(_ id: RefillID) throws -> ExplanationAnswer {
        guard let line = try month.refillLine(ofOrder: id.order, on: id.day),
            let account = try month.account(ofOrder: id.order, through: id.day)
        else {
            throw ServiceError(
                .badInput, "no order \(id.order) holds on \(id.day)",
                remedy: "See which do: pumpledger refill-due --on \(id.day)")
        }
        let period = Period(from: id.day, to: id.day)
        let part = MonthPart.only(orders: [id.order], pumps: [])
        let gone = account.moves.filter { $0.kind != .delivered && $0.day < id.day }
        let containers = gone.compactMap { move -> ExplanationAnswer.Part? in
            guard case .container(let name) = move.source else { return nil }
            return .init(id: name, sentence: "\(move.kind.rawValue) on \(move.day)")
        }
        return ExplanationAnswer(
            id: id.description, kind: "refill line", sentences: StockSentences.of(line, account, id.day),
            register: rows(of: id.order, in: period, hcpcs: onlyCode(account))
                + deskRows(of: id.order, in: nil, hcpcs: ""),
            parts: containers, records: try records(recordKeys(of: containers.map(\.id), in: nil, part), of: part),
            rules: [Self.rule(line.rule)],
            gaps: gaps(try month.findings(period, wantsContainers: false, of: part), id.order, period))
    }

    // MARK: A finding

    func explain(_ id: FindingID) throws -> ExplanationAnswer {
        guard let entry = try month.scrub(id.period).entries.first(where: { $0.id == id.description }) else {
            throw ServiceError(
                .badInput, "there is no finding \(id) any more, or there never was",
                remedy: "See which there are: pumpledger scrub --period \(id.period.from)..\(id.period.to)")
        }
        let finding = entry.finding
        let part = MonthPart.only(orders: [finding.order], pumps: [])
        let findings = try month.findings(id.period, of: part)
        var sentences = [
            "\(finding.severity.rawValue.uppercased()): \(finding.message).", "It is about \(finding.line).",
            "To mend it: \(finding.fix).",
        ]
        let delivery = finding.delivery.flatMap { name in month.register.deliveries.first { $0.id == name } }
        if finding.rule == "R9", let delivery,
            let account = try month.account(ofOrder: finding.order, through: delivery.date.adding(days: -1))
        {
            sentences.append(
                StockSentences.sum(
                    "Just before that delivery, on hand", account, through: delivery.date.adding(days: -1)))
        }
        // What was delivered when is no matter of what was used since.
        let line =
            finding.delivery == nil
            ? findings.lines.first { $0.order == finding.order && $0.hcpcs == finding.hcpcs } : nil
        var parts: [ExplanationAnswer.Part] = []
        if let line {
            sentences += LineSentences.of(line).dropFirst()
            parts.append(
                .init(
                    id: LineID(period: id.period, order: line.order, hcpcs: line.hcpcs).description,
                    sentence: "what is supported: " + (line.supported.map(String.init) ?? "cannot be assessed")))
        }
        for stock in try month.stockLines(ofOrder: finding.order, id.period)
        where finding.hcpcs == nil || stock.hcpcs == finding.hcpcs {
            parts.append(
                .init(
                    id: StockLineID(period: id.period, order: stock.order, hcpcs: stock.hcpcs).description,
                    sentence: "what moved, was counted and billed: \(stock.status.rawValue)"))
        }
        let counted = line.map { Set($0.containers) } ?? []
        let containers = findings.containers.filter {
            $0.order == finding.order
                && (counted.contains($0.id) || finding.delivery == nil && $0.rule == finding.rule)
        }
        parts += containers.map { .init(id: $0.id, sentence: ContainerSentences.short($0)) }
        return ExplanationAnswer(
            id: id.description, kind: "finding", sentences: sentences,
            register: rows(of: finding.order, in: id.period, hcpcs: finding.hcpcs)
                + deskRows(of: finding.order, in: id.period, hcpcs: finding.hcpcs),
            parts: parts, records: try records(containers.flatMap(\.records), of: part),
            rules: [Self.rule(finding.citation)],
            gaps: gaps(findings, finding.order, id.period))
    }

    // MARK: What they rest on

    /// Counts and billed lines of an order, as people wrote them. No period: all counts; an empty code: no billed line.
    private func deskRows(of order: String, in period: Period?, hcpcs: String?) -> [String] {
        func isInside(_ day: CivilDate) -> Bool { period.map { $0.dates.contains(day) } ?? true }
        let counts = month.register.counts.filter { $0.order == order && isInside($0.countedOn) }.map { row in
            "\(row.origin): \(row.quantity) on the shelf on \(row.countedOn), counted by \(row.by)"
        }
        let billed = month.register.billed.filter { row in
            row.order == order && isInside(row.from) && (hcpcs == nil || row.hcpcs == hcpcs)
        }.sorted { ($0.from, $0.hcpcs) < ($1.from, $1.hcpcs) }.map { row in
            "\(row.origin): \(row.claim.map { "claim \($0), " } ?? "")billed \(row.units) \(row.hcpcs) from \(row.from) to "
                + "\(row.to)" + (row.modifiers.isEmpty ? "" : ", \(row.modifiers.joined(separator: " "))")
        }
        return (hcpcs == "" || hcpcs == nil || period != nil ? counts : []) + billed
    }

    /// The one code under which an order's containers were delivered; nil where there are several, or none.
    private func onlyCode(_ account: StockAccount) -> String? {
        let origins = account.moves.compactMap { move -> RowOrigin? in
            guard move.kind == .delivered, case .row(let origin) = move.source else { return nil }
            return origin
        }
        let codes = Set(
            month.register.deliveries.filter { $0.order == account.order && origins.contains($0.origin) }.map(\.hcpcs))
        return codes.count == 1 ? codes.first : nil
    }

    /// The rules of the lines that it is held against; of a code that nothing stands for, the one on pairing.
    private func rules(_ lines: [BillableLine], _ id: StockLineID) -> [ExplanationAnswer.Rule] {
        guard lines.isEmpty else { return lines.flatMap(\.rules).unique().map(Self.rule) }
        let patient = month.register.orders.first { $0.id == id.order }?.patient
        let payer = month.register.patients.first { $0.id == patient }?.payer
        return month.rules.profiles[payer ?? ""].map { [Self.rule($0.rule("R4", on: id.period.to))] } ?? []
    }

    /// The records of containers; a container may belong to the month beside the one in which it was hung.
    private func recordKeys(of ids: [String], in period: Period?, _ part: MonthPart) throws -> [RecordKey] {
        let wanted = Set(ids)
        let near = period.map { Period(from: $0.from.adding(days: -31), to: $0.to.adding(days: 31)) }
        guard let around = try near ?? wholePeriod(of: part), !wanted.isEmpty else { return [] }
        return try month.findings(around, of: part).containers.filter { wanted.contains($0.id) }.flatMap(\.records)
    }

    private func gaps(_ findings: MonthFindings, _ order: String, _ period: Period) -> [GapLine] {
        let pumps = Set(month.register.assignments.filter { $0.order == order }.map(\.pump))
        return month.heading(findings, period).coverage.filter { pumps.contains($0.pump) }.flatMap(\.gaps)
    }
}

extension [RuleReference] {
    /// Each once, in their order.
    fileprivate func unique() -> [RuleReference] {
        var seen: Set<String> = []
        return filter { seen.insert("\($0.id) \($0.set)").inserted }
    }
}
