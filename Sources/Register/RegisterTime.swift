package import PumpCore

/// A time as the register writes it: a bare date, a civil time, or a moment with an offset.
package enum RegisterTime: Hashable, Sendable {
    case date(CivilDate)
    case civil(CivilDateTime)
    case moment(Instant)

    /// Reads `YYYY-MM-DD` or `YYYY-MM-DDTHH:MM[:SS][offset]`.
    package init?(_ text: some StringProtocol) {
        if let date = CivilDate(text) {
            self = .date(date)
        } else if let civil = CivilDateTime(text) {
            self = .civil(civil)
        } else if let moment = Instant(text) {
            self = .moment(moment)
        } else {
            return nil
        }
    }

    /// The instant that a `from` or `starts` column means: a bare date begins at its midnight.
    package func start(in zone: HomeZone) -> Instant {
        switch self {
        case .date(let date): zone.instant(CivilDateTime(date))
        case .civil(let civil): zone.instant(civil)
        case .moment(let instant): instant
        }
    }

    /// The first instant that a `to` or `ends` column no longer covers: a bare date is covered whole.
    package func end(in zone: HomeZone) -> Instant {
        switch self {
        case .date(let date): zone.instant(CivilDateTime(date.adding(days: 1)))
        case .civil(let civil): zone.instant(civil)
        case .moment(let instant): instant
        }
    }

    /// `start` and `end` on the wall clock of the home zone.
    package func civilStart(in zone: HomeZone) -> CivilDateTime {
        switch self {
        case .date(let date): CivilDateTime(date)
        case .civil(let civil): civil
        case .moment(let instant): zone.civil(instant)
        }
    }

    package func civilEnd(in zone: HomeZone) -> CivilDateTime {
        switch self {
        case .date(let date): CivilDateTime(date.adding(days: 1))
        case .civil(let civil): civil
        case .moment(let instant): zone.civil(instant)
        }
    }

    /// The civil date in the home zone on which it falls.
    package func date(in zone: HomeZone) -> CivilDate { civilStart(in: zone).date }
}

extension RegisterTime: CustomStringConvertible {
    package var description: String {
        switch self {
        case .date(let date): date.description
        case .civil(let civil): civil.description
        case .moment(let instant): instant.description
        }
    }
}
