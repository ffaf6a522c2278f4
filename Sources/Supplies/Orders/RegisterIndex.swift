import PumpCore
package import Register
package import Timeline

/// The register with its rows put together by order, patient and pump, once.
package struct RegisterIndex: Sendable {
    package let register: SupplyRegister
    let plans: [OrderPlan]
    private let planOfOrder: [String: Int]
    /// Numbers of plans, by the start of their orders, then by id.
    private let plansOfPatient: [String: [Int]]
    private let patients: [String: Patient]
    private let pumps: [String: RegisteredPump]
    /// Plan and assigned time of each pump, oldest first.
    private let usesOfPump: [String: [PumpUse]]

    private let countsOfOrder: [String: [ShelfCount]]
    private let billedOfOrder: [String: [BilledLine]]

    struct PumpUse {
        let plan: Int
        let channel: Int
        let span: WallSpan
    }

    package init(_ register: SupplyRegister) {
        self.register = register
        let patients = Dictionary(register.patients.map { ($0.id, $0) }, uniquingKeysWith: { $1 })
        self.patients = patients
        pumps = Dictionary(register.pumps.map { ($0.serial, $0) }, uniquingKeysWith: { $1 })
        let assignments = Dictionary(grouping: register.assignments, by: \.order)
        let deliveries = Dictionary(grouping: register.deliveries, by: \.order)
        let dispositions = Dictionary(grouping: register.dispositions, by: \.order)
        let stays = Dictionary(grouping: register.stays, by: \.patient)
        countsOfOrder = Dictionary(grouping: register.counts, by: \.order).mapValues { rows in
            rows.sorted { $0.countedOn < $1.countedOn }
        }
        billedOfOrder = Dictionary(grouping: register.billed, by: \.order)
        var plans: [OrderPlan] = []
        plans.reserveCapacity(register.orders.count)
        var planOfOrder: [String: Int] = [:]
        var plansOfPatient: [String: [Int]] = [:]
        var usesOfPump: [String: [PumpUse]] = [:]
        for order in register.orders {
            // The register's own check refuses an order without patient; one that slips through has no zone to count in.
            guard let patient = patients[order.patient] else { continue }
            let plan = OrderPlan(
                number: plans.count, order: order, patient: patient, assignments: assignments[order.id] ?? [],
                deliveries: deliveries[order.id] ?? [], dispositions: dispositions[order.id] ?? [],
                stays: InpatientStays(stays[patient.id] ?? [], zone: patient.homeZone))
            planOfOrder[order.id] = plan.number
            plansOfPatient[patient.id, default: []].append(plan.number)
            for time in plan.assignments {
                usesOfPump[time.pump, default: []].append(
                    PumpUse(plan: plan.number, channel: time.channel, span: time.span))
            }
            plans.append(plan)
        }
        self.plans = plans
        self.planOfOrder = planOfOrder
        self.plansOfPatient = plansOfPatient.mapValues { numbers in
            numbers.sorted {
                (plans[$0].span.from, plans[$0].order.id) < (plans[$1].span.from, plans[$1].order.id)
            }
        }
        self.usesOfPump = usesOfPump.mapValues { uses in
            uses.sorted { ($0.span, $0.plan, $0.channel) < ($1.span, $1.plan, $1.channel) }
        }
    }

    package func patient(_ id: String) -> Patient? { patients[id] }
    package func pump(_ serial: String) -> RegisteredPump? { pumps[serial] }
    package func order(_ id: String) -> TherapyOrder? { planOfOrder[id].map { plans[$0].order } }

    /// By day, oldest first.
    func counts(ofOrder id: String) -> [ShelfCount] { countsOfOrder[id] ?? [] }
    /// In the order of the register.
    func billed(ofOrder id: String) -> [BilledLine] { billedOfOrder[id] ?? [] }
    func plans(of patient: String) -> [OrderPlan] { (plansOfPatient[patient] ?? []).map { plans[$0] } }
    func plan(ofOrder id: String) -> OrderPlan? { planOfOrder[id].map { plans[$0] } }
    func uses(ofPump serial: String) -> [PumpUse] { usesOfPump[serial] ?? [] }

    /// Whose wall clocks a pump's clock was kept on, oldest first: what correcting its times needs. Empty where it was
    /// never assigned.
    package func zoneSpans(ofPump serial: String) -> [ZoneSpan] {
        var spans: [ZoneSpan] = []
        for use in uses(ofPump: serial) where spans.last?.zone != plans[use.plan].zone {
            spans.append(ZoneSpan(from: CivilDateTime(wallSeconds: use.span.from), zone: plans[use.plan].zone))
        }
        return spans
    }

    /// Patients who have to be counted together, because a pump went from one to the other; with all their pumps.
    /// Together they are every patient of the register, in the order of its rows.
    package func groups() -> [PatientGroup] {
        PatientGroups(
            patients: register.patients.map(\.id),
            uses: usesOfPump.flatMap { pump, uses in uses.map { (pump, plans[$0.plan].patient.id) } }
        ).groups
    }
}
