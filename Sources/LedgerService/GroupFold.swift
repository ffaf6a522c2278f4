import Ledger
import PumpCore
import PumpDrivers
import Register
import Supplies
import Timeline

/// The counting core over a few patients at a time: their logs are read when they are asked for, and let go after.
struct GroupFold {
    let ledger: Ledger
    let register: SupplyRegister
    let index: RegisterIndex
    let rules: RuleBook
    private let pumps: [String: PumpIdentity]

    init(ledger: Ledger, rules: RuleBook) throws {
        self.ledger = ledger
        self.rules = rules
        register = try LogQuery(ledger: ledger).register()
        index = RegisterIndex(register)
        pumps = Dictionary(
            try ledger.pumpIdentities().map { ($0.serial, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// Patients who have to be counted together, with all their pumps.
    var groups: [PatientGroup] { index.groups() }

    func timelines(of group: PatientGroup) throws -> [PumpTimeline] { try group.pumps.compactMap(timeline) }

    /// Nil for a pump that was never read.
    func timeline(_ serial: String) throws -> PumpTimeline? {
        guard let pump = pumps[serial], let log = try ledger.log(of: pump) else { return nil }
        // A log of a driver that this build no longer knows is shown, and no container is inferred from it.
        let signs = DriverCatalog.driver(named: pump.driver)?.signs ?? ContainerSigns(attachment: .explicit, flow: [])
        return PumpTimeline(log, signs: signs, zones: index.zoneSpans(ofPump: serial))
    }

    func count(_ period: Period) -> MonthCount { MonthCount(index, rules: rules, period: period.dates) }

    func patient(ofOrder id: String) -> Patient? { index.order(id).flatMap { index.patient($0.patient) } }
}
