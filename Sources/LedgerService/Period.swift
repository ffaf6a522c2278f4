package import PumpCore

/// A range of civil dates, both ends inclusive, as a person names it.
package struct Period: Hashable, Codable, Sendable {
    package var from: CivilDate
    package var to: CivilDate

    package init(from: CivilDate, to: CivilDate) {
        self.from = from
        self.to = to
    }

    package var dates: ClosedRange<CivilDate> { from...to }

    /// Reads `2026-10`, `2026-10-05`, `2026-10-01..2026-10-31`, `2026q4`, `2026`, `this month` and `last month`.
    package init(_ text: String, today: CivilDate) throws(ServiceError) {
        let words = text.lowercased().split(whereSeparator: { $0 == " " || $0 == "-" && text.contains("month") })
        let plain = text.trimmingBlanks()
        if words == ["last", "month"] || words == ["lastmonth"] {
            self = Self.month(containing: CivilDate(dayNumber: Self.month(containing: today).from.dayNumber - 1))
        } else if words == ["this", "month"] || words == ["thismonth"] {
            self = Self.month(containing: today)
        } else if let dots = plain.firstRange(of: "..") {
            guard let from = CivilDate(plain[..<dots.lowerBound]), let to = CivilDate(plain[dots.upperBound...]) else {
                throw Self.unreadable(text)
            }
            guard from <= to else {
                throw ServiceError(
                    .usage, "the period \(plain) ends before it begins",
                    remedy: "Write the earlier date first: --period \(to)..\(from)")
            }
            self.init(from: from, to: to)
        } else if let date = CivilDate(plain) {
            self.init(from: date, to: date)
        } else if plain.utf8.count == 7, let first = CivilDate(plain + "-01") {
            self = Self.month(containing: first)
        } else if plain.utf8.count == 6, let quarter = plain.last?.wholeNumberValue, (1...4).contains(quarter),
            plain.dropLast().hasSuffix("q") || plain.dropLast().hasSuffix("Q"),
            let first = CivilDate(plain.prefix(4) + "-" + padded(quarter * 3 - 2, 2) + "-01"),
            let last = CivilDate(plain.prefix(4) + "-" + padded(quarter * 3, 2) + "-01")
        {
            self.init(from: first, to: Self.month(containing: last).to)
        } else if plain.utf8.count == 4, let first = CivilDate(plain + "-01-01"), let last = CivilDate(plain + "-12-31")
        {
            self.init(from: first, to: last)
        } else {
            throw Self.unreadable(text)
        }
    }

    package static func month(containing date: CivilDate) -> Period {
        let (year, month, day) = date.components
        let first = date.adding(days: 1 - day)
        return Period(from: first, to: first.adding(days: CivilDate.lengthOfMonth(month, in: year) - 1))
    }

    private static func unreadable(_ text: String) -> ServiceError {
        ServiceError(
            .usage, "\"\(text)\" is no period",
            remedy: "Write a month (2026-10), two inclusive dates (2026-10-01..2026-10-31), a quarter (2026q4) "
                + "or \"last month\".")
    }
}

extension Period: CustomStringConvertible {
    /// `2026-10-01 to 2026-10-31, both days included`.
    package var description: String { "\(from) to \(to), both days included" }
}

extension String {
    fileprivate func trimmingBlanks() -> String {
        var text = self[...]
        while text.first == " " { text.removeFirst() }
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}
