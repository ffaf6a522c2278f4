package import PumpCore

/// One row of the supply register, as a person wrote it. What its columns mean is not the ledger's business.
package struct RegisterEntry: Hashable, Sendable {
    /// `patients`, `orders` …
    package var table: String
    /// Names the row within its table. Tables without a key of their own get one from the content and its occurrence.
    package var key: String
    package var columns: [String: String]
    package var file: String
    /// 1 is the header line.
    package var line: Int

    package init(table: String, key: String, columns: [String: String], file: String, line: Int) {
        self.table = table
        self.key = key
        self.columns = columns
        self.file = file
        self.line = line
    }
}

/// A row with its place in history.
package struct RegisterVersion: Hashable, Sendable {
    package var entry: RegisterEntry
    /// From 1.
    package var version: Int
    package var importedAt: Instant
    package var importedBy: String
}

/// What an import changed, or would change.
package struct RegisterChange: Hashable, Sendable {
    package struct Changed: Hashable, Sendable {
        package var old: RegisterVersion
        package var new: RegisterEntry
    }

    package var added: [RegisterEntry] = []
    package var changed: [Changed] = []
    package var unchanged = 0
}
