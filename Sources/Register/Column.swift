import PumpCore

/// A column with the type of its values: description and reading in one place, so that the template, the validator and
/// the typed rows cannot drift apart.
struct Column<Value: Sendable>: Sendable {
    typealias Reading = @Sendable (String) throws(RegisterComplaint) -> Value

    let description: ColumnDescription
    /// Reads a cell that is not empty.
    let read: Reading

    enum Presence: Sendable {
        case filled
        case mayBeEmpty
    }

    init(_ name: String, _ presence: Presence, _ form: ColumnForm, _ meaning: String, read: @escaping Reading) {
        description = ColumnDescription(
            name: name, isRequired: presence == .filled, form: form, meaning: meaning)
        self.read = read
    }

    var name: String { description.name }
}

extension Column<String> {
    static func id(_ name: String, _ presence: Presence, _ meaning: String) -> Column {
        Column(name, presence, .id, meaning, read: CellText.id)
    }

    static func text(_ name: String, _ presence: Presence, _ meaning: String) -> Column {
        Column(name, presence, .text, meaning, read: CellText.text)
    }

    static func choice(_ name: String, _ presence: Presence, of words: [String], _ meaning: String) -> Column {
        Column(name, presence, .choice(words), meaning) { (cell) throws(RegisterComplaint) in
            guard words.contains(cell) else { throw .notAChoice(words) }
            return cell
        }
    }

    static func hcpcs(_ name: String, _ meaning: String) -> Column {
        Column(name, .filled, .hcpcs, meaning) { (cell) throws(RegisterComplaint) in
            guard CellText.isHCPCS(cell) else { throw .notHCPCS }
            return cell
        }
    }

    static func billedCode(_ name: String, _ meaning: String) -> Column {
        Column(name, .filled, .billedCode, meaning) { (cell) throws(RegisterComplaint) in
            guard CellText.isHCPCS(cell) || cell == CellText.perDiem else { throw .notBilledCode }
            return cell
        }
    }

    static func npi(_ name: String, _ meaning: String) -> Column {
        Column(name, .mayBeEmpty, .npi, meaning, read: CellText.npi)
    }
}

extension Column<[String]> {
    static func hcpcsList(_ name: String, _ meaning: String) -> Column {
        Column(name, .mayBeEmpty, .hcpcsList, meaning) { (cell) throws(RegisterComplaint) in
            let codes = cell.split(separator: ";", omittingEmptySubsequences: false).map(String.init)
            guard codes.allSatisfy(CellText.isHCPCS) else { throw .notHCPCSList }
            return codes
        }
    }

    static func modifiers(_ name: String, _ meaning: String) -> Column {
        Column(name, .mayBeEmpty, .modifiers, meaning, read: CellText.modifiers)
    }
}

extension Column<CivilDate> {
    static func date(_ name: String, _ presence: Presence, _ meaning: String) -> Column {
        Column(name, presence, .date, meaning) { (cell) throws(RegisterComplaint) in
            guard let date = CivilDate(cell) else { throw .notADate }
            return date
        }
    }
}

extension Column<RegisterTime> {
    static func time(_ name: String, _ presence: Presence, _ meaning: String) -> Column {
        Column(name, presence, .time, meaning) { (cell) throws(RegisterComplaint) in
            guard let time = RegisterTime(cell) else { throw .notATime }
            return time
        }
    }
}

extension Column<CivilDateTime> {
    static func civilTime(_ name: String, _ presence: Presence, _ meaning: String) -> Column {
        Column(name, presence, .civilTime, meaning) { (cell) throws(RegisterComplaint) in
            guard let time = CivilDateTime(cell) else { throw .notACivilTime }
            return time
        }
    }
}

extension Column<HomeZone> {
    static func zone(_ name: String, _ meaning: String) -> Column {
        Column(name, .filled, .zone, meaning) { (cell) throws(RegisterComplaint) in
            guard let zone = HomeZone(identifier: cell) else { throw .notAZone }
            return zone
        }
    }
}

extension Column<Int> {
    static func wholeNumber(
        _ name: String, _ presence: Presence, in range: ClosedRange<Int> = 0...CellText.largestNumber, _ meaning: String
    ) -> Column {
        Column(name, presence, .wholeNumber(range), meaning) { (cell) throws(RegisterComplaint) in
            try CellText.wholeNumber(cell, in: range)
        }
    }
}

extension Column<Double> {
    static func decimal(_ name: String, _ range: DecimalRange, _ meaning: String) -> Column {
        Column(name, .mayBeEmpty, .decimal(range), meaning) { (cell) throws(RegisterComplaint) in
            try CellText.decimal(cell, in: range)
        }
    }
}

extension Column<Quantity> {
    static func volume(_ name: String, _ meaning: String) -> Column {
        Column(name, .mayBeEmpty, .decimal(.attestedVolume), meaning) { (cell) throws(RegisterComplaint) in
            _ = try CellText.decimal(cell, in: .attestedVolume)
            guard let volume = Quantity(milliliters: cell) else { throw .notADecimal(.attestedVolume) }
            return volume
        }
    }
}

extension Column<[Int]> {
    static func timesOfDay(_ name: String, _ meaning: String) -> Column {
        Column(name, .mayBeEmpty, .timesOfDay, meaning, read: CellText.timesOfDay)
    }
}

extension Column where Value: CaseIterable & RawRepresentable<String> {
    static func choice(_ name: String, _ presence: Presence, _ meaning: String) -> Column {
        let words = Value.allCases.map(\.rawValue)
        return Column(name, presence, .choice(words), meaning) { (cell) throws(RegisterComplaint) in
            guard let value = Value(rawValue: cell) else { throw .notAChoice(words) }
            return value
        }
    }
}
