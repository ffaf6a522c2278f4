import PumpCore
package import Register

/// One order and code in a period: a line of `billable`. Nil counts do not apply, or cannot be assessed: then a hold says
/// which input is missing.
package struct BillableLine: Hashable, Sendable {
    package var order: String
    package var patient: String
    package var payer: String
    /// Rule set in force on the last day: `medicare-dme@2026-01-25`.
    package var ruleSet: String
    /// Serial of the newest pump assigned; nil where none is.
    package var pump: String?
    package var pumps: [String]
    package var pumpHcpcs: String?
    package var hcpcs: String
    package var mode: TherapyOrder.Mode
    /// Opening stock, delivered and carried forward, of which `prepared` is made.
    package var opening: Int
    package var delivered: Int
    package var returned: Int
    package var carried: Int
    package var prepared: Int?
    package var used: Int?
    package var doses: Int?
    package var ceiling: Int?
    package var fewest: Int?
    package var supported: Int?
    package var excused: Int
    package var review: Int
    package var over: Int?
    package var avoidable: Int?
    package var unknown: CountRange
    package var payable: Int?
    package var basis: PayerProfile.Basis
    package var holds: [Hold]
    /// What a person should know: why a number is a range, what was judged without an input.
    package var notes: [String]
    /// Ids of containers, in the order of time.
    package var containers: ContainerIDs
    /// Every rule that touched the line.
    package var rules: [RuleReference]
    /// Of the code, where the user has put a fee schedule beside the rules and the payer goes by it.
    package var fee: FeeReference? = nil

    package init(
        order: String, patient: String, payer: String, ruleSet: String, pump: String?, pumps: [String],
        pumpHcpcs: String?, hcpcs: String, mode: TherapyOrder.Mode, opening: Int, delivered: Int, returned: Int,
        carried: Int, prepared: Int?, used: Int?, doses: Int?, ceiling: Int?, fewest: Int?, supported: Int?,
        excused: Int, review: Int, over: Int?, avoidable: Int?, unknown: CountRange, payable: Int?,
        basis: PayerProfile.Basis, holds: [Hold], notes: [String], containers: ContainerIDs, rules: [RuleReference],
        fee: FeeReference? = nil
    ) {
        self.order = order
        self.patient = patient
        self.payer = payer
        self.ruleSet = ruleSet
        self.pump = pump
        self.pumps = pumps
        self.pumpHcpcs = pumpHcpcs
        self.hcpcs = hcpcs
        self.mode = mode
        self.opening = opening
        self.delivered = delivered
        self.returned = returned
        self.carried = carried
        self.prepared = prepared
        self.used = used
        self.doses = doses
        self.ceiling = ceiling
        self.fewest = fewest
        self.supported = supported
        self.excused = excused
        self.review = review
        self.over = over
        self.avoidable = avoidable
        self.unknown = unknown
        self.payable = payable
        self.basis = basis
        self.holds = holds
        self.notes = notes
        self.containers = containers
        self.rules = rules
        self.fee = fee
    }
}

extension BillableLine: Codable {
    private enum CodingKeys: String, CodingKey {
        case order, patient, payer, ruleSet, pump, pumps, pumpHcpcs, hcpcs, mode, opening, delivered, returned, carried
        case prepared, used, doses, ceiling, fewest, supported, excused, review, over, avoidable, unknown, payable
        case basis, holds, notes, containers, rules, fee
    }

    /// Every key always stands; what is not known is null.
    package func encode(to encoder: any Encoder) throws {
        var c = encoder.container(keyedBy: CodingKeys.self)
        try c.encode(order, forKey: .order)
        try c.encode(patient, forKey: .patient)
        try c.encode(payer, forKey: .payer)
        try c.encode(ruleSet, forKey: .ruleSet)
        try c.encode(pump, forKey: .pump)
        try c.encode(pumps, forKey: .pumps)
        try c.encode(pumpHcpcs, forKey: .pumpHcpcs)
        try c.encode(hcpcs, forKey: .hcpcs)
        try c.encode(mode, forKey: .mode)
        try c.encode(opening, forKey: .opening)
        try c.encode(delivered, forKey: .delivered)
        try c.encode(returned, forKey: .returned)
        try c.encode(carried, forKey: .carried)
        try c.encode(prepared, forKey: .prepared)
        try c.encode(used, forKey: .used)
        try c.encode(doses, forKey: .doses)
        try c.encode(ceiling, forKey: .ceiling)
        try c.encode(fewest, forKey: .fewest)
        try c.encode(supported, forKey: .supported)
        try c.encode(excused, forKey: .excused)
        try c.encode(review, forKey: .review)
        try c.encode(over, forKey: .over)
        try c.encode(avoidable, forKey: .avoidable)
        try c.encode(unknown, forKey: .unknown)
        try c.encode(payable, forKey: .payable)
        try c.encode(basis, forKey: .basis)
        try c.encode(holds, forKey: .holds)
        try c.encode(notes, forKey: .notes)
        try c.encode(containers, forKey: .containers)
        try c.encode(rules, forKey: .rules)
        try c.encode(fee, forKey: .fee)
    }
}
