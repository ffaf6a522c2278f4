/// A release of SQLite, judged by the mistake that matters to a ledger.
package struct SQLiteRelease: Hashable, Sendable {
    private let parts: [Int]

    /// - Parameter version: As `sqlite3_libversion` says it: `3.40.1`.
    package init(_ version: String) {
        parts = version.split(separator: ".").map { Int($0) ?? 0 }
    }

    /// The write-ahead log's reset can lose a commit, or damage the file, where two connections write or checkpoint in the
    /// same instant: 3.7.0 to 3.51.2, mended in 3.51.3, 3.50.7 and 3.44.6 (sqlite.org/wal.html#walresetbug). With one
    /// writing connection, as here, it cannot happen.
    package var wantsOneWriter: Bool {
        guard parts.count >= 2, parts[0] == 3 else { return false }
        let patch = parts.count > 2 ? parts[2] : 0
        return switch parts[1] {
        case 7..<44, 45..<50: true
        case 44: patch < 6
        case 50: patch < 7
        case 51: patch < 3
        default: false
        }
    }
}
