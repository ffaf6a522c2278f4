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
