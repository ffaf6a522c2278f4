/// What types 3 and 14 stand for: it changed with the firmware.
enum MivaMeaning: String, CaseIterable, Hashable, Sendable {
    /// 3 is an infusion completed, 14 an opened cassette holder.
    case older
    /// 3 is an empty cassette, 14 a detached one.
    case newer

    /// Older firmware has no type above this one, so a log that holds one is from newer firmware.
    static let lastTypeOfOlder = 22
    /// The first major version that is taken for newer firmware. The maker's reader names both lists of types and no
    /// version at which they changed, so this is a decision, to be replaced by the maker's word.
    static let firstNewerMajor = 2

    /// Nil where the text has no version number and does not say `older` or `newer`.
    init?(firmware: String?) {
        guard let firmware = firmware?.lowercased() else { return nil }
        if let said = Self.allCases.first(where: { firmware.contains($0.rawValue) }) {
            self = said
            return
        }
        let digits = firmware.drop { !$0.isASCII || !$0.isNumber }.prefix { $0.isASCII && $0.isNumber }
        guard let major = Int(digits.prefix(6)) else { return nil }
        self = major < Self.firstNewerMajor ? .older : .newer
    }

    /// What the log itself proves.
    init?(provenBy events: [MivaSlot]) {
        guard events.contains(where: { $0.type > Self.lastTypeOfOlder && $0.type <= MivaEvent.lastType }) else {
            return nil
        }
        self = .newer
    }
}
