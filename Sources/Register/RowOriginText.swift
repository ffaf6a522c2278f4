extension RowOrigin: CustomStringConvertible {
    /// `deliveries.csv:7`; of a row that nobody read from a file, only what it came with.
    package var description: String { line > 0 ? "\(file):\(line)" : file }
}
