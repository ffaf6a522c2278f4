import PumpCore

/// What the rows of the ledger and of this import say together: enough to see whether rows fit each other.
struct RegisterBook {
    /// A patient whose own row is wrong is known, without a zone.
    private var zones: [String: HomeZone?] = [:]
    private var pumps: Set<String> = []
    private var orders: [String: Terms?] = [:]
    private var assignments: [String: Placed] = [:]
    private var touchedOrders: Set<String> = []
    /// Files that could not be read to the end: what they would have said is not held against other rows.
    private var doubted: Set<RegisterTable> = []

    private struct Terms {
        let patient: String
        let ends: RegisterTime?
    }

    /// An assignment and whether it came with an earlier import.
    struct Placed {
        let key: String
        let assignment: Assignment
        let isStored: Bool
    }

    init(existing: [RegisterEntry]) throws(RegisterErrors) {
        for table in [RegisterTable.patients, .pumps, .orders, .assignments] {
            var reader = RowReader(table.columns)
            for entry in existing where entry.table == table.rawValue && !entry.isWithdrawn {
                admit(try RegisterRow(stored: entry, of: table, with: &reader), key: entry.key, isStored: true)
            }
        }
    }

    mutating func admit(_ row: RegisterRow, key: String, isStored: Bool) {
        switch row {
        case .patient(let patient): zones[patient.id] = patient.homeZone
        case .pump(let pump): pumps.insert(pump.serial)
        case .order(let order):
            orders[order.id] = Terms(patient: order.patient, ends: order.ends)
            if !isStored { touchedOrders.insert(order.id) }
        case .assignment(let assignment):
            assignments[key] = Placed(key: key, assignment: assignment, isStored: isStored)
        case .delivery, .disposition, .stay, .count, .billed: break
        }
    }

    /// What was taken back stands in nobody's way.
    mutating func withdraw(_ key: String) { assignments[key] = nil }

    /// Notes that a file has a row of this id although the row is wrong: other files may refer to it.
    mutating func declare(_ table: RegisterTable, id: String) {
        switch table {
        case .patients: zones.updateValue(nil, forKey: id)
        case .pumps: pumps.insert(id)
        case .orders: orders.updateValue(nil, forKey: id)
        default: break
        }
    }

    mutating func doubt(_ table: RegisterTable) { doubted.insert(table) }

    /// What is wrong with a row beside the others and, because times need the patient's zone, in itself.
    func complaints(about row: RegisterRow) -> [(column: String, complaint: RegisterComplaint)] {
        switch row {
        case .patient, .pump: []
        case .order(let order):
            unknownPatient(order.patient, OrderColumns.patient.name)
                + endBeforeStart(
                    order.starts, order.ends, in: zones[order.patient] ?? nil, OrderColumns.starts.name,
                    OrderColumns.ends.name)
        case .assignment(let assignment):
            unknownPump(assignment.pump) + unknownOrder(assignment.order, AssignmentColumns.order.name)
                + endBeforeStart(
                    assignment.from, assignment.to, in: zone(ofOrder: assignment.order), AssignmentColumns.from.name,
                    AssignmentColumns.to.name)
        case .delivery(let delivery): unknownOrder(delivery.order, DeliveryColumns.order.name)
        case .disposition(let disposition): unknownOrder(disposition.order, DispositionColumns.order.name)
        case .count(let count): unknownOrder(count.order, CountColumns.order.name)
        case .stay(let stay):
            unknownPatient(stay.patient, StayColumns.patient.name)
                + endBeforeStart(
                    stay.admitted, stay.discharged, in: zones[stay.patient] ?? nil, StayColumns.admitted.name,
                    StayColumns.discharged.name)
        case .billed(let line):
            unknownOrder(line.order, BilledColumns.order.name)
                + (line.to < line.from
                    ? [(BilledColumns.to.name, .endBeforeStart(startColumn: BilledColumns.from.name))] : [])
        }
    }

    /// Pairs of assignments of one pump channel to two orders at the same time, of which this import touches one. The
    /// first of a pair is the one to complain about: the later one, if it is of this import.
    func overlaps() -> [(Placed, Placed)] {
        let channels = Dictionary(grouping: assignments.values.compactMap(period)) {
            Channel(pump: $0.placed.assignment.pump, number: $0.placed.assignment.channel)
        }
        return channels.values.flatMap(Self.overlaps)
            .filter { isTouched($0) || isTouched($1) }
            .map { $0.isStored && !$1.isStored ? ($1, $0) : ($0, $1) }
            .sorted { ($0.0.assignment.origin.line, $0.0.key) < ($1.0.assignment.origin.line, $1.0.key) }
    }

    private struct Channel: Hashable {
        let pump: String
        let number: Int
    }

    private struct Period {
        let placed: Placed
        let start: Instant
        /// The first moment after it; while it lasts, the end of all time.
        let end: Instant
        var order: String { placed.assignment.order }
    }

    /// An assignment lasts no longer than its order. Nil where that is no time at all, or the zone is not known.
    private func period(_ placed: Placed) -> Period? {
        let assignment = placed.assignment
        guard let terms = orders[assignment.order] ?? nil, let zone = zones[terms.patient] ?? nil else { return nil }
        let start = assignment.from.start(in: zone)
        let end = [assignment.to, terms.ends].compactMap { $0?.end(in: zone) }.min() ?? Self.endOfTime
        return start < end ? Period(placed: placed, start: start, end: end) : nil
    }

    private static let endOfTime = Instant(secondsSince1970: .max)

    /// One sweep in the order of the starts. Beside the assignment that lasts longest it remembers the one that lasts
    /// longest among other orders, so that no clash hides behind an assignment of the same order.
    private static func overlaps(_ periods: [Period]) -> [(Placed, Placed)] {
        var found: [(Placed, Placed)] = []
        var longest: Period?
        var longestOther: Period?
        let sorted = periods.sorted {
            ($0.start, $0.placed.assignment.origin.line, $0.placed.key)
                < ($1.start, $1.placed.assignment.origin.line, $1.placed.key)
        }
        for period in sorted {
            let rival = longest?.order == period.order ? longestOther : longest
            if let rival, period.start < rival.end { found.append((period.placed, rival.placed)) }
            if let top = longest {
                if period.end > top.end {
                    if top.order != period.order { longestOther = top }
                    longest = period
                } else if top.order != period.order, longestOther.map({ period.end > $0.end }) ?? true {
                    longestOther = period
                }
            } else {
                longest = period
            }
        }
        return found
    }

    private func isTouched(_ placed: Placed) -> Bool {
        !placed.isStored || touchedOrders.contains(placed.assignment.order)
    }

    private func zone(ofOrder id: String) -> HomeZone? {
        guard let terms = orders[id] ?? nil else { return nil }
        return zones[terms.patient] ?? nil
    }

    private func unknownPatient(_ id: String, _ column: String) -> [(column: String, complaint: RegisterComplaint)] {
        unknown(.patients, column, isKnown: zones.keys.contains(id))
    }

    private func unknownPump(_ serial: String) -> [(column: String, complaint: RegisterComplaint)] {
        unknown(.pumps, AssignmentColumns.pump.name, isKnown: pumps.contains(serial))
    }

    private func unknownOrder(_ id: String, _ column: String) -> [(column: String, complaint: RegisterComplaint)] {
        unknown(.orders, column, isKnown: orders.keys.contains(id))
    }

    private func unknown(
        _ table: RegisterTable, _ column: String, isKnown: Bool
    ) -> [(column: String, complaint: RegisterComplaint)] {
        isKnown || doubted.contains(table) ? [] : [(column, .unknownReference(to: table))]
    }

    /// Without the patient's zone, times with an offset are not compared with times without.
    private func endBeforeStart(
        _ start: RegisterTime, _ end: RegisterTime?, in zone: HomeZone?, _ startColumn: String, _ endColumn: String
    ) -> [(column: String, complaint: RegisterComplaint)] {
        guard let end else { return [] }
        guard let zone = zone ?? (start.isMoment == end.isMoment ? .utc : nil) else { return [] }
        return end.end(in: zone) > start.start(in: zone)
            ? [] : [(endColumn, .endBeforeStart(startColumn: startColumn))]
    }
}

extension RegisterTime {
    fileprivate var isMoment: Bool { if case .moment = self { true } else { false } }
}
