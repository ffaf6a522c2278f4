/// The commands that may ever go to a pump: each one reads, but for the first, which wakes its radio and lets it sleep
/// again. What sets therapy, clock, keys or suspends delivery (64, 66, 74 to 79, 91, 104, 105) has no case here, so no
/// packet with it can be built.
enum ParadigmCommand: UInt8, CaseIterable, Sendable {
    case radioPower = 93
    case clock = 112
    case pumpID = 113
    case battery = 114
    case remainingInsulin = 115
    case firmware = 116
    case errorStatus = 117
    case totalsToday = 121
    case historyPage = 128
    case pumpState = 131
    case model = 141
    case temporaryBasal = 152
    case pageNumber = 157
    case settings = 192
    case pumpStatus = 206

    var meaning: String {
        switch self {
        case .radioPower: "radio on for some minutes, or off"
        case .clock: "read the clock"
        case .pumpID: "read the serial number"
        case .battery: "read the battery voltage"
        case .remainingInsulin: "read what is left in the reservoir"
        case .firmware: "read the firmware version"
        case .errorStatus: "read the error status"
        case .totalsToday: "read the totals of today and yesterday"
        case .historyPage: "read a history page"
        case .pumpState: "read the pump's state"
        case .model: "read the model"
        case .temporaryBasal: "read the temporary basal rate"
        case .pageNumber: "read the number of the oldest history page"
        case .settings: "read the settings"
        case .pumpStatus: "read the status"
        }
    }

    /// How many answers the stick waits for.
    var answers: PumpPacket.Answers {
        switch self {
        case .radioPower: .none
        case .historyPage: .many
        default: .one
        }
    }

    /// How long the radio stays on if nobody turns it off, in minutes; the maker's software asks for as many.
    private static let radioMinutes: UInt8 = 10
    static let radioOn: [UInt8] = [0x01, radioMinutes]
    static let radioOff: [UInt8] = [0x00, 0x00]
}
