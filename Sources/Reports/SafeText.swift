/// Text from a device or a file, made harmless for the place where it is shown.
package enum SafeText {
    /// For a terminal: control characters, escape sequences and bidirectional controls become visible escapes.
    package static func terminal(_ text: String, limit: Int = 500) -> String {
        var out = ""
        var count = 0
        for scalar in text.unicodeScalars {
            count += 1
            if count > limit { return out + "…" }
            if scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value) || scalar.value == 0x2028
                || scalar.value == 0x2029 || isBidirectionalControl(scalar)
            {
                out += "\\u{" + String(scalar.value, radix: 16) + "}"
            } else {
                out.unicodeScalars.append(scalar)
            }
        }
        return out
    }

    /// For a CSV cell that a spreadsheet may open: a text that begins like a formula gets a leading apostrophe
    /// (OWASP ASVS, CWE-1236), and is quoted after RFC 4180 where it must be.
    package static func csv(_ text: String) -> String {
        var cell = text
        if let first = text.unicodeScalars.first, formulaStarts.contains(first) { cell = "'" + text }
        let mustQuote = cell.unicodeScalars.contains {
            $0 == "," || $0 == "\"" || $0 == "\n" || $0 == "\r" || $0 == ";"
        }
        guard mustQuote else { return cell }
        return "\"" + cell.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }

    private static let formulaStarts: Set<Unicode.Scalar> = ["=", "+", "-", "@", "\t", "\r", "\u{0}"]

    /// Marks that make text read in another order than it is stored.
    static func isBidirectionalControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x061C, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069: true
        default: false
        }
    }
}
