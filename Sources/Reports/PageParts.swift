import PumpCore

/// The few shapes that every section of a page is made of.
enum PageParts {
    static func element(
        _ name: StaticString, _ attributes: [(StaticString, String)] = [], _ children: [Markup] = []
    ) -> Markup {
        .element(name, attributes.map { Markup.Attribute($0.0, $0.1) }, children)
    }

    /// Nothing where there is no value.
    static func attribute(_ name: StaticString, _ value: String?) -> [(StaticString, String)] {
        value.map { [(name, $0)] } ?? []
    }

    static func paragraph(_ children: Markup..., kind: String? = nil) -> Markup {
        element("p", attribute("class", kind), children)
    }

    static func link(_ text: String, to place: String?) -> Markup {
        guard let place else { return .text(text) }
        return element("a", [("href", "#" + place)], [.text(text)])
    }

    /// Machine text: ids, raw bytes. It may break anywhere.
    static func code(_ text: String) -> Markup { element("code", [], [.text(text)]) }

    static func muted(_ text: String) -> Markup { element("span", [("class", "muted")], [.text(text)]) }

    static func time(_ civil: CivilDateTime) -> Markup {
        let clock = padded(civil.hour, 2) + ":" + padded(civil.minute, 2) + ":" + padded(civil.second, 2)
        return .several([unbroken(.text(civil.date.description)), " ", unbroken(.text(clock))])
    }

    static func unbroken(_ content: Markup) -> Markup { element("span", [("class", "unbroken")], [content]) }

    static let dash: Markup = .text("–")
    static let blank: Markup = element("span", [("class", "blank")], ["not in the register"])

    static func section(_ id: String, _ title: String, _ children: [Markup]) -> Markup {
        element(
            "section", [("id", id), ("aria-labelledby", id + "-title")],
            [element("h2", [("id", id + "-title")], [.text(title)])] + children)
    }

    struct Column {
        var title: String
        var isNumber = false
        /// Share of the width in percent; nil leaves it to the browser.
        var width: Int?

        static func text(_ title: String, _ width: Int? = nil) -> Column { Column(title: title, width: width) }
        static func number(_ title: String, _ width: Int? = nil) -> Column {
            Column(title: title, isNumber: true, width: width)
        }
    }

    struct Cell {
        var content: [Markup]
        /// Columns that it covers.
        var span = 1
        /// True for the cell that names its row.
        var isHead = false
        var kind: String?

        static func of(_ content: Markup...) -> Cell { Cell(content: content) }
        static func text(_ text: String?) -> Cell { Cell(content: [text.map(Markup.text) ?? dash]) }
        static func number(_ number: Int?) -> Cell {
            Cell(content: [.text(number.map(PageParts.number) ?? "–")], kind: "number")
        }
        static func signed(_ number: Int?) -> Cell {
            Cell(content: [.text(number.map(PageParts.signed) ?? "–")], kind: "number")
        }
        /// Date and time of day, each unbroken.
        static func time(_ civil: CivilDateTime?) -> Cell { Cell(content: [civil.map(PageParts.time) ?? dash]) }
        static func head(_ content: Markup...) -> Cell { Cell(content: content, isHead: true) }
        /// A register's cell: what is blank says so.
        static func held(_ text: String?) -> Cell { Cell(content: [text.map(Markup.text) ?? blank]) }
    }

    struct Row {
        var id: String?
        var kind: String?
        var cells: [Cell]

        init(_ cells: [Cell], id: String? = nil, kind: String? = nil) {
            self.cells = cells
            self.id = id
            self.kind = kind
        }
    }

    private static let shortTable = 14
    private static let shortGroup = 16

    /// `groups`: each stays together on one printed page where it fits.
    static func table(_ caption: String, _ columns: [Column], groups: [[Row]], kind: String? = nil) -> Markup {
        let head = element(
            "thead", [],
            [
                element(
                    "tr", [],
                    columns.map { column in
                        element(
                            "th", attribute("scope", "col") + attribute("class", column.isNumber ? "number" : nil),
                            [.text(column.title)])
                    })
            ])
        let widths = columns.map { column in
            element("col", attribute("style", column.width.map { "width:\($0)%" }))
        }
        // A short table is not torn in two by the end of a page.
        let kinds = [kind, groups.reduce(0) { $0 + $1.count } <= shortTable ? "short" : nil].compactMap { $0 }
        return element(
            "table", attribute("class", kinds.isEmpty ? nil : kinds.joined(separator: " ")),
            [element("caption", [], [.text(caption)]), element("colgroup", [], widths), head]
                + groups.filter { !$0.isEmpty }.map { rows in
                    element(
                        "tbody", attribute("class", rows.count <= shortGroup ? "keep" : nil),
                        rows.map { row($0, columns) })
                })
    }

    static func table(_ caption: String, _ columns: [Column], _ rows: [Row], kind: String? = nil) -> Markup {
        table(caption, columns, groups: [rows], kind: kind)
    }

    private static func row(_ row: Row, _ columns: [Column]) -> Markup {
        let attributes = attribute("id", row.id) + attribute("class", row.kind)
        return element("tr", attributes, row.cells.map(cell))
    }

    private static func cell(_ cell: Cell) -> Markup {
        var attributes: [(StaticString, String)] = []
        if cell.isHead { attributes.append(("scope", cell.span > 1 ? "rowgroup" : "row")) }
        if cell.span > 1 { attributes.append(("colspan", String(cell.span))) }
        if let kind = cell.kind { attributes.append(("class", kind)) }
        return element(cell.isHead ? "th" : "td", attributes, cell.content)
    }

    /// With a true minus sign.
    static func number(_ number: Int) -> String { number < 0 ? "−\(-number)" : String(number) }

    /// `+3`, `−2`, `0`.
    static func signed(_ number: Int) -> String { number > 0 ? "+\(number)" : self.number(number) }

    /// Items with commas between them.
    static func commas(_ items: [Markup]) -> [Markup] {
        items.enumerated().flatMap { $0 == 0 ? [$1] : [.text(", "), $1] }
    }

    static func list(_ items: [[Markup]], kind: String? = nil) -> Markup {
        element("ul", attribute("class", kind), items.map { element("li", [], $0) })
    }
}
