/// A sheet for a person at a terminal: aligned columns, two blanks between them, no colour.
package enum TextReport {
    package static func render(_ sheet: Sheet) -> String {
        var lines = sheet.heading.map { SafeText.terminal($0) }
        let shown = sheet.columns.indices.filter { sheet.columns[$0].inText }
        if !sheet.rows.isEmpty {
            if !lines.isEmpty { lines.append("") }
            let cells = (sheet.rows + sheet.totals).map { row in shown.map { $0 < row.count ? text(row[$0]) : "" } }
            let names = shown.map { sheet.columns[$0].name }
            let widths = shown.indices.map { i in
                max(names[i].count, cells.lazy.map { $0[i].count }.max() ?? 0)
            }
            func line(_ texts: [String]) -> String {
                var out = ""
                for (i, text) in texts.enumerated() {
                    let padding = String(repeating: " ", count: max(0, widths[i] - text.count))
                    if i > 0 { out += "  " }
                    out += sheet.columns[shown[i]].isNumber ? padding + text : text + padding
                }
                while out.hasSuffix(" ") { out.removeLast() }
                return out
            }
            lines.append(line(names))
            lines += cells.prefix(sheet.rows.count).map(line)
            if !sheet.totals.isEmpty {
                lines.append(String(repeating: "-", count: widths.reduce(2 * (widths.count - 1), +)))
                lines += cells.dropFirst(sheet.rows.count).map(line)
            }
        }
        if !sheet.footing.isEmpty {
            if !lines.isEmpty { lines.append("") }
            lines += sheet.footing.map { SafeText.terminal($0) }
        }
        return lines.isEmpty ? "" : lines.joined(separator: "\n") + "\n"
    }

    private static func text(_ cell: Sheet.Cell) -> String {
        switch cell {
        case .text(let text): SafeText.terminal(text, limit: 120)
        case .integer(let number): String(number)
        case .none: "–"
        }
    }
}
