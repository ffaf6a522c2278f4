import Foundation
import Ledger
import PumpCore
import Register
import Supplies

/// What arrived after a period was closed, as dated entries beside its frozen lines.
///
/// The ledger says cheaply whether anything arrived since the last look. Only then the patients concerned are counted anew,
/// by the rules that the period was closed with, and compared with what stands: the frozen line and every entry made since.
/// What differs becomes an entry and is stored, so that it stays as it was said and is never looked for again.
struct LateArrivals {
    let ledger: Ledger
    let context: RequestContext

    /// An entry with what stands after it.
    private struct Entry: Codable {
        var adjustment: Adjustment
        var line: BillableLine?
        var shelf: ReconcileLine?
    }

    /// Oldest first.
    func adjustments(of closing: Closing) throws -> [Adjustment] {
        // Most often nothing did, which the mark alone says.
        let last = try ledger.state(of: closing)
        if try ledger.hasNothingNew(since: last.mark) {
            return try last.adjustments.map { try Self.read($0).adjustment }
        }
        while true {
            // The mark is taken first: what arrives from here on is for the next look.
            let mark = try ledger.mark()
            let state = try ledger.state(of: closing)
            let entries = try state.adjustments.map(Self.read)
            guard mark != state.mark else { return entries.map(\.adjustment) }
            let arrivals = try ledger.arrivals(since: state.mark)
            let new = arrivals.isEmpty ? [] : try compare(closing, arrivals, entries)
            let isStored = try ledger.append(
                adjustments: try new.map(Self.text), to: closing, after: state.check, upTo: mark, at: context.now)
            // Somebody else looked at the same time: theirs holds, and is read.
            if isStored { return (entries + new).map(\.adjustment) }
        }
    }

    private static func read(_ text: String) throws -> Entry {
        do { return try JSONDecoder().decode(Entry.self, from: Data(text.utf8)) } catch {
            throw ServiceError(
                .integrity, "an adjustment of a closed period cannot be read back",
                remedy: "Check the ledger: pumpledger verify")
        }
    }

    private static func text(_ entry: Entry) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(entry), as: UTF8.self)
    }

    // MARK: Compare

    private struct LineName: Hashable {
        var order: String
        var hcpcs: String
    }

    private func compare(_ closing: Closing, _ arrivals: Arrivals, _ entries: [Entry]) throws -> [Entry] {
        let rules = try RuleBook(files: RuleBookBytes.files(try ledger.ruleBook(of: closing)))
        let fold = try GroupFold(ledger: ledger, rules: rules)
        let causes = ArrivalCauses(arrivals)
        let concerned = causes.patientsOfNamedOrders(fold.register)
        let groups = fold.groups.filter { group in
            group.pumps.contains(where: causes.concerns)
                || group.patients.contains { causes.concerns($0) || concerned.contains($0) }
        }
        guard !groups.isEmpty else { return [] }
        let frozen = FrozenMonth(ledger: ledger, closing: closing)
        let patients = Set(groups.flatMap(\.patients))
        let orders = Set(fold.register.orders.filter { patients.contains($0.patient) }.map(\.id))
        var lines = Self.named(Array(try frozen.lines())) { LineName(order: $0.order, hcpcs: $0.hcpcs) }
        var shelves = Self.named(try frozen.reconciliation()) { LineName(order: $0.order, hcpcs: $0.hcpcs) }
        for entry in entries {
            let name = LineName(order: entry.adjustment.order, hcpcs: entry.adjustment.hcpcs)
            lines[name] = entry.line
            shelves[name] = entry.shelf
        }
        var records = ContainerRecords(try frozen.containers().filter { $0.order.map(orders.contains) ?? false })
        let period = Period(from: closing.days.lowerBound, to: closing.days.upperBound)
        let count = fold.count(period)
        var linesNow: [LineName: BillableLine] = [:]
        var shelvesNow: [LineName: ReconcileLine] = [:]
        var uses: [ContainerUse] = []
        for group in groups {
            let timelines = try fold.timelines(of: group)
            let findings = count.findings(of: group, timelines: timelines)
            for line in findings.lines { linesNow[LineName(order: line.order, hcpcs: line.hcpcs)] = line }
            for shelf in count.reconciliation(of: group, timelines: timelines) {
                shelvesNow[LineName(order: shelf.order, hcpcs: shelf.hcpcs)] = shelf
            }
            uses += findings.containers
        }
        records.compare(uses, alreadySaid: entries.map(\.adjustment))
        let standing = Set(lines.keys).union(shelves.keys).filter { orders.contains($0.order) }
        let names = standing.union(linesNow.keys).union(shelvesNow.keys)
        return names.sorted { ($0.order, $0.hcpcs) < ($1.order, $1.hcpcs) }.compactMap { name in
            let difference = LineDifference(
                before: lines[name], after: linesNow[name], shelfBefore: shelves[name], shelfAfter: shelvesNow[name])
            guard !difference.isEmpty else { return nil }
            let cause = causes.cause(
                ofOrder: name.order, pumps: (linesNow[name]?.pumps ?? []) + (lines[name]?.pumps ?? []), fold)
            let holdsContainers = (linesNow[name] ?? lines[name])?.used != nil
            return Entry(
                adjustment: Adjustment(
                    order: name.order, hcpcs: name.hcpcs, on: cause.day ?? context.currentDay, used: difference.used,
                    supported: difference.supported, payable: difference.payable, prepared: difference.prepared,
                    review: difference.review, over: difference.over,
                    reason: cause.words + ": " + difference.words,
                    records: holdsContainers ? records.differing(ofOrder: name.order) : [], rows: cause.rows),
                line: linesNow[name], shelf: shelvesNow[name])
        }
    }

    private static func named<Line>(_ lines: [Line], _ name: (Line) -> LineName) -> [LineName: Line] {
        Dictionary(lines.map { (name($0), $0) }, uniquingKeysWith: { first, _ in first })
    }
}

/// Which records stand under a container of an order, then and now.
private struct ContainerRecords {
    private var before: [String: Set<RecordKey>] = [:]
    private var differing: [String: [RecordKey]] = [:]

    init(_ frozen: [ContainerUse]) {
        for use in frozen { if let order = use.order { before[order, default: []].formUnion(use.records) } }
    }

    mutating func compare(_ now: [ContainerUse], alreadySaid: [Adjustment]) {
        let said = Set(alreadySaid.flatMap(\.records))
        var after: [String: Set<RecordKey>] = [:]
        for use in now { if let order = use.order { after[order, default: []].formUnion(use.records) } }
        for order in Set(after.keys).union(before.keys) {
            let difference = (after[order] ?? []).symmetricDifference(before[order] ?? []).subtracting(said)
            differing[order] = difference.sorted { $0.text < $1.text }
        }
    }

    func differing(ofOrder order: String) -> [RecordKey] { differing[order] ?? [] }
}
