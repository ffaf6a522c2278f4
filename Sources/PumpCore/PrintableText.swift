/// Text from elsewhere, fit for one line of a log or a terminal: control characters, line ends and characters that change
/// the direction of text stand as escapes (CWE-150), and what is longer than `limit` characters is cut.
package func printable(_ text: String, atMost limit: Int = 1024) -> String {
    var out = ""
    var count = 0
    for scalar in text.unicodeScalars {
        if count == limit { return out + "…" }
        count += 1
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned:
            out += "\\u{" + String(scalar.value, radix: 16) + "}"
        default: out.unicodeScalars.append(scalar)
        }
    }
    return out
}

/// A text of a person's with the serial number of every link in it taken out: what goes to a log names no pump.
package func withoutSerials(_ text: String) -> String {
    var out = ""
    var rest = text[...]
    while let place = rest.firstRange(of: "serial=") {
        out += rest[..<place.upperBound]
        let value = rest[place.upperBound...].prefix { $0 != "&" && $0 != "\"" && $0 != "'" && !$0.isWhitespace }
        if !value.isEmpty { out += "…" }
        rest = rest[value.endIndex...]
    }
    return out + rest
}
