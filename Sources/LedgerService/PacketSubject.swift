import PumpCore
import Register
import Supplies

/// One order in one period, with the rows of the register that belong to it.
struct PacketSubject {
    let period: Period
    let order: TherapyOrder
    let patient: Patient
    let register: SupplyRegister
    let rules: RuleBook
    let lines: [BillableLine]
    let witness: OrderWitness

    var profile: PayerProfile? { rules.profiles[patient.payer] }

    /// Serials of the pumps that were ever assigned to the order, in the order of the rows.
    var pumps: [String] {
        var serials: [String] = []
        for row in register.assignments where row.order == order.id && !serials.contains(row.pump) {
            serials.append(row.pump)
        }
        for line in lines { for pump in line.pumps where !serials.contains(pump) { serials.append(pump) } }
        return serials
    }

    /// Codes that stand for containers, whichever of them a delivery names.
    var containerCodes: Set<String> {
        Set(rules.codes.codes.filter { $0.counts == .container || $0.counts == .syringe }.map(\.code))
    }

    func isWeekly(_ code: String) -> Bool { rules.codes.code(code)?.counts == .week }

    func isInPeriod(_ date: CivilDate) -> Bool { period.dates.contains(date) }

    // MARK: Rows

    var assignments: [PacketAssignment] {
        register.assignments.filter { $0.order == order.id }.map {
            PacketAssignment(
                pump: $0.pump, channel: $0.channel, from: $0.from.description, to: $0.to?.description,
                source: $0.origin.place)
        }
    }

    /// Up to the end of the period, oldest first: those before it are the opening stock. Weeks are counted a patient, so
    /// deliveries of a week code to the patient's other orders are there too.
    var deliveries: [PacketDelivery] {
        let weekly = Set(lines.map(\.hcpcs).filter(isWeekly))
        let orders = Set(register.orders.filter { $0.patient == patient.id }.map(\.id))
        let refills = Dictionary(witness.refills.map { ($0.delivery, $0) }, uniquingKeysWith: { first, _ in first })
        return register.deliveries.filter { row in
            row.date <= period.to
                && (row.order == order.id || weekly.contains(row.hcpcs) && orders.contains(row.order))
        }.sorted { ($0.date, $0.id) < ($1.date, $1.id) }.map { row in
            PacketDelivery(
                id: row.id, order: row.order, hcpcs: row.hcpcs, date: row.date, quantity: row.quantity,
                isInPeriod: isInPeriod(row.date), lot: row.lot, tracking: row.tracking, receivedBy: row.receivedBy,
                contactedOn: row.contactedOn, affirmedBy: row.affirmedBy, quantityRemaining: row.quantityRemaining,
                refill: refills[row.id], source: row.origin.place)
        }
    }

    var dispositions: [PacketDisposition] {
        register.dispositions.filter { $0.order == order.id && $0.date <= period.to }
            .sorted { ($0.date, $0.origin.line) < ($1.date, $1.origin.line) }.map {
                PacketDisposition(
                    date: $0.date, quantity: $0.quantity, reason: $0.reason.rawValue, note: $0.note, by: $0.by,
                    isInPeriod: isInPeriod($0.date), source: $0.origin.place)
            }
    }

    /// Unused for a reason that is neither foreseeable nor excused (rule R8): a person looks at them.
    var dispositionsToReview: [PacketReference] {
        let excused = Set(witness.excused.map { "\($0.file):\($0.line)" })
        return dispositions.enumerated().filter { _, row in
            guard row.isInPeriod, !excused.contains(row.source), let reason = Disposition.Reason(rawValue: row.reason)
            else { return false }
            switch reason {
            case .damaged, .expired, .lost, .other: return true
            case .emergencyAdmission: return stays.allSatisfy { $0.kind != Stay.Kind.emergency.rawValue }
            case .drugToxicity, .plannedAdmission, .doseChange, .returned: return false
            }
        }.map { PacketReference(.disposition, $0.offset + 1) }
    }

    /// Those that touch the time from the order's begin to the period's end.
    var stays: [PacketStay] {
        let zone = patient.homeZone
        return register.stays.filter { row in
            row.patient == patient.id && row.admitted.date(in: zone) <= period.to
                && (row.discharged.map { $0.date(in: zone) >= order.starts.date(in: zone) } ?? true)
        }.map {
            PacketStay(
                admitted: $0.admitted.description, discharged: $0.discharged?.description, kind: $0.kind.rawValue,
                facility: $0.facility, source: $0.origin.place)
        }
    }

    /// The period's, and the newest one before it.
    var shelfCounts: [PacketShelfCount] {
        let counts = register.counts.filter { $0.order == order.id && $0.countedOn <= period.to }
            .sorted { $0.countedOn < $1.countedOn }
        let before = counts.last { $0.countedOn < period.from }
        return ((before.map { [$0] } ?? []) + counts.filter { isInPeriod($0.countedOn) }).map {
            PacketShelfCount(countedOn: $0.countedOn, quantity: $0.quantity, by: $0.by, source: $0.origin.place)
        }
    }

    /// By their from date (contract, Counting 24).
    var billed: [PacketBilled] {
        register.billed.filter { $0.order == order.id && isInPeriod($0.from) }.map {
            PacketBilled(
                hcpcs: $0.hcpcs, from: $0.from, to: $0.to, units: $0.units, modifiers: $0.modifiers, claim: $0.claim,
                line: $0.line, source: $0.origin.place)
        }
    }

    /// The patient's orders that hold at some time of the period together with this one.
    var concurrent: [TherapyOrder] {
        let zone = patient.homeZone
        func span(_ order: TherapyOrder) -> (Instant, Instant) {
            let from = zone.instant(CivilDateTime(period.from))
            let to = zone.instant(CivilDateTime(period.to.adding(days: 1)))
            return (max(order.starts.start(in: zone), from), min(order.ends.map { $0.end(in: zone) } ?? to, to))
        }
        let own = span(order)
        return register.orders.filter { other in
            let theirs = span(other)
            return other.patient == patient.id && max(own.0, theirs.0) < min(own.1, theirs.1)
        }
    }

    // MARK: Codes and rules

    /// Every supply code that was counted, delivered or billed, beside the newest pump of the order.
    var pairings: [PacketPairing] {
        let delivered = register.deliveries.filter { $0.order == order.id && isInPeriod($0.date) }.map(\.hcpcs)
        let all = lines.map(\.hcpcs) + delivered + billed.map(\.hcpcs)
        let supplies = Set(all).filter { code in
            switch rules.codes.code(code)?.counts {
            case .container, .syringe, .week: true
            case .pump, nil: false
            case .some(.none): false
            }
        }
        return supplies.sorted().map { code in
            let serial = lines.first { $0.hcpcs == code }?.pump ?? pumps.last
            let pump = register.pumps.first { $0.serial == serial }
            let pairing = pump.flatMap { rules.codes.pairing(pump: $0.hcpcs, on: period.to) }
            return PacketPairing(
                hcpcs: code, descriptor: rules.codes.code(code)?.descriptor, pump: serial, pumpHcpcs: pump?.hcpcs,
                isAllowed: pairing?.codes.contains(code) ?? false, allowed: pairing?.codes ?? [],
                citation: pairing?.citation, saidByPayer: pairing?.mark == .payer)
        }
    }

    func rule(_ id: String, on date: CivilDate?) -> RuleReference? { profile?.rule(id, on: date ?? period.to) }

    /// Each once, by number, then set.
    func rules(
        counts: [PacketCount], containers: [ContainerUse], findings: [ScrubFinding], witness: OrderWitness,
        next: RefillLine?
    ) -> [RuleReference] {
        let all =
            counts.flatMap(\.line.rules)
            + counts.flatMap { count in count.line.holds.compactMap { rule($0.rule, on: nil) } }
            + containers.compactMap { rule($0.rule, on: $0.date) } + findings.map(\.citation)
            + witness.refills.map(\.rule) + (next.map { [$0.rule] } ?? [])
        return Set(all).sorted { a, b in
            let (left, right) = (Int(a.id.dropFirst()) ?? 0, Int(b.id.dropFirst()) ?? 0)
            return (left, a.set, a.text) < (right, b.set, b.text)
        }
    }
}
