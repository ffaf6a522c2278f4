/// A second of UTC. Pumps and payers need no finer one; order among equal seconds is the log's order.
package struct Instant: Hashable, Comparable, Sendable {
    /// Seconds since 1970-01-01T00:00:00Z.
    package let secondsSince1970: Int

    package init(secondsSince1970: Int) { self.secondsSince1970 = secondsSince1970 }

    /// Reads `YYYY-MM-DDTHH:MM[:SS]` followed by `Z` or an offset (`+05:30`, `-0400`).
    package init?(_ text: some StringProtocol) {
        guard let split = Self.splitOffset(String(text)), let seconds = split.offset,
            let civil = CivilDateTime(split.civil)
        else { return nil }
        self.init(secondsSince1970: civil.wallSeconds - seconds)
    }

    package func adding(seconds: Int) -> Instant { Instant(secondsSince1970: secondsSince1970 + seconds) }
    package func seconds(since other: Instant) -> Int { secondsSince1970 - other.secondsSince1970 }

    /// What a clock in UTC shows.
    package var utc: CivilDateTime { CivilDateTime(wallSeconds: secondsSince1970) }

    package static func < (a: Instant, b: Instant) -> Bool { a.secondsSince1970 < b.secondsSince1970 }

    /// Splits a time into its civil part and its offset in seconds east of UTC; the offset is nil where none is written.
    /// Nil where the offset is malformed or beyond 18 hours.
    package static func splitOffset(_ text: String) -> (civil: Substring, offset: Int?)? {
        if text.hasSuffix("Z") { return (text.dropLast(), 0) }
        guard let t = text.firstIndex(of: "T"),
            let sign = text[t...].lastIndex(where: { $0 == "+" || $0 == "-" })
        else { return (text[...], nil) }
        let digits = text[text.index(after: sign)...].split(separator: ":", omittingEmptySubsequences: false)
        let joined = digits.joined()
        guard digits.count <= 2, digits.count == 1 || digits.allSatisfy({ $0.utf8.count == 2 }),
            joined.utf8.count == 4 || joined.utf8.count == 2, let number = CivilDate.digits(joined)
        else { return nil }
        let (hours, minutes) = joined.utf8.count == 2 ? (number, 0) : (number / 100, number % 100)
        guard hours <= 18, minutes <= 59 else { return nil }
        return (text[..<sign], (hours * 3600 + minutes * 60) * (text[sign] == "-" ? -1 : 1))
    }
}

extension Instant: CustomStringConvertible {
    /// `YYYY-MM-DDTHH:MM:SSZ`.
    package var description: String { utc.description + "Z" }
}

extension Instant: Codable {
    package init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let instant = Instant(text) else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "not a time with Z or an offset: \(text)"))
        }
        self = instant
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
