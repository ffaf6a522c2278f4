/// The questions that a reader may put to a MIVA. Everything else changes the pump or its keys, or is of no use to a
/// reader; the simulated pump treats it as a violation.
enum MivaCommand: Equatable {
    case indexes
    case event(index: String)
    /// R and Q commands without an argument, by their two characters.
    case plain(String)
    case identification
    case serial
    case volumeInfused
    case screen
    /// Named by the maker, but nobody published what a pump answers.
    case unpublished

    static let plainCodes: Set<String> = [
        "RC", "RN", "RS", "RL", "RM", "RB", "R3", "R7", "R8", "R9", "RA", "RD", "Q0", "Q3", "Q4",
    ]

    /// Nil for what a reader must not send. The long commands may be written in any case, whole or by their short form.
    init?(_ payload: [UInt8]) {
        let text = String(decoding: payload, as: UTF8.self)
        switch text {
        case "RI": self = .indexes
        case _ where Self.plainCodes.contains(text): self = .plain(text)
        case _ where text.hasPrefix("RE") && text.utf8.count == 10: self = .event(index: String(text.dropFirst(2)))
        case _ where text.hasPrefix("*") || text.hasPrefix(":"):
            guard let long = Self.long(text.uppercased()) else { return nil }
            self = long
        default: return nil
        }
    }

    private static func long(_ text: String) -> MivaCommand? {
        guard text.hasSuffix("?") else { return nil }
        if text == "*IDN?" { return .identification }
        let words = text.dropFirst().dropLast().split(separator: ":", omittingEmptySubsequences: false)
        switch (words.first ?? "", words.count) {
        case ("SERIAL", 1): return .serial
        case ("SCREEN", 1), ("SCREENSHOT", 1): return .screen
        case ("INFU", 2), ("INFUSION", 2): return words.last == "VINF" ? .volumeInfused : nil
        case ("EVENT", 2), ("EVENTLOG", 2), ("TIME", 2), ("TIMESTAMP", 2): return .unpublished
        default: return nil
        }
    }

    /// What is known of codes that a host must not send, for the message.
    static func danger(_ text: String) -> String {
        switch text.first {
        case "W": "it writes to the pump"
        case "K": "it presses a key of the pump"
        case "S": "it makes the pump send its sensors without end"
        default: "it is not on the allow-list"
        }
    }
}
