/// What a clock on the wall shows: a day and a second of it, without a zone.
package struct CivilDateTime: Hashable, Comparable, Sendable {
    package let date: CivilDate
    /// 0 to 86,399.
    package let secondOfDay: Int

    package init(_ date: CivilDate, secondOfDay: Int = 0) {
        self.date = date
        self.secondOfDay = secondOfDay
    }

    /// Nil unless the calendar and the clock have it. There is no leap second: no pump and no payer knows one.
    package init?(year: Int, month: Int, day: Int, hour: Int = 0, minute: Int = 0, second: Int = 0) {
        guard let date = CivilDate(year: year, month: month, day: day), (0...23).contains(hour),
            (0...59).contains(minute), (0...59).contains(second)
        else { return nil }
        self.init(date, secondOfDay: hour * 3600 + minute * 60 + second)
    }

    /// Reads `YYYY-MM-DDTHH:MM[:SS]` and nothing else.
    package init?(_ text: some StringProtocol) {
        // By bytes and without an array: registers hold as many times as dates.
        let count = text.utf8.count
        guard count == 16 || count == 19 else { return nil }
        let bytes = text.utf8
        let letter = bytes.index(bytes.startIndex, offsetBy: 10)
        guard bytes[letter] == UInt8(ascii: "T"), let date = CivilDate(text[..<letter]),
            let second = Self.secondOfDay(bytes[bytes.index(after: letter)...])
        else { return nil }
        self.init(date, secondOfDay: second)
    }

    /// Reads `HH:MM[:SS]` and nothing else.
    package static func secondOfDay(_ text: some Collection<UInt8>) -> Int? {
        guard text.count == 5 || text.count == 8 else { return nil }
        var numbers = (hour: 0, minute: 0, second: 0)
        for (place, byte) in text.enumerated() {
            if place == 2 || place == 5 {
                guard byte == UInt8(ascii: ":") else { return nil }
                continue
            }
            guard (48...57).contains(byte) else { return nil }
            let digit = Int(byte) - 48
            switch place {
            case ..<2: numbers.hour = numbers.hour * 10 + digit
            case ..<5: numbers.minute = numbers.minute * 10 + digit
            default: numbers.second = numbers.second * 10 + digit
            }
        }
        guard numbers.hour <= 23, numbers.minute <= 59, numbers.second <= 59 else { return nil }
        return numbers.hour * 3600 + numbers.minute * 60 + numbers.second
    }

    /// Seconds since 1970-01-01T00:00:00 on the same wall clock: differences of two are wall-clock differences.
    package var wallSeconds: Int { date.dayNumber * 86_400 + secondOfDay }

    package init(wallSeconds: Int) {
        let day = wallSeconds >= 0 ? wallSeconds / 86_400 : -((-wallSeconds + 86_399) / 86_400)
        self.init(CivilDate(dayNumber: day), secondOfDay: wallSeconds - day * 86_400)
    }

    package var hour: Int { secondOfDay / 3600 }
    package var minute: Int { secondOfDay / 60 % 60 }
    package var second: Int { secondOfDay % 60 }

    package func adding(seconds: Int) -> CivilDateTime { CivilDateTime(wallSeconds: wallSeconds + seconds) }

    package static func < (a: CivilDateTime, b: CivilDateTime) -> Bool { a.wallSeconds < b.wallSeconds }
}

extension CivilDateTime: CustomStringConvertible {
    /// `YYYY-MM-DDTHH:MM:SS`.
    package var description: String {
        date.description + "T" + padded(hour, 2) + ":" + padded(minute, 2) + ":" + padded(second, 2)
    }
}

extension CivilDateTime: Codable {
    package init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let time = CivilDateTime(text) else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "not a civil time: \(text)"))
        }
        self = time
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
