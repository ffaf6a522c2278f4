/// What a cell of a column looks like: the part of a column's description that a program can check.
package enum ColumnForm: Hashable, Sendable {
    /// An id as text: leading zeros stay.
    case id
    case text
    /// `YYYY-MM-DD`
    case date
    /// `YYYY-MM-DD` or `YYYY-MM-DDTHH:MM[:SS][offset]`
    case time
    /// `YYYY-MM-DDTHH:MM[:SS]`
    case civilTime
    /// An IANA name.
    case zone
    case choice([String])
    /// A capital letter and four digits.
    case hcpcs
    /// One or more of them.
    case hcpcsList
    /// As `hcpcs`, or `per-diem`, the line of payers that know no code for it.
    case billedCode
    case wholeNumber(ClosedRange<Int>)
    case decimal(DecimalRange)
    /// `06:00;18:00`
    case timesOfDay
    case npi
    case modifiers

    static let idLength = 128
    static let textLength = 2000
}

/// The decimals that a column takes, both ends included, with at most `places` digits after the point.
package struct DecimalRange: Hashable, Sendable {
    package let low: Double
    package let high: Double
    package let places: Int

    /// Durations in hours: half a minute to more than a year. The upper end keeps a typing error from looking like one.
    static let hours = DecimalRange(low: 0.01, high: 10_000, places: 6)
    static let milliliters = DecimalRange(low: 0.001, high: 100_000, places: 6)
    /// Milligrams: a microgram of an intrathecal drug has its place.
    static let milligrams = DecimalRange(low: 0.000_001, high: 1_000_000, places: 6)
    /// An attested volume may be nothing.
    static let attestedVolume = DecimalRange(low: 0, high: 999_999.999, places: 3)
}

/// A column as people, programs and the template see it.
package struct ColumnDescription: Hashable, Sendable {
    package let name: String
    /// True where the column must be there and filled in every row.
    package let isRequired: Bool
    package let form: ColumnForm
    /// One sentence.
    package let meaning: String
}
