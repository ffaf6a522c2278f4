package import PumpCore

/// Where a row was read: what an error and an explanation point at.
package struct RowOrigin: Hashable, Codable, Sendable {
    package var file: String
    /// 1 is the header line.
    package var line: Int
    package init(file: String, line: Int) {
        self.file = file
        self.line = line
    }
}

/// `patients.csv`
package struct Patient: Hashable, Sendable {
    /// Pseudonymous.
    package var id: String
    package var homeZone: HomeZone
    /// A rule profile: `medicare-dme`.
    package var payer: String
    package var origin: RowOrigin

    package init(id: String, homeZone: HomeZone, payer: String, origin: RowOrigin) {
        self.id = id
        self.homeZone = homeZone
        self.payer = payer
        self.origin = origin
    }
}

/// `pumps.csv`
package struct RegisteredPump: Hashable, Sendable {
    package enum Ownership: String, Codable, Sendable, CaseIterable {
        case rented
        case owned
    }

    package var serial: String
    package var driver: String?
    package var model: String?
    /// E0779 E0780 E0781 E0784 E0791 K0455, or `none`: no durable pump.
    package var hcpcs: String
    package var ownership: Ownership
    package var ownedSince: CivilDate?
    package var rentedSince: CivilDate?
    package var origin: RowOrigin

    package init(
        serial: String, driver: String? = nil, model: String? = nil, hcpcs: String, ownership: Ownership,
        ownedSince: CivilDate? = nil, rentedSince: CivilDate? = nil, origin: RowOrigin
    ) {
        self.serial = serial
        self.driver = driver
        self.model = model
        self.hcpcs = hcpcs
        self.ownership = ownership
        self.ownedSince = ownedSince
        self.rentedSince = rentedSince
        self.origin = origin
    }
}

/// `orders.csv`: one prescription, unchanged. A change of rate or dose is a new order.
package struct TherapyOrder: Hashable, Sendable {
    /// Stated by the order, never inferred from pump programming (rule R1).
    package enum Mode: String, Codable, Sendable, CaseIterable {
        case intermittent
        case prolongedDose = "prolonged-dose"
        case continuous
    }

    package enum Container: String, Codable, Sendable, CaseIterable {
        case bag
        case cassette
        case syringe
        case prefilledSyringe = "prefilled-syringe"
        case elastomeric
    }

    /// The modifier that the supplier stands for (rule R7).
    package enum Coverage: String, Codable, Sendable, CaseIterable {
        case kx
        case ga
        case gz
    }

    package enum Schedule: Hashable, Sendable {
        /// Seconds of the civil day, ascending.
        case timesOfDay([Int])
        /// Wall-clock hours between doses, from `starts_at` on.
        case everyHours(Double)
    }

    package var id: String
    package var patient: String
    package var drug: String
    /// One code, or one for each drug in the container.
    package var drugHcpcs: [String]
    package var indication: String?
    package var route: String?
    package var mode: Mode
    package var starts: RegisterTime
    package var ends: RegisterTime?
    package var schedule: Schedule?
    package var doseHours: Double?
    package var container: Container
    /// At least 1.
    package var dosesPerContainer: Int
    package var usableMilliliters: Double?
    package var hangLimitHours: Double?
    package var maxConcentrationMgPerMl: Double?
    package var drugMgPerDay: Double?
    package var changeIntervalHours: Double?
    package var catheters: Int
    package var coverage: Coverage?
    package var signedOn: CivilDate?
    package var prescriberNPI: String?
    package var origin: RowOrigin

    package init(
        id: String, patient: String, drug: String, drugHcpcs: [String], indication: String? = nil, route: String? = nil,
        mode: Mode, starts: RegisterTime, ends: RegisterTime? = nil, schedule: Schedule? = nil,
        doseHours: Double? = nil, container: Container, dosesPerContainer: Int, usableMilliliters: Double? = nil,
        hangLimitHours: Double? = nil, maxConcentrationMgPerMl: Double? = nil, drugMgPerDay: Double? = nil,
        changeIntervalHours: Double? = nil, catheters: Int, coverage: Coverage? = nil, signedOn: CivilDate? = nil,
        prescriberNPI: String? = nil, origin: RowOrigin
    ) {
        self.id = id
        self.patient = patient
        self.drug = drug
        self.drugHcpcs = drugHcpcs
        self.indication = indication
        self.route = route
        self.mode = mode
        self.starts = starts
        self.ends = ends
        self.schedule = schedule
        self.doseHours = doseHours
        self.container = container
        self.dosesPerContainer = dosesPerContainer
        self.usableMilliliters = usableMilliliters
        self.hangLimitHours = hangLimitHours
        self.maxConcentrationMgPerMl = maxConcentrationMgPerMl
        self.drugMgPerDay = drugMgPerDay
        self.changeIntervalHours = changeIntervalHours
        self.catheters = catheters
        self.coverage = coverage
        self.signedOn = signedOn
        self.prescriberNPI = prescriberNPI
        self.origin = origin
    }
}

/// `assignments.csv`: which channel of which pump serves which order, and when.
package struct Assignment: Hashable, Sendable {
    package var pump: String
    /// From 1.
    package var channel: Int
    package var order: String
    package var from: RegisterTime
    package var to: RegisterTime?
    package var origin: RowOrigin

    package init(
        pump: String, channel: Int, order: String, from: RegisterTime, to: RegisterTime? = nil, origin: RowOrigin
    ) {
        self.pump = pump
        self.channel = channel
        self.order = order
        self.from = from
        self.to = to
        self.origin = origin
    }
}

/// `deliveries.csv`
package struct Delivery: Hashable, Sendable {
    package var id: String
    package var order: String
    package var hcpcs: String
    package var date: CivilDate
    package var quantity: Int
    package var lot: String?
    package var tracking: String?
    package var receivedBy: String?
    package var contactedOn: CivilDate?
    package var affirmedBy: String?
    package var quantityRemaining: Int?
    package var origin: RowOrigin

    package init(
        id: String, order: String, hcpcs: String, date: CivilDate, quantity: Int, lot: String? = nil,
        tracking: String? = nil, receivedBy: String? = nil, contactedOn: CivilDate? = nil, affirmedBy: String? = nil,
        quantityRemaining: Int? = nil, origin: RowOrigin
    ) {
        self.id = id
        self.order = order
        self.hcpcs = hcpcs
        self.date = date
        self.quantity = quantity
        self.lot = lot
        self.tracking = tracking
        self.receivedBy = receivedBy
        self.contactedOn = contactedOn
        self.affirmedBy = affirmedBy
        self.quantityRemaining = quantityRemaining
        self.origin = origin
    }
}

/// `dispositions.csv`: containers that were not used, and why.
package struct Disposition: Hashable, Sendable {
    package enum Reason: String, Codable, Sendable, CaseIterable {
        case emergencyAdmission = "emergency-admission"
        case drugToxicity = "drug-toxicity"
        case plannedAdmission = "planned-admission"
        case doseChange = "dose-change"
        case damaged
        case expired
        case returned
        case lost
        case other
    }

    package var order: String
    package var date: CivilDate
    package var quantity: Int
    package var reason: Reason
    package var note: String?
    package var by: String
    package var origin: RowOrigin

    package init(
        order: String, date: CivilDate, quantity: Int, reason: Reason, note: String? = nil, by: String,
        origin: RowOrigin
    ) {
        self.order = order
        self.date = date
        self.quantity = quantity
        self.reason = reason
        self.note = note
        self.by = by
        self.origin = origin
    }
}

/// `stays.csv`: inpatient stays, [admitted, discharged).
package struct Stay: Hashable, Sendable {
    package enum Kind: String, Codable, Sendable, CaseIterable {
        case emergency
        case planned
    }

    package var patient: String
    package var admitted: RegisterTime
    package var discharged: RegisterTime?
    package var kind: Kind
    package var facility: String?
    package var origin: RowOrigin

    package init(
        patient: String, admitted: RegisterTime, discharged: RegisterTime? = nil, kind: Kind, facility: String? = nil,
        origin: RowOrigin
    ) {
        self.patient = patient
        self.admitted = admitted
        self.discharged = discharged
        self.kind = kind
        self.facility = facility
        self.origin = origin
    }
}

/// `counts.csv`: what somebody counted on the shelf.
package struct ShelfCount: Hashable, Sendable {
    package var order: String
    package var countedOn: CivilDate
    package var quantity: Int
    package var by: String
    package var origin: RowOrigin

    package init(order: String, countedOn: CivilDate, quantity: Int, by: String, origin: RowOrigin) {
        self.order = order
        self.countedOn = countedOn
        self.quantity = quantity
        self.by = by
        self.origin = origin
    }
}

/// `billed.csv`
package struct BilledLine: Hashable, Sendable {
    package var order: String
    package var hcpcs: String
    package var from: CivilDate
    package var to: CivilDate
    package var units: Int
    package var modifiers: [String]
    package var claim: String?
    package var line: String?
    package var origin: RowOrigin

    package init(
        order: String, hcpcs: String, from: CivilDate, to: CivilDate, units: Int, modifiers: [String],
        claim: String? = nil, line: String? = nil, origin: RowOrigin
    ) {
        self.order = order
        self.hcpcs = hcpcs
        self.from = from
        self.to = to
        self.units = units
        self.modifiers = modifiers
        self.claim = claim
        self.line = line
        self.origin = origin
    }
}

/// Everything that people keep about patients, orders and supplies: the newest version of each row.
package struct SupplyRegister: Hashable, Sendable {
    package var patients: [Patient] = []
    package var pumps: [RegisteredPump] = []
    package var orders: [TherapyOrder] = []
    package var assignments: [Assignment] = []
    package var deliveries: [Delivery] = []
    package var dispositions: [Disposition] = []
    package var stays: [Stay] = []
    package var counts: [ShelfCount] = []
    package var billed: [BilledLine] = []

    package init() {}
}
