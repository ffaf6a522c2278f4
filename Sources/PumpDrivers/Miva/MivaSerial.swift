/// How a MIVA names itself.
enum MivaSerial {
    static let length = 8

    /// The serial number as the pump writes it: 8 letters or digits. Nil for anything else.
    static func text(_ said: String) -> String? {
        guard said.utf8.count == length, said.utf8.allSatisfy(isLetterOrDigit) else { return nil }
        return said
    }

    /// What a pump says in characters: printable ASCII, without blanks at either end.
    static func printable(_ bytes: some Sequence<UInt8>) -> String {
        let text = String(decoding: bytes.filter { (0x20...0x7E).contains($0) }, as: UTF8.self)
        return String(text.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: false
        }
    }

    /// The platform behind the reply to `RM`: `00` is H, `01` is K, anything else C.
    static func model(platform: String?) -> String {
        switch platform {
        case nil: "MIVA"
        case "00"?: "MIVA platform H"
        case "01"?: "MIVA platform K"
        case _?: "MIVA platform C"
        }
    }
}
