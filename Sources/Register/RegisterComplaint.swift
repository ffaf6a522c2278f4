package import PumpCore

/// What is wrong with a file, a row or a cell, and how to mend it. Values of the file stay out of these sentences: they
/// stand in the excerpt alone.
package enum RegisterComplaint: Error, Hashable, Sendable {
    // The folder or a whole file.
    case noFile
    case unreadable(String)
    case empty(columns: [String])
    case csv(CSVFault.Kind)
    // The header line.
    case unnamedColumn
    case columnTwice
    case columnMissing(String)
    case columnMisspelt(String)
    case separator(String)
    // A row.
    case ragged(fields: Int, header: Int)
    case blankRow
    case keyTwice(columns: [String], line: Int)
    case unknownReference(to: RegisterTable)
    case unknownPayer([String])
    case bothSchedules
    case endBeforeStart(startColumn: String)
    case channelTaken(by: RowOrigin, isStored: Bool)
    case sequenceTwice(line: Int)
    case newTimeMissing
    // A cell.
    case missing
    case tooLong(Int)
    case controlCharacter
    case surroundingBlanks
    case notADate
    case notATime
    case notACivilTime
    case notAZone
    case notAChoice([String])
    case notAWholeNumber
    case notADecimal(DecimalRange)
    case outside(low: String, high: String)
    case notHCPCS
    case notHCPCSList
    case notBilledCode
    case notTimesOfDay
    case timesNotAscending
    case notAnNPI
    case wrongCheckDigit
    case notModifiers
    // A stored entry.
    case unknownTable

    package var why: String {
        switch self {
        case .noFile: "The folder holds no file of the register."
        case .unreadable(let reason): "The file cannot be read: \(reason)."
        case .empty: "The file is empty."
        case .csv(let kind): kind.why
        case .unnamedColumn: "This column has no name."
        case .columnTwice: "Two columns have this name."
        case .columnMissing(let name): "The column `\(name)` is missing."
        case .columnMisspelt(let name): "This is not the column `\(name)`, but nearly."
        case .separator(let name): "The fields are separated by \(name), not by commas."
        case .ragged(let fields, let header): "The row has \(fields) fields, the header names \(header)."
        case .blankRow: "The row is empty."
        case .keyTwice(let columns, let line): "Line \(line) has the same \(columns.listed)."
        case .unknownReference(let table):
            "No row of \(table.file) and none in the ledger has this `\(table.idColumn)`."
        case .unknownPayer: "There are no rules for this payer."
        case .bothSchedules: "The row has `dose_times` and `dose_interval_hours`."
        case .endBeforeStart(let column): "This is not after `\(column)`."
        case .channelTaken(let origin, let isStored):
            "This channel of the pump serves another order at that time: "
                + (origin.line == 0
                    ? "\(origin.file)."
                    : "line \(origin.line)" + (isStored ? " of \(origin.file) in an earlier import." : "."))
        case .sequenceTwice(let line): "Line \(line) has the same sequence with other content."
        case .newTimeMissing: "The row does not say what the pump's clock was set to."
        case .missing: "The field is empty."
        case .tooLong(let limit): "The text has more than \(limit) characters."
        case .controlCharacter: "The text holds a control character, or one that hides or reorders text."
        case .surroundingBlanks: "The id begins or ends with a blank."
        case .notADate: "This is not a day of the calendar."
        case .notATime: "This is neither a day nor a time of the calendar."
        case .notACivilTime: "This is not a time of the calendar."
        case .notAZone: "This is not the IANA name of a time zone."
        case .notAChoice: "The column does not know this word."
        case .notAWholeNumber: "This is not a whole number."
        case .notADecimal: "This is not a number as the column takes it."
        case .outside(let low, let high): "The number is not between \(low) and \(high)."
        case .notHCPCS, .notBilledCode: "This is not an HCPCS code."
        case .notHCPCSList: "This is not a list of HCPCS codes."
        case .notTimesOfDay: "These are not times of the day."
        case .timesNotAscending: "The times do not ascend, or one stands twice."
        case .notAnNPI: "An NPI has ten digits."
        case .wrongCheckDigit: "The check digit of the NPI is wrong."
        case .notModifiers: "A modifier is two capital letters or digits."
        case .unknownTable: "This version does not know the table of this entry."
        }
    }

    package var remedy: String {
        switch self {
        case .noFile:
            "Name the folder that holds patients.csv, orders.csv and the others; `--template` writes empty ones."
        case .unreadable: "Check the file and its permissions."
        case .empty(let columns): "Its first line must name the columns: \(columns.joined(separator: ","))."
        case .csv(let kind): kind.remedy
        case .unnamedColumn: "Name it, or delete it."
        case .columnTwice: "Delete or rename one of them."
        case .columnMissing(let name): "Add `\(name)` to the first line, and its values below."
        case .columnMisspelt(let name): "Write `\(name)`."
        case .separator: "Save the file as CSV with commas."
        case .ragged: "Put quotes around a text that holds a comma; an empty field keeps its comma."
        case .blankRow: "Delete it; spreadsheets leave such rows at the end."
        case .keyTwice: "Keep one of the two rows."
        case .unknownReference(let table): "Correct it, or add the row to \(table.file)."
        case .unknownPayer(let payers):
            "Write one of: \(payers.joined(separator: ", ")); or import with --rules DIR and the payer's own profile in it."
        case .bothSchedules: "Leave one of the two empty."
        case .endBeforeStart: "Correct one of the two, or leave this one empty while it is not known."
        case .channelTaken: "End the earlier assignment in its column `to`, or correct pump or channel."
        case .sequenceTwice: "Give every event of a pump a number of its own."
        case .newTimeMissing: "Write the new device time in the note: 2026-10-05T06:00."
        case .missing: "This column must be filled in every row."
        case .tooLong: "Shorten it."
        case .controlCharacter: "Delete it; copying the visible text by hand helps."
        case .surroundingBlanks: "Delete the blank."
        case .notADate: "Write it as YYYY-MM-DD: 2026-10-05."
        case .notATime: "Write 2026-10-05, 2026-10-05T06:00 or 2026-10-05T06:00-04:00."
        case .notACivilTime: "Write it as YYYY-MM-DDTHH:MM[:SS], without offset: 2026-10-05T06:00."
        case .notAZone: "Write a name such as America/New_York; abbreviations and offsets hide daylight saving."
        case .notAChoice(let words): "Write one of: \(words.joined(separator: ", "))."
        case .notAWholeNumber: "Write digits only, without sign, point, comma or blank: 30."
        case .notADecimal(let range):
            "Write digits, with a point and at most \(range.places) decimals: 2.5; no sign, comma, unit or exponent."
        case .outside: "Correct the number."
        case .notHCPCS: "Write a capital letter and four digits: A4222."
        case .notHCPCSList: "Write a capital letter and four digits; separate two codes with a semicolon: J1455;J2260."
        case .notBilledCode: "Write a capital letter and four digits: A4222; or \(CellText.perDiem)."
        case .notTimesOfDay: "Write hours and minutes, separated by semicolons: 06:00;18:00."
        case .timesNotAscending: "Write each time once, the earliest first: 06:00;18:00."
        case .notAnNPI: "Write its digits only: 1234567893."
        case .wrongCheckDigit: "Compare it with the order: a digit is wrong, or two have changed places."
        case .notModifiers: "Separate several with a semicolon or a blank: KX;RR."
        case .unknownTable: "Use the version that wrote the ledger, or a newer one."
        }
    }
}

extension CSVFault.Kind {
    fileprivate var why: String {
        switch self {
        case .fileTooLong(let limit): "The file is larger than \(limit >> 20) MiB."
        case .notUTF8: "This byte is not UTF-8."
        case .nul: "The file holds a NUL byte here."
        case .quoteInPlainField: "A quote stands inside a field that does not begin with one."
        case .textAfterQuote: "Text stands after the closing quote of the field."
        case .unterminatedQuote: "The quote that opens this field is never closed."
        case .bareCarriageReturn: "A carriage return without a line feed stands here."
        case .fieldTooLong(let limit): "The field is longer than \(limit >> 10) KiB."
        case .tooManyFields(let limit): "The row has more than \(limit) fields."
        case .tooManyRows(let limit): "The file has more than \(limit) rows."
        }
    }

    fileprivate var remedy: String {
        switch self {
        case .fileTooLong, .tooManyRows: "Split it, and import one part after the other."
        case .notUTF8: "Save the file as CSV UTF-8."
        case .nul: "Save the file as CSV UTF-8, not as UTF-16 or as a spreadsheet."
        case .quoteInPlainField, .textAfterQuote:
            "Put the whole field in quotes, and double each quote inside: \"6\"\" tubing\"."
        case .unterminatedQuote: "Close it, or double it if it belongs to the text."
        case .bareCarriageReturn: "Save the file with line ends of Windows (CRLF) or Unix (LF)."
        case .fieldTooLong: "A closing quote may be missing; else shorten the text."
        case .tooManyFields: "Delete the columns that nobody needs."
        }
    }
}

extension RegisterTable {
    /// The column by which other files refer to a row.
    fileprivate var idColumn: String { keyColumns.first ?? "row" }
}

extension [String] {
    /// One name, or several with commas and an and.
    fileprivate var listed: String {
        let names = map { "`\($0)`" }
        guard let last = names.last, names.count > 1 else { return names.first ?? "row" }
        return names.dropLast().joined(separator: ", ") + " and " + last
    }
}
