import PumpCore

extension SupplyRegister {
    /// The typed rows of stored entries: the newest version of each. Each file's rows stand in the order of their keys,
    /// whatever the order of `entries`; of two entries with one key the later one holds.
    package init(entries: [RegisterEntry]) throws(RegisterErrors) {
        self.init()
        var errors = RegisterErrors()
        var byTable: [String: [Int]] = [:]
        for (index, entry) in entries.enumerated() { byTable[entry.table, default: []].append(index) }
        for table in RegisterTable.allCases {
            let indices = (byTable.removeValue(forKey: table.rawValue) ?? [])
                .sorted { (entries[$0].key, $0) < (entries[$1].key, $1) }
            if indices.isEmpty { continue }
            var reader = RowReader.ofTable(table)
            for (place, index) in indices.enumerated() where !errors.isFull {
                let next = place + 1 < indices.count ? entries[indices[place + 1]].key : nil
                if entries[index].key == next || entries[index].isWithdrawn { continue }
                do throws(RegisterErrors) {
                    append(try RegisterRow(stored: entries[index], of: table, with: &reader))
                } catch {
                    errors.append(error.errors)
                }
            }
        }
        for index in byTable.values.joined().sorted() {
            errors.append(
                RegisterError(
                    stored: entries[index].origin, columnName: "", cell: entries[index].table, .unknownTable))
        }
        guard errors.errors.isEmpty else { throw errors }
    }

    /// Adds the rows of more entries, whose keys come behind those of the entries before.
    package mutating func append(entries: [RegisterEntry]) throws(RegisterErrors) {
        let more = try SupplyRegister(entries: entries)
        patients += more.patients
        pumps += more.pumps
        orders += more.orders
        assignments += more.assignments
        deliveries += more.deliveries
        dispositions += more.dispositions
        stays += more.stays
        counts += more.counts
        billed += more.billed
    }

    private mutating func append(_ row: RegisterRow) {
        switch row {
        case .patient(let patient): patients.append(patient)
        case .pump(let pump): pumps.append(pump)
        case .order(let order): orders.append(order)
        case .assignment(let assignment): assignments.append(assignment)
        case .delivery(let delivery): deliveries.append(delivery)
        case .disposition(let disposition): dispositions.append(disposition)
        case .stay(let stay): stays.append(stay)
        case .count(let count): counts.append(count)
        case .billed(let line): billed.append(line)
        }
    }
}
