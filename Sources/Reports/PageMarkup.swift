/// A piece of a page. Names of elements and attributes are literals of this program, so text from a device or a file can
/// be content or an attribute's value and nothing else. What comes out is HTML and well-formed XML at once.
package indirect enum Markup: Sendable {
    case text(String)
    case element(StaticString, [Attribute], [Markup])
    case several([Markup])
    /// A style sheet of this program's own.
    case style(String)

    package struct Attribute: Sendable {
        let name: StaticString
        let value: String

        package init(_ name: StaticString, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    package static let nothing = Markup.several([])

    func write(to out: inout String) {
        switch self {
        case .text(let text): out += PageText.escaped(text)
        case .several(let parts): for part in parts { part.write(to: &out) }
        case .style(let sheet): out += "<style>\n" + sheet + "\n</style>\n"
        case .element(let name, let attributes, let children):
            let name = "\(name)"
            out += "<" + name
            for attribute in attributes {
                out += " \(attribute.name)=\"" + PageText.escaped(attribute.value) + "\""
            }
            if children.isEmpty, Self.void.contains(name) {
                out += "/>"
            } else {
                out += ">"
                for child in children { child.write(to: &out) }
                out += "</" + name + ">"
            }
            if Self.lines.contains(name) { out += "\n" }
        }
    }

    private static let void: Set<String> = ["meta", "br", "col", "circle", "line", "path", "rect"]
    /// Elements that end a line, so that two packets can be compared line by line.
    private static let lines: Set<String> = [
        "head", "meta", "title", "body", "header", "main", "section", "nav", "footer", "h1", "h2", "h3", "p", "ul",
        "ol", "li", "dl", "dd", "table", "caption", "colgroup", "thead", "tbody", "tr", "figure", "figcaption", "svg",
        "g", "desc", "defs", "pattern",
    ]
}

extension Markup: ExpressibleByStringLiteral, ExpressibleByStringInterpolation {
    package init(stringLiteral value: String) { self = .text(value) }
}

/// Text from anywhere, fit for a page.
package enum PageText {
    /// Characters that are markup become entities; controls and marks that turn the direction of text become visible
    /// escapes, as on a terminal; a line break becomes a sign for one.
    package static func escaped(_ text: String) -> String {
        var out = ""
        out.reserveCapacity(text.utf8.count)
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": out += "&amp;"
            case "<": out += "&lt;"
            case ">": out += "&gt;"
            case "\"": out += "&quot;"
            case "'": out += "&#39;"
            case "\n": out += " ⏎ "
            case "\t": out += " "
            case _ where isHarmful(scalar): out += "\\u{" + String(scalar.value, radix: 16) + "}"
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out
    }

    /// For a string in a style sheet: everything but letters, digits, blanks and points of ASCII as an escape of six
    /// digits, so that no character can end the string.
    package static func styled(_ text: String) -> String {
        var out = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "a"..."z", "A"..."Z", "0"..."9", " ", ".": out.unicodeScalars.append(scalar)
            default:
                let shown = isHarmful(scalar) ? 0x00B7 : scalar.value
                let digits = String(shown, radix: 16)
                // A blank ends an escape and belongs to it.
                out += "\\" + String(repeating: "0", count: max(0, 6 - digits.utf8.count)) + digits + " "
            }
        }
        return out
    }

    private static func isHarmful(_ scalar: Unicode.Scalar) -> Bool {
        if SafeText.isBidirectionalControl(scalar) || scalar.value & 0xFFFE == 0xFFFE { return true }
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: return true
        default: return false
        }
    }
}
