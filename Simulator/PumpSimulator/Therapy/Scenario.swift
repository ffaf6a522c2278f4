package import PumpCore

/// A patient, a therapy, habits and mishaps: all that a simulated pump lives through, before any of it is chance.
package struct Scenario: Equatable, Sendable {
    package var name: String
    /// The patient's home zone; the pump's calendar clock shows its wall time.
    package var zone: HomeZone
    /// The first day of therapy. Nil: the first day of the month before the simulated present.
    package var from: CivilDate?
    /// The last day of therapy. Nil: it goes on.
    package var until: CivilDate?
    package var therapy: Therapy
    package var habits: Habits
    package var incidents: [Incident]
    /// Faults of the line, as `--fault` takes them.
    package var faults: [LineFault]
    /// Events of earlier patients that fill the ring of a MIVA before this therapy begins.
    package var olderEvents: Int
    package var register: RegisterEntry
    /// The family that shall give a therapy which more than one can give.
    package var preferred: PumpFamily?

    package init(
        name: String, zone: HomeZone, from: CivilDate? = nil, until: CivilDate? = nil, therapy: Therapy,
        habits: Habits = Habits(), incidents: [Incident] = [], faults: [LineFault] = [], olderEvents: Int = 0,
        register: RegisterEntry
    ) {
        self.name = name
        self.zone = zone
        self.from = from
        self.until = until
        self.therapy = therapy
        self.habits = habits
        self.incidents = incidents
        self.faults = faults
        self.olderEvents = olderEvents
        self.register = register
    }

    /// What the pump is set to do.
    package enum Therapy: Equatable, Sendable {
        case doses(DoseProgram)
        case bags(BagProgram)
        case insulin(InsulinProgram)
    }

    /// The family that can give this therapy.
    package var family: PumpFamily {
        switch therapy {
        case .doses, .bags: preferred == .phd ? .phd : .miva
        case .insulin: .paradigm
        }
    }

    /// The order's words and codes that no pump knows, for the register.
    package struct RegisterEntry: Equatable, Sendable {
        package var patient: String
        package var payer: String
        package var order: String
        package var drug: String
        package var drugHcpcs: String
        package var route: String
        /// intermittent, prolonged-dose or continuous.
        package var mode: String
        /// bag, cassette or syringe.
        package var container: String
        package var pumpHcpcs: String
        package var hangLimitHours: Int?
        package var maxConcentrationMgPerMl: Double?
        package var drugMgPerDay: Double?
        package var coverage: String
        /// Supplies for so many days go out in one delivery.
        package var deliveryDays: Int

        package init(
            patient: String = "P-0001", payer: String = "medicare-dme", order: String = "O-0001", drug: String,
            drugHcpcs: String = "", route: String, mode: String, container: String, pumpHcpcs: String = "E0781",
            hangLimitHours: Int? = nil, maxConcentrationMgPerMl: Double? = nil, drugMgPerDay: Double? = nil,
            coverage: String = "kx", deliveryDays: Int = 7
        ) {
            self.patient = patient
            self.payer = payer
            self.order = order
            self.drug = drug
            self.drugHcpcs = drugHcpcs
            self.route = route
            self.mode = mode
            self.container = container
            self.pumpHcpcs = pumpHcpcs
            self.hangLimitHours = hangLimitHours
            self.maxConcentrationMgPerMl = maxConcentrationMgPerMl
            self.drugMgPerDay = drugMgPerDay
            self.coverage = coverage
            self.deliveryDays = deliveryDays
        }
    }
}

/// The pump families that the simulator can be.
package enum PumpFamily: String, CaseIterable, Sendable {
    case miva
    case paradigm
    case phd
}

/// Doses at set times: antibiotics, cyclic nutrition, a 46-hour infusion every two weeks.
package struct DoseProgram: Equatable, Sendable {
    package enum Schedule: Equatable, Sendable {
        /// Seconds of the civil day, ascending.
        case timesOfDay([Int])
        /// Wall-clock hours from one dose to the next, and the first day's second of the day.
        case everyHours(Int, first: Int)
    }

    package var schedule: Schedule
    package var doseMinutes: Int
    package var dose: Quantity
    /// One bag can serve several doses: doses are not bags.
    package var dosesPerContainer: Int
    /// What is left in a container after its last dose; where it is 0, the pump finds the container empty.
    package var overfill: Quantity

    package init(
        schedule: Schedule, doseMinutes: Int, dose: Quantity, dosesPerContainer: Int = 1,
        overfill: Quantity = .milliliters(thousandths: 0)
    ) {
        self.schedule = schedule
        self.doseMinutes = doseMinutes
        self.dose = dose
        self.dosesPerContainer = dosesPerContainer
        self.overfill = overfill
    }
}

/// An infusion that never stops, from one bag, cassette or syringe after another; with demand doses it is a PCA.
package struct BagProgram: Equatable, Sendable {
    package var milliliterPerHour: Quantity
    package var usable: Quantity
    /// The container is changed so often, on the wall clock, whether it is empty or not. 0: only when it is empty.
    package var changeEveryHours: Int
    /// Second of the first day at which the first container is hung.
    package var firstAt: Int
    /// What a press of the patient's button gives; 0 for no button.
    package var demandDose: Quantity
    package var lockoutMinutes: Int
    package var demandsPerDay: Int

    package init(
        milliliterPerHour: Quantity, usable: Quantity, changeEveryHours: Int, firstAt: Int,
        demandDose: Quantity = .milliliters(thousandths: 0), lockoutMinutes: Int = 0, demandsPerDay: Int = 0
    ) {
        self.milliliterPerHour = milliliterPerHour
        self.usable = usable
        self.changeEveryHours = changeEveryHours
        self.firstAt = firstAt
        self.demandDose = demandDose
        self.lockoutMinutes = lockoutMinutes
        self.demandsPerDay = demandsPerDay
    }
}

/// Insulin: a basal rate, boluses with meals, a new reservoir every few days.
package struct InsulinProgram: Equatable, Sendable {
    package var basalPerHour: Quantity
    package var bolusesPerDay: ClosedRange<Int>
    /// Tenths of a unit that a bolus may have.
    package var bolusTenths: ClosedRange<Int>
    /// Units that a reservoir is filled with.
    package var reservoirUnits: ClosedRange<Int>
    package var changeEveryHours: Int
    package var firstAt: Int
    package var model: ParadigmModel

    package init(
        basalPerHour: Quantity, bolusesPerDay: ClosedRange<Int>, bolusTenths: ClosedRange<Int>,
        reservoirUnits: ClosedRange<Int>, changeEveryHours: Int, firstAt: Int, model: ParadigmModel = .x15
    ) {
        self.basalPerHour = basalPerHour
        self.bolusesPerDay = bolusesPerDay
        self.bolusTenths = bolusTenths
        self.reservoirUnits = reservoirUnits
        self.changeEveryHours = changeEveryHours
        self.firstAt = firstAt
        self.model = model
    }
}

/// How the patient keeps to the schedule. Probabilities from 0 to 1.
package struct Habits: Equatable, Sendable {
    /// A dose or change is off its time by up to so many minutes, either way.
    package var minutesOff: Int
    package var late: Double
    package var lateMinutes: Int
    package var early: Double
    package var earlyMinutes: Int
    /// A dose is not given at all.
    package var missed: Double
    /// A dose is stopped half way and its container thrown away.
    package var abandoned: Double

    package init(
        minutesOff: Int = 12, late: Double = 0, lateMinutes: Int = 60, early: Double = 0, earlyMinutes: Int = 30,
        missed: Double = 0, abandoned: Double = 0
    ) {
        self.minutesOff = minutesOff
        self.late = late
        self.lateMinutes = lateMinutes
        self.early = early
        self.earlyMinutes = earlyMinutes
        self.missed = missed
        self.abandoned = abandoned
    }
}

/// Something that goes wrong or is done out of the ordinary, at the first moment after `at` at which it can be.
package struct Incident: Equatable, Sendable {
    package enum Kind: String, CaseIterable, Sendable {
        /// The same container is taken off and put back while it runs.
        case refit
        /// The battery is pulled while the pump runs, and put back.
        case batteryPull = "battery-pull"
        /// An occlusion stops the pump; the line is freed and the same container goes on.
        case occlusion
        /// An occlusion, after which a new container is hung before the old one is done.
        case earlyChange = "early-change"
        /// The pump loses its clock; after a while somebody sets it.
        case clockReset = "reset-clock"
        /// Somebody sets the clock ahead by `minutes`.
        case clockChange = "change-clock"
        /// Two rewinds, seconds apart, for one reservoir.
        case doubleRewind = "double-rewind"
        /// A manual prime is broken off; the reservoir is rewound and primed again.
        case cancelPrime = "cancel-prime"
        /// A fixed prime with no reservoir change (after a new needle).
        case primeWithoutRewind = "prime-without-rewind"
        /// A bolus is cut short by a suspension.
        case suspendedBolus = "suspended-bolus"
    }

    package var kind: Kind
    package var at: CivilDateTime
    package var minutes: Int

    package init(_ kind: Kind, at: CivilDateTime, minutes: Int = 0) {
        self.kind = kind
        self.at = at
        self.minutes = minutes
    }

    /// The families whose log can show it.
    package static func families(of kind: Kind) -> Set<PumpFamily> {
        switch kind {
        case .refit, .batteryPull, .occlusion, .earlyChange, .clockReset: [.miva, .paradigm, .phd]
        case .clockChange, .doubleRewind, .cancelPrime, .primeWithoutRewind, .suspendedBolus: [.paradigm]
        }
    }

    /// Whether a reader of the log alone can be in doubt what happened to a container.
    package static func isDoubtful(_ kind: Kind) -> Bool {
        switch kind {
        case .refit, .earlyChange, .clockReset: true
        case .batteryPull, .occlusion, .clockChange, .doubleRewind, .cancelPrime, .primeWithoutRewind,
            .suspendedBolus:
            false
        }
    }
}
