import PumpCore

/// Who the pump is, as its answers to four questions tell. Only the serial number has to be answered: not every firmware
/// knows every question.
struct MivaIntroduction: Hashable, Sendable {
    private(set) var serial: String?
    private var firmware: String?
    private var library: String?
    private var platform: String?
    private var questions: [MivaCommand] = [.serialNumber, .firmware, .library, .platform]

    /// The next question, which is not asked again; nil after the last one.
    mutating func nextQuestion() -> MivaCommand? { questions.isEmpty ? nil : questions.removeFirst() }

    /// Takes the payload of a reply; any other than to the four questions says nothing here.
    mutating func hear(_ payload: [UInt8]) {
        let said = MivaSerial.printable(payload.dropFirst(2))
        switch String(decoding: payload.prefix(2), as: UTF8.self) {
        case MivaCommand.serialNumber.code: serial = MivaSerial.text(said) ?? serial
        case MivaCommand.firmware.code: firmware = said.isEmpty ? nil : said
        case MivaCommand.library.code: library = said.isEmpty ? nil : said
        case MivaCommand.platform.code: platform = said.isEmpty ? nil : said
        default: break
        }
    }

    /// What decides the meaning of types 3 and 14; the library's version where the pump does not say the firmware's.
    var statedFirmware: String? { firmware ?? library }

    /// Nil before the serial number is known.
    var identity: PumpIdentity? {
        serial.map {
            PumpIdentity(
                serial: $0, driver: PumpDriver.mivaName, model: MivaSerial.model(platform: platform),
                firmware: statedFirmware)
        }
    }
}
