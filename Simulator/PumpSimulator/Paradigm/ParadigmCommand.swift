/// The commands that a reader may send to a Paradigm pump. Every other number changes therapy, clock or keys, or is of
/// no use to a reader; the simulated pump treats it as a violation.
enum ParadigmCommand: UInt8, CaseIterable {
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
    case oldestPage = 157
    case settings = 192
    case pumpStatus = 206

    /// What is known of numbers that a host must not send, for the message.
    static func danger(_ number: UInt8) -> String {
        switch number {
        case 64, 91: "it changes settings or presses keys"
        case 66: "it gives a bolus"
        case 74...76, 78, 79, 105: "it changes therapy or clock"
        case 77: "it suspends or resumes delivery"
        case 104: "it changes the pump's ids"
        default: "it is not on the allow-list"
        }
    }
}
