/// One mistake in a file, as a person wants to read it: where, the line itself, why, and how to mend it.
///
/// The excerpt holds what the file holds: it is for the person who imports, never for a log.
package struct RegisterError: Error, Hashable, Sendable {
    package var file: String
    /// From 1; nil where the mistake is not in a line.
    package var line: Int?
    /// Characters from the begin of the line, from 1.
    package var column: Int?
    package var columnName: String?
    package var excerpt: Excerpt?
    package var complaint: RegisterComplaint

    package var why: String { complaint.why }
    package var remedy: String { complaint.remedy }

    init(
        file: String, line: Int? = nil, column: Int? = nil, columnName: String? = nil, excerpt: Excerpt? = nil,
        _ complaint: RegisterComplaint
    ) {
        self.file = file
        self.line = line
        self.column = column
        self.columnName = columnName
        self.excerpt = excerpt
        self.complaint = complaint
    }

    /// A mistake in a row that comes from the ledger: all that is left of its line is the cell.
    init(stored origin: RowOrigin, columnName: String, cell: String, _ complaint: RegisterComplaint) {
        self.init(
            file: origin.file, line: origin.line, columnName: columnName, excerpt: Excerpt(cell: cell), complaint)
    }

    /// `deliveries.csv:7:24`
    package var place: String { ([file] + [line, column].compactMap { $0.map(String.init) }).joined(separator: ":") }
}

extension RegisterError: CustomStringConvertible {
    /// ```
    /// deliveries.csv:7:24 quantity
    ///   |
    /// 7 | D7,O1,A4222,2026-10-01,six
    ///   |                        ^^^
    /// This is not a whole number.
    /// Write digits only, without sign, point, comma or blank: 30.
    /// ```
    package var description: String {
        var lines = [place + (columnName.map { " " + Excerpt.printable($0) } ?? "")]
        if let excerpt {
            let number = line.map(String.init) ?? ""
            let margin = String(repeating: " ", count: number.utf8.count)
            lines.append("\(margin) |")
            lines.append("\(number) | \(excerpt.text)")
            lines.append("\(margin) | \(excerpt.underline)")
        }
        return (lines + [why, remedy]).joined(separator: "\n")
    }
}

/// Everything that is wrong with an import, at most `limit` mistakes: a biller mends them in one go.
package struct RegisterErrors: Error, Hashable, Sendable {
    package static let limit = 20

    package private(set) var errors: [RegisterError] = []
    /// True where reading stopped at the limit: there may be more.
    package var isFull: Bool { errors.count >= Self.limit }

    init(_ errors: [RegisterError] = []) { append(errors) }

    mutating func append(_ more: [RegisterError]) {
        errors.append(contentsOf: more.prefix(max(0, Self.limit - errors.count)))
    }

    mutating func append(_ error: RegisterError) { append([error]) }
}

extension RegisterErrors: CustomStringConvertible {
    package var description: String {
        let tail =
            isFull
            ? "Nothing was imported. There may be more mistakes after these \(Self.limit)."
            : "Nothing was imported."
        return (errors.map(\.description) + [tail]).joined(separator: "\n\n")
    }
}
