/// The two families of record lengths. Which one a pump has depends on its model alone.
enum RecordSize: String, CaseIterable, Sendable {
    /// 508, 511, 512, 515, 522 and their 7xx sisters.
    case older = "x22 and older"
    /// 523, 530, 540, 551, 554 and their 7xx sisters.
    case larger = "x23 and newer"

    /// Reads a model as a person or the pump writes it: `515`, `MMT-722NAS`, `Paradigm 554`.
    ///
    /// The first digit is the reservoir (5: 1.8 mL, 7: 3 mL), the other two the generation: 23 and above have larger
    /// records. So 551, 554, 751 and 754 are larger, and 511 is not. Nil for anything that is no 5xx or 7xx number.
    init?(model: String) {
        var digits: [UInt8] = []
        for c in model.utf8 {
            if (48...57).contains(c) {
                digits.append(c - 48)
            } else if digits.count == 3 {
                break
            } else {
                digits = []
            }
        }
        guard digits.count == 3, let first = digits.first, first == 5 || first == 7 else { return nil }
        let generation = digits.dropFirst().reduce(0) { $0 * 10 + Int($1) }
        self = generation >= 23 ? .larger : .older
    }
}
