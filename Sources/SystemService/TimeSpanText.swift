/// A span of time as a person writes it: `15m`, `90s`, `1h30m`, ISO 8601's `PT15M`, or a bare number of minutes.
struct TimeSpanText {
    private static let secondsOf: [(unit: Character, seconds: Int64)] = [
        ("d", 86_400), ("h", 3600), ("m", 60), ("s", 1),
    ]

    /// Nil for anything else, and for spans beyond ten thousand years.
    static func read(_ text: String) -> Duration? {
        if let minutes = digits(text[...]) { return .seconds(minutes * 60) }
        guard text.hasPrefix("P") else { return read(text[...], units: "dhms").map { .seconds($0) } }
        // In ISO 8601 an M before the T is a month, which has no fixed length.
        let halves = text.dropFirst().lowercased().split(separator: "t", omittingEmptySubsequences: false)
        guard halves.count <= 2, let days = halves.first, halves.last?.isEmpty == false else { return nil }
        let ofDays = days.isEmpty ? 0 : read(days, units: "d")
        let ofTime = halves.count == 1 ? 0 : halves.last.flatMap { read($0, units: "hms") }
        guard let ofDays, let ofTime else { return nil }
        return .seconds(ofDays + ofTime)
    }

    /// Numbers with units, the larger before the smaller, each at most once.
    private static func read(_ text: Substring, units: String) -> Int64? {
        var rest = text
        var sum: Int64 = 0
        for (unit, seconds) in secondsOf where units.contains(unit) {
            guard let end = rest.firstIndex(of: unit), let number = digits(rest[..<end]) else { continue }
            sum += number * seconds
            rest = rest[rest.index(after: end)...]
        }
        return rest.isEmpty && !text.isEmpty ? sum : nil
    }

    /// At most seven digits: nothing overflows.
    private static func digits(_ text: Substring) -> Int64? {
        guard (1...7).contains(text.utf8.count), text.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
        return Int64(text)
    }
}
