/// A sheet for a spreadsheet: RFC 4180, UTF-8, a header line and the rows; nothing above and nothing below, so that a
/// script can read it. What a person must know beside it goes to the messages.
package enum CSVReport {
    package static func render(_ sheet: Sheet) -> String {
        var out = sheet.columns.map { SafeText.csv($0.name) }.joined(separator: ",") + "\r\n"
        for row in sheet.rows {
            out += row.map(cell).joined(separator: ",") + "\r\n"
        }
        return out
    }

    private static func cell(_ cell: Sheet.Cell) -> String {
        switch cell {
        case .text(let text): SafeText.csv(text)
        case .integer(let number): String(number)
        case .none: ""
        }
    }
}
