/// A row of the register as it is kept: the text of its cells, checked, under a name that stays when the content changes.
package struct RegisterEntry: Hashable, Codable, Sendable {
    /// Raw value of a `RegisterTable`.
    package var table: String
    /// Names the row for good. The same key with other columns is a new version of the row.
    package var key: String
    /// Every cell that is not empty, by the name of its column; columns that nobody knows are kept too.
    package var columns: [String: String]
    package var origin: RowOrigin

    package init(table: String, key: String, columns: [String: String], origin: RowOrigin) {
        self.table = table
        self.key = key
        self.columns = columns
        self.origin = origin
    }
}
