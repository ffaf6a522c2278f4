import PumpCore

/// What must hold of a rule book beyond its form.
struct RuleCheck {
    private let known: Set<String>

    init(codes: CodeTable) { known = Set(codes.codes.map(\.code)) }

    mutating func codes(_ file: String, _ table: CodeTable) throws(RuleBookError) {
        try entries(file, "codes", table.codes)
        var seen = Set<String>()
        for (index, code) in table.codes.enumerated() where !seen.insert(code.code).inserted {
            throw RuleBookError(file: file, entry: "codes[\(index)]", .duplicate(code.code))
        }
        try entries(file, "supplies", table.supplies)
        for (index, entry) in table.supplies.enumerated() {
            try pumps(entry.pumps, file, "supplies[\(index)].pumps")
            try codes([entry.code], file, "supplies[\(index)].code")
            for container in entry.containers where TherapyContainers.all[container] == nil {
                throw RuleBookError(
                    file: file, entry: "supplies[\(index)].containers",
                    .wrongForm("\"\(container)\" is none of \(TherapyContainers.list)"))
            }
        }
        try apart(file, "supplies", table.supplies) { a, b in
            Self.share(a.pumps, b.pumps) && Self.share(a.containers, b.containers)
        }
        try entries(file, "weekly", table.weekly)
        for (index, entry) in table.weekly.enumerated() {
            try pumps(entry.pumps, file, "weekly[\(index)].pumps")
            try codes([entry.code], file, "weekly[\(index)].code")
        }
        try apart(file, "weekly", table.weekly) { Self.share($0.pumps, $1.pumps) }
        try entries(file, "unpaid", table.unpaid)
        try apart(file, "unpaid", table.unpaid) { Self.share($0.containers, $1.containers) }
        try entries(file, "pairings", table.pairings)
        try apart(file, "pairings", table.pairings) { Self.share($0.pumps, $1.pumps) }
        for (index, entry) in table.pairings.enumerated() {
            try pumps(entry.pumps, file, "pairings[\(index)].pumps")
            try codes(entry.codes, file, "pairings[\(index)].codes")
        }
        try entries(file, "included", table.included)
        try apart(file, "included", table.included) { Self.share($0.codes, $1.codes) }
        for (index, entry) in table.included.enumerated() { try codes([entry.in], file, "included[\(index)].in") }
    }

    mutating func drugs(_ file: String, _ table: DrugTable) throws(RuleBookError) {
        try entries(file, "criteria", table.criteria)
        try entries(file, "drugs", table.drugs)
        let criteria = Set(table.criteria.map(\.id))
        for (index, drug) in table.drugs.enumerated() {
            try pumps(drug.pumps, file, "drugs[\(index)].pumps")
            for id in drug.criteria where !criteria.contains(id) {
                throw RuleBookError(
                    file: file, entry: "drugs[\(index)].criteria", .wrongForm("\"\(id)\" is not among the criteria"))
            }
        }
    }

    mutating func profile(_ file: String, _ profile: PayerProfile) throws(RuleBookError) {
        for (index, change) in profile.changes.enumerated() where change.citation.isEmpty {
            throw RuleBookError(file: file, entry: "changes[\(index)].citation", .emptyCitation)
        }
        try entries(file, "bases", profile.bases)
        for (index, basis) in profile.bases.enumerated() { try codes(basis.codes, file, "bases[\(index)].codes") }
        try apart(file, "bases", profile.bases) { Self.share($0.codes, $1.codes) }
        let texts = Set(profile.rules.map(\.id))
        try entries(file, "gates", profile.gates)
        for (index, gate) in profile.gates.enumerated() where !texts.contains(gate.rule) {
            throw RuleBookError(file: file, entry: "gates[\(index)].rule", .unknownRule(gate.rule))
        }
        try apart(file, "gates", profile.gates) { $0.gate == $1.gate }
        try entries(file, "limits", profile.limits)
        try apart(file, "limits", profile.limits) { $0.limit == $1.limit && Self.share($0.codes, $1.codes) }
        for (index, limit) in profile.limits.enumerated() {
            guard texts.contains(limit.rule) else {
                throw RuleBookError(file: file, entry: "limits[\(index)].rule", .unknownRule(limit.rule))
            }
            let needsDays = limit.limit == .oneEachDays || limit.limit == .daysADelivery
            if needsDays, limit.days ?? 0 < 1 {
                throw RuleBookError(file: file, entry: "limits[\(index)].days", .wrongForm("must be at least 1"))
            }
            if limit.limit == .calendarYear, limit.units ?? -1 < 0 {
                throw RuleBookError(file: file, entry: "limits[\(index)].units", .wrongForm("must be 0 or more"))
            }
        }
        try entries(file, "refills", profile.refills)
        try apart(file, "refills", profile.refills) { _, _ in true }
        for (index, refill) in profile.refills.enumerated() {
            let days = [refill.contactDays, refill.deliveryDays, refill.mostDays, refill.narrativeDays ?? 0]
            if days.contains(where: { !(0...366).contains($0) }) {
                throw RuleBookError(
                    file: file, entry: "refills[\(index)]", .wrongForm("days must be between 0 and 366"))
            }
        }
        try entries(file, "rules", profile.rules)
        try apart(file, "rules", profile.rules) { $0.id == $1.id }
        if let perDiem = profile.perDiem {
            try entries(file, "perDiem", [perDiem])
            try codes(perDiem.covers, file, "perDiem.covers")
        }
    }

    /// Two entries for the same thing at the same time: nobody could say which one holds.
    private func apart<Entry: RuleEntry>(
        _ file: String, _ list: String, _ entries: [Entry], isSame: (Entry, Entry) -> Bool
    ) throws(RuleBookError) {
        for (index, entry) in entries.enumerated() {
            for (earlier, other) in entries[..<index].enumerated() where isSame(entry, other) {
                if Self.overlap(entry, other) {
                    throw RuleBookError(file: file, entry: "\(list)[\(index)]", .overlap("\(list)[\(earlier)]"))
                }
            }
        }
    }

    private static func share(_ a: [String], _ b: [String]) -> Bool { !Set(a).isDisjoint(with: b) }

    private func entries(_ file: String, _ list: String, _ entries: [some RuleEntry]) throws(RuleBookError) {
        for (index, entry) in entries.enumerated() {
            if entry.citation.isEmpty {
                throw RuleBookError(file: file, entry: "\(list)[\(index)].citation", .emptyCitation)
            }
            if let from = entry.from, let to = entry.to, to < from {
                throw RuleBookError(file: file, entry: "\(list)[\(index)]", .rangeReversed)
            }
        }
    }

    private func codes(_ codes: [String], _ file: String, _ place: String) throws(RuleBookError) {
        for code in codes where !known.contains(code) {
            throw RuleBookError(file: file, entry: place, .unknownCode(code))
        }
    }

    private func pumps(_ pumps: [String], _ file: String, _ place: String) throws(RuleBookError) {
        for pump in pumps where pump != PumpCode.none && !known.contains(pump) {
            throw RuleBookError(file: file, entry: place, .unknownCode(pump))
        }
    }

    private static func overlap(_ a: some RuleEntry, _ b: some RuleEntry) -> Bool {
        let aStartsInTime = a.from.map { from in b.to.map { from <= $0 } ?? true } ?? true
        let bStartsInTime = b.from.map { from in a.to.map { from <= $0 } ?? true } ?? true
        return aStartsInTime && bStartsInTime
    }
}
