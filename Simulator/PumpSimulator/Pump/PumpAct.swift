package import PumpCore

/// Something that happens to a pump or that it does. Each family logs of it what that family's log can say, and no more.
package enum PumpAct: Equatable, Sendable {
    // The container.
    case containerPlaced(holding: Quantity)
    case containerRemoved
    case containerEmptied
    case containerLow(left: Quantity)
    case rewound
    case primed(PumpEvent.PrimeType, Quantity)

    // Delivery.
    case programmed(Prescription)
    case started
    /// `infused` is what went in since `started`.
    case stopped(infused: Quantity)
    /// The programmed volume is in; what follows is `stopped`.
    case completed(infused: Quantity)
    case bolus(Bolus)
    case doseGranted(DoseKind, attempts: Int)
    case doseDenied(attempts: Int)
    case doseFinished(DoseKind)
    case doseCancelled(DoseKind)
    case suspended(by: PumpEvent.Requester)
    case resumed(by: PumpEvent.Requester)
    case basalSegment(index: Int, halfHour: Int, rate: Quantity)
    case dayEnded(CivilDate, basal: Quantity, bolus: Quantity)

    // Power, clock, alarms, and what has no meaning for a container.
    case powerOff
    case powerOn
    case batteryChanged
    case batteryLow
    case clockSet(CivilDateTime)
    /// The clock falls back to where it starts after a loss of power.
    case clockLost
    case alarm(PumpEvent.Alarm)
    case alarmCleared(PumpEvent.Alarm)
    case shiftTotalCleared
    case timeStamped
    case authenticated

    /// An insulin bolus. It is stamped when it began and logged when it ended.
    package struct Bolus: Equatable, Sendable {
        package var beganAt: Instant
        package var programmed: Quantity
        package var delivered: Quantity
        /// Insulin of earlier boluses still at work, amount and age in minutes, newest first.
        package var atWork: [AtWork]
        /// What the patient told the bolus wizard; nil for a bolus by hand.
        package var carbohydrateGrams: Int?

        package struct AtWork: Equatable, Sendable {
            package var amount: Quantity
            package var ageMinutes: Int
            package init(amount: Quantity, ageMinutes: Int) {
                self.amount = amount
                self.ageMinutes = ageMinutes
            }
        }

        package init(
            beganAt: Instant, programmed: Quantity, delivered: Quantity, atWork: [AtWork] = [],
            carbohydrateGrams: Int? = nil
        ) {
            self.beganAt = beganAt
            self.programmed = programmed
            self.delivered = delivered
            self.atWork = atWork
            self.carbohydrateGrams = carbohydrateGrams
        }
    }

    /// Why a pump gives a dose beside its basal rate.
    package enum DoseKind: String, Equatable, Sendable {
        case automatic
        case extra
        case clinician
        case starting
    }

    /// What a cassette pump is set to give.
    package struct Prescription: Equatable, Sendable {
        package var milliliterPerHour: Quantity
        package var volume: Quantity
        package var startingDose: Quantity
        package var extraDose: Quantity
        package var lockoutSeconds: Int

        package init(
            milliliterPerHour: Quantity, volume: Quantity, startingDose: Quantity = .milliliters(thousandths: 0),
            extraDose: Quantity = .milliliters(thousandths: 0), lockoutSeconds: Int = 0
        ) {
            self.milliliterPerHour = milliliterPerHour
            self.volume = volume
            self.startingDose = startingDose
            self.extraDose = extraDose
            self.lockoutSeconds = lockoutSeconds
        }
    }
}

/// An act and when it happens.
package struct TimedAct: Equatable, Sendable {
    package let at: Instant
    package let act: PumpAct

    package init(_ at: Instant, _ act: PumpAct) {
        self.at = at
        self.act = act
    }
}
