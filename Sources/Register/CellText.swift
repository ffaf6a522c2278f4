import PumpCore

/// How the texts of cells are read. Every function takes a cell that is not empty and gives its value or why it has none.
enum CellText {
    /// Nine digits: sums of a million of them fit.
    static let largestNumber = 999_999_999
    static let perDiem = "per-diem"

    static func id(_ cell: String) throws(RegisterComplaint) -> String {
        guard cell.utf8.count <= ColumnForm.idLength || cell.unicodeScalars.count <= ColumnForm.idLength else {
            throw .tooLong(ColumnForm.idLength)
        }
        let isPlain = cell.utf8.allSatisfy { (0x21...0x7E).contains($0) }
        if isPlain { return cell }
        guard !cell.unicodeScalars.contains(where: isInvisible) else { throw .controlCharacter }
        guard let first = cell.unicodeScalars.first, let last = cell.unicodeScalars.last,
            !first.properties.isWhitespace, !last.properties.isWhitespace
        else { throw .surroundingBlanks }
        return cell
    }

    static func text(_ cell: String) throws(RegisterComplaint) -> String {
        guard cell.utf8.count <= ColumnForm.textLength || cell.unicodeScalars.count <= ColumnForm.textLength else {
            throw .tooLong(ColumnForm.textLength)
        }
        guard !cell.unicodeScalars.contains(where: { isInvisible($0) && !"\t\r\n".unicodeScalars.contains($0) }) else {
            throw .controlCharacter
        }
        guard !cell.unicodeScalars.allSatisfy(\.properties.isWhitespace) else { throw .missing }
        return cell
    }

    /// Controls, and the format characters that reorder or hide text on a screen.
    private static func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII { return scalar.value < 0x20 || scalar.value == 0x7F }
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: return true
        default: return false
        }
    }

    static func wholeNumber(_ cell: String, in range: ClosedRange<Int>) throws(RegisterComplaint) -> Int {
        guard cell.utf8.allSatisfy(isDigit) else { throw .notAWholeNumber }
        guard cell.utf8.count <= 18, let number = Int(cell), range.contains(number) else {
            throw .outside(low: String(range.lowerBound), high: String(range.upperBound))
        }
        return number
    }

    static func decimal(_ cell: String, in range: DecimalRange) throws(RegisterComplaint) -> Double {
        let parts = cell.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count <= 2, parts.allSatisfy({ !$0.isEmpty && $0.allSatisfy(isDigit) }) else {
            throw .notADecimal(range)
        }
        guard parts.count == 1 || parts[1].count <= range.places else { throw .notADecimal(range) }
        guard parts[0].count <= 15, let number = Double(cell), (range.low...range.high).contains(number) else {
            throw .outside(low: plain(range.low), high: plain(range.high))
        }
        return number
    }

    /// A number without exponent or superfluous zeros.
    static func plain(_ number: Double) -> String {
        let millionths = Int((number * 1_000_000).rounded())
        var fraction = padded(millionths % 1_000_000, 6)
        while fraction.hasSuffix("0") { fraction.removeLast() }
        return String(millionths / 1_000_000) + (fraction.isEmpty ? "" : "." + fraction)
    }

    static func isHCPCS(_ cell: some StringProtocol) -> Bool {
        cell.utf8.count == 5 && cell.utf8.first.map(isCapital) == true && cell.utf8.dropFirst().allSatisfy(isDigit)
    }

    static func modifiers(_ cell: String) throws(RegisterComplaint) -> [String] {
        let modifiers = cell.split { $0 == ";" || $0 == " " }.map(String.init)
        guard !modifiers.isEmpty,
            modifiers.allSatisfy({ $0.utf8.count == 2 && $0.utf8.allSatisfy { isCapital($0) || isDigit($0) } })
        else { throw .notModifiers }
        return modifiers
    }

    /// Ten digits, the last of which makes the Luhn sum of `80840` and the number divisible by ten (45 CFR 162.406).
    static func npi(_ cell: String) throws(RegisterComplaint) -> String {
        let digits = cell.utf8.map { Int($0) - 48 }
        guard digits.count == 10, cell.utf8.allSatisfy(isDigit) else { throw .notAnNPI }
        let sum = ([8, 0, 8, 4, 0] + digits).reversed().enumerated().reduce(0) { sum, digit in
            let doubled = digit.offset.isMultiple(of: 2) ? digit.element : digit.element * 2
            return sum + doubled / 10 + doubled % 10
        }
        guard sum.isMultiple(of: 10) else { throw .wrongCheckDigit }
        return cell
    }

    /// Seconds of the civil day, ascending.
    static func timesOfDay(_ cell: String) throws(RegisterComplaint) -> [Int] {
        var times: [Int] = []
        for text in cell.split(separator: ";", omittingEmptySubsequences: false) {
            guard text.utf8.count == 5, let time = CivilDateTime.secondOfDay(text.utf8) else { throw .notTimesOfDay }
            times.append(time)
        }
        guard zip(times, times.dropFirst()).allSatisfy({ $0 < $1 }) else { throw .timesNotAscending }
        return times
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }
    private static func isCapital(_ byte: UInt8) -> Bool { (65...90).contains(byte) }
}
