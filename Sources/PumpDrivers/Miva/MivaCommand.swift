/// A question that this driver may put to a MIVA pump. There is no case for anything that changes the pump (`W…`, `K…`,
/// `S9`), so no session can send it.
///
/// Source: the maker's own reader (PyPI `pyZynoUnifiedDrivers` 0.0.9).
enum MivaCommand: Hashable, Sendable {
    /// Tail and head of the ring.
    case indexes
    /// The 16 bytes of one ring slot.
    case event(Int)
    case clock
    case serialNumber
    case firmware
    case library
    case platform
    case baseYear
    case totalVolume
    case batteryVoltage
    case productLife
    case onTime
    case batteryCalibration
    case occlusionSensors
    case infusionMode
    case infusionTime
    case rateUnit
    case identification
    case serialByName
    case volumeInfused

    /// What every reply begins with: the first two characters of a command of two letters; nothing for the long ones.
    var code: String {
        switch self {
        case .indexes: "RI"
        case .event: "RE"
        case .clock: "RC"
        case .serialNumber: "RN"
        case .firmware: "RS"
        case .library: "RL"
        case .platform: "RM"
        case .baseYear: "RB"
        case .totalVolume: "R3"
        case .batteryVoltage: "R7"
        case .productLife: "R8"
        case .onTime: "R9"
        case .batteryCalibration: "RA"
        case .occlusionSensors: "RD"
        case .infusionMode: "Q0"
        case .infusionTime: "Q3"
        case .rateUnit: "Q4"
        case .identification: "*IDN?"
        case .serialByName: ":SERIAL?"
        case .volumeInfused: ":INFUsion:VINF?"
        }
    }

    /// The characters that go into the frame.
    var payload: [UInt8] {
        switch self {
        case .event(let index): Array(code.utf8) + upperHex(index, digits: 8)
        default: Array(code.utf8)
        }
    }

    /// Everything that may be sent, as the driver table states it.
    static let allowed: [PumpDriver.Command] = [
        .init("RI", "tail and head of the event ring"),
        .init("RE", "one event, by its ring index"),
        .init("RC", "the pump's clock"),
        .init("RN", "the pump's serial number"),
        .init("RS", "firmware version"),
        .init("RL", "drug library name and version"),
        .init("RM", "platform"),
        .init("RB", "base year of the clock"),
        .init("R3", "total volume infused"),
        .init("R7", "battery voltage"),
        .init("R8", "calibration and rotations"),
        .init("R9", "time switched on"),
        .init("RA", "battery calibration and voltage"),
        .init("RD", "occlusion sensors"),
        .init("Q0", "infusion mode"),
        .init("Q3", "infusion time"),
        .init("Q4", "rate unit"),
        .init("*IDN?", "identification"),
        .init(":SERIAL?", "serial number"),
        .init(":INFUsion:VINF?", "volume infused"),
    ]
}

/// Upper-case hexadecimal digits, leading zeros, as the pump writes numbers.
func upperHex(_ number: Int, digits: Int) -> [UInt8] {
    let alphabet = Array("0123456789ABCDEF".utf8)
    return (0..<max(0, digits)).reversed().map { place in alphabet[(number >> (4 * place)) & 15] }
}

/// The number that upper-case hexadecimal digits spell; nil for anything else, lower case included: the pump writes
/// upper case, and a flipped bit turns `A` into `a`.
func upperHexValue(_ digits: some Collection<UInt8>) -> Int? {
    guard !digits.isEmpty, digits.count <= 8 else { return nil }
    var value = 0
    for digit in digits {
        switch digit {
        case 0x30...0x39: value = value << 4 | Int(digit - 0x30)
        case 0x41...0x46: value = value << 4 | Int(digit - 0x37)
        default: return nil
        }
    }
    return value
}
