/// What a report shows, before it has a format: text and CSV are made from the same sheet, so their numbers agree.
package struct Sheet: Sendable, Equatable {
    package struct Column: Sendable, Equatable {
        package var name: String
        package var isNumber: Bool
        /// Columns that only make sense to a machine are left out of the text form.
        package var inText: Bool

        package init(_ name: String, number: Bool = false, inText: Bool = true) {
            self.name = name
            isNumber = number
            self.inText = inText
        }
    }

    package enum Cell: Sendable, Equatable {
        case text(String)
        case integer(Int)
        /// "Does not apply" or "cannot assess": shown as a dash, empty in CSV, never as 0.
        case none
    }

    /// Lines above the table: what, which dates, which rules.
    package var heading: [String]
    package var columns: [Column]
    package var rows: [[Cell]]
    /// Sums of rows, for people only: a script or a spreadsheet that met them would count twice.
    package var totals: [[Cell]]
    /// Lines below it: coverage, gaps, holds, remarks.
    package var footing: [String]

    package init(
        heading: [String] = [], columns: [Column], rows: [[Cell]], totals: [[Cell]] = [], footing: [String] = []
    ) {
        self.heading = heading
        self.columns = columns
        self.rows = rows
        self.totals = totals
        self.footing = footing
    }
}

extension Sheet.Cell {
    package static func optional(_ text: String?) -> Sheet.Cell { text.map(Sheet.Cell.text) ?? .none }
    package static func optional(_ number: Int?) -> Sheet.Cell { number.map(Sheet.Cell.integer) ?? .none }
}

/// `1 record`, `2 records`.
func counted(_ number: Int, _ thing: String) -> String { "\(number) \(thing)" + (number == 1 ? "" : "s") }
