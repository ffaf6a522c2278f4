/// What the pump's own clock said, before anybody corrected it.
package enum DeviceTime: Hashable, Codable, Sendable {
    /// A calendar clock: a wall-clock time without a zone.
    case civil(CivilDateTime)
    /// A counter: seconds since the pump's firmware was loaded. It has a meaning only beside a reading of the same
    /// counter at a known moment.
    case counter(seconds: Int)

    package var civil: CivilDateTime? { if case .civil(let time) = self { time } else { nil } }
    package var counterSeconds: Int? { if case .counter(let seconds) = self { seconds } else { nil } }
}

extension DeviceTime: CustomStringConvertible {
    package var description: String {
        switch self {
        case .civil(let time): time.description
        case .counter(let seconds): "+\(seconds)s"
        }
    }
}
