/// The place where a host finds the simulated pump: a pseudo-terminal or a TCP port. It can be unplugged and plugged in
/// again, and then it is a new one with the old name.
package protocol Outlet: AnyObject {
    /// What a host has to open, for the ready line.
    var address: JSON { get }
    /// Descriptors to wait on for reading.
    var descriptors: [Int32] { get }
    /// True while bytes could not be written and wait for room.
    var hasBacklog: Bool { get }
    /// When it wants to be read although no descriptor has anything: nanoseconds of the monotonic clock.
    var wakesAt: Int? { get }

    func plug() throws(OutletFailure)
    func unplug()
    /// What the host has written since the last call; may take in a new host first.
    func read() -> [UInt8]
    func write(_ bytes: [UInt8])
    /// True once after a new host has come, where the outlet can tell.
    func hostHasCome() -> Bool
    /// When `read` should be called even if nothing happens; nil for an outlet that only waits.
    var looksAgainAfterMilliseconds: Int? { get }
}

extension Outlet {
    package func hostHasCome() -> Bool { false }
    package var looksAgainAfterMilliseconds: Int? { nil }
}

extension Outlet {
    package var wakesAt: Int? { nil }
}

/// A line cannot be set up.
package struct OutletFailure: Error, CustomStringConvertible {
    package let what: String
    package let errno: Int32
    package let remedy: String

    package var description: String { "\(what): \(reason(errno)). \(remedy)" }
}
