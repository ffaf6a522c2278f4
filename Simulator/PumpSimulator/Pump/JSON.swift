import PumpCore

/// JSON with its fields in the order in which they were said, so that two equal runs print equal bytes.
package indirect enum JSON: Equatable, Sendable {
    case null
    case bool(Bool)
    case int(Int)
    /// Printed with at most three decimals and no superfluous zero.
    case thousandths(Int)
    case text(String)
    case list([JSON])
    case object([Field])

    package struct Field: Equatable, Sendable {
        package let name: String
        package let value: JSON
    }

    package static func fields(_ fields: KeyValuePairs<String, JSON>) -> JSON {
        .object(fields.map { Field(name: $0.key, value: $0.value) })
    }

    /// Null for nil.
    package static func optional(_ text: String?) -> JSON { text.map { .text($0) } ?? .null }

    /// On one line, without a blank.
    package var line: String {
        var out = ""
        write(into: &out, indent: nil)
        return out
    }

    /// With a field or an element a line, for people.
    package var page: String {
        var out = ""
        write(into: &out, indent: 0)
        return out + "\n"
    }

    private func write(into out: inout String, indent: Int?) {
        switch self {
        case .null: out += "null"
        case .bool(let value): out += value ? "true" : "false"
        case .int(let value): out += String(value)
        case .thousandths(let value): out += Quantity.milliliters(thousandths: value).number
        case .text(let text): Self.quote(text, into: &out)
        case .list(let values):
            Self.enclose("[", "]", values, indent, &out) { value, out, indent in value.write(into: &out, indent: indent)
            }
        case .object(let fields):
            Self.enclose("{", "}", fields, indent, &out) { field, out, indent in
                Self.quote(field.name, into: &out)
                out += indent == nil ? ":" : ": "
                field.value.write(into: &out, indent: indent)
            }
        }
    }

    private static func enclose<Element>(
        _ open: String, _ close: String, _ elements: [Element], _ indent: Int?, _ out: inout String,
        write: (Element, inout String, Int?) -> Void
    ) {
        out += open
        for (index, element) in elements.enumerated() {
            if index > 0 { out += "," }
            if let indent { out += "\n" + String(repeating: " ", count: indent + 2) }
            write(element, &out, indent.map { $0 + 2 })
        }
        if let indent, !elements.isEmpty { out += "\n" + String(repeating: " ", count: indent) }
        out += close
    }

    private static func quote(_ text: String, into out: inout String) {
        out += "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": out += "\\\""
            case "\\": out += "\\\\"
            case "\n": out += "\\n"
            case "\t": out += "\\t"
            case "\0"..." ":
                if scalar == " " { out += " " } else { out += "\\u00" + [UInt8(scalar.value)].hex }
            default: out.unicodeScalars.append(scalar)
            }
        }
        out += "\""
    }
}
