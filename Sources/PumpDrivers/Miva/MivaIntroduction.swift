import PumpCore

/// Who the pump is, as its answers to four questions tell. Only the serial number has to be answered: not every firmware
/// knows every question.
struct MivaIntroduction: Hashable, Sendable {
    /// As it was heard, each time. The sum of a frame has eight bits, and a wrong number would make another pump of this
    /// one: who can ask asks until two answers agree.
    private var serials: [String] = []
    private static let mostSerialQuestions = 3
    private var serialQuestionsLeft = mostSerialQuestions
    private var firmware: String?
    private var library: String?
    private var platform: String?
    private var questions: [MivaCommand] = [.firmware, .library, .platform]

    /// The number that two answers agree on, else the last one that was heard.
    var serial: String? { confirmedSerial ?? serials.last }

    var confirmedSerial: String? { serials.first { said in serials.count { $0 == said } > 1 } }

    /// The next question; nil after the last one, and where no two of three answers agree on the serial number.
    mutating func nextQuestion() -> MivaCommand? {
        if confirmedSerial == nil {
            guard serialQuestionsLeft > 0 else { return nil }
            serialQuestionsLeft -= 1
            return .serialNumber
        }
        return questions.isEmpty ? nil : questions.removeFirst()
    }

    /// Takes the payload of a reply; any other than to the four questions says nothing here.
    mutating func hear(_ payload: [UInt8]) {
        let said = MivaSerial.printable(payload.dropFirst(2))
        switch String(decoding: payload.prefix(2), as: UTF8.self) {
        case MivaCommand.serialNumber.code:
            if serials.count < Self.mostSerialQuestions { serials += MivaSerial.text(said).map { [$0] } ?? [] }
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
