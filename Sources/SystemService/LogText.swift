import PumpCore

/// A value beside its key: in quotation marks where a blank, an equals sign or a mark would make it look like several.
func quoted(_ text: String) -> String {
    let safe = printable(text)
    guard safe.isEmpty || safe.contains(where: { $0 == " " || $0 == "=" || $0 == "\"" }) else { return safe }
    return "\"" + safe.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\\\"") + "\""
}
