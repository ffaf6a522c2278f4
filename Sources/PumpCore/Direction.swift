/// Which way bytes went over a link, as a recording of a session writes it.
package enum Direction: String, Codable, Sendable {
    case hostToDevice = "out"
    case deviceToHost = "in"
}
