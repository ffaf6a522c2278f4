import Ledger
import PumpCore
import Register
import Supplies
import Timeline

/// A month counted group by group, with the rows of the register and the logs of a few groups in memory and no more.
struct MonthOfParts {
    let ledger: Ledger
    let rules: RuleBook
    private let groups: [PatientGroup]
    private let unassigned: [String]
    private let drivers: DriverOfPump

    init(ledger: Ledger, rules: RuleBook) throws {
        self.init(ledger: ledger, rules: rules, try Groups(ledger))
    }

    init(ledger: Ledger, rules: RuleBook, _ groups: Groups) {
        self.ledger = ledger
        self.rules = rules
        self.groups = groups.patients
        unassigned = groups.unassigned
        drivers = groups.drivers
    }

    /// Whom there is to count, for which no rules are needed.
    struct Groups: Sendable {
        fileprivate let patients: [PatientGroup]
        /// Pumps that the register assigns to nobody, by serial.
        fileprivate let unassigned: [String]
        fileprivate let drivers: DriverOfPump

        init(_ ledger: Ledger) throws {
            var parts: RegisterParts?
            var pumps: [(serial: String, driver: String)] = []
            try ledger.readLogs { reader in
                parts = try RegisterParts(reader)
                pumps = try reader.pumpNames()
            }
            guard let groups = parts?.groups else { throw RegisterParts.Unreadable() }
            patients = groups
            let drivers = DriverOfPump(pumps)
            self.drivers = drivers
            var isAssigned = Array(repeating: false, count: pumps.count)
            for group in groups {
                for pump in group.pumps { if let place = drivers.place(ofPump: pump) { isAssigned[place] = true } }
            }
            unassigned = zip(drivers.serials, isAssigned).filter { !$1 }.map(\.0)
        }
    }

    /// Adds up the findings of one group after the other, in the order of the register, then those of each pump that is
    /// assigned to nobody. Nothing of a group is kept but what `add` keeps of it.
    func reduce<Total: Sendable, Found: Sendable>(
        _ period: ClosedRange<CivilDate>, wantsContainers: Bool = false, into total: Total,
        finding: @Sendable (MonthFindings) throws -> Found, add: @Sendable (inout Total, Found) throws -> Void
    ) throws -> Total {
        try ReadAhead(ledger: ledger).reduce(
            groups.count + unassigned.count, into: total,
            read: { reader, number in
                let part = try part(number, reader)
                return (part, part.logs.reduce(part.rows.count) { $0 + $1.records.count })
            },
            work: { number, part in
                if part.isUnreadable { throw RegisterParts.Unreadable() }
                let index = RegisterIndex(try RegisterParts.register(of: part.rows))
                var count = MonthCount(index, rules: rules, period: period)
                count.wantsContainers = wantsContainers
                let timelines = part.logs.map { LogQuery.timeline($0, index: index) }
                if number < groups.count {
                    return try finding(count.findings(of: groups[number], timelines: timelines))
                }
                return try finding(timelines.first.map(count.unassigned) ?? MonthFindings(period: period))
            },
            add: add)
    }

    private struct Part: Sendable {
        var rows: [RegisterRowText]
        var isUnreadable = false
        var logs: [PumpLog]
    }

    private func part(_ number: Int, _ reader: LogReader) throws -> Part {
        if number < groups.count {
            let group = groups[number]
            let rows = try RegisterParts.rows(of: group, reader)
            return Part(
                rows: rows ?? [], isUnreadable: rows == nil,
                logs: try group.pumps.compactMap { try log(ofPump: $0, reader) })
        }
        let serial = unassigned[number - groups.count]
        return Part(
            rows: try RegisterParts.row(ofPump: serial, reader),
            logs: try log(ofPump: serial, reader).map { [$0] } ?? [])
    }

    private func log(ofPump serial: String, _ reader: LogReader) throws -> PumpLog? {
        guard let place = drivers.place(ofPump: serial) else { return nil }
        return try reader.log(
            of: PumpIdentity(serial: serial, driver: drivers.driver(place)), depth: .counting)
    }
}

/// The pumps on record, small. Of two with one serial the first one counts.
private struct DriverOfPump: Sendable {
    /// In order.
    private(set) var serials: [String] = []
    private var drivers: [UInt8] = []
    private var names: [String] = []
    private var places: [String: Int32] = [:]

    /// `pumps` by serial, then driver.
    init(_ pumps: [(serial: String, driver: String)]) {
        serials.reserveCapacity(pumps.count)
        drivers.reserveCapacity(pumps.count)
        places.reserveCapacity(pumps.count)
        for pump in pumps where places[pump.serial] == nil {
            places[pump.serial] = Int32(clamping: serials.count)
            serials.append(pump.serial)
            let name = names.firstIndex(of: pump.driver) ?? names.count
            if name == names.count { names.append(pump.driver) }
            drivers.append(UInt8(clamping: name))
        }
    }

    func driver(_ place: Int) -> String { names[Int(drivers[place])] }

    /// Its place among `serials`.
    func place(ofPump serial: String) -> Int? { places[serial].map(Int.init) }
}
