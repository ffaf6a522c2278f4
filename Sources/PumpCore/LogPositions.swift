/// What the positions of a pump's records mean: it decides how readings of its log are laid over each other.
package enum LogPositions: Hashable, Codable, Sendable {
    /// Records have no position of their own, or one that means nothing beyond its page. What stands beside what is
    /// known from the downloads alone.
    case none
    /// Indexes of a ring buffer, 0 to `size - 1`, one record a slot. An index that comes again with other bytes is a
    /// new record, later in the log.
    case ring(size: Int)
    /// One number a record, never used twice, consecutive: records are placed by it, in whatever order they arrive. A
    /// number that comes again with other bytes is a new version of its record; a missing number is a gap.
    case series
}
