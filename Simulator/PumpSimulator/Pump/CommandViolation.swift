import PumpCore

/// A host sent something that a reader of logs must never send. The simulated pump does not answer it: it stops the run,
/// so that no test can pass over it.
package struct CommandViolation: Error, Equatable, Sendable {
    /// The command as a person would name it: `77 (0x4D)`, `WN`, `stick command 0x0B`.
    package let command: String
    package let bytes: [UInt8]
    package let reason: String

    package init(command: String, bytes: [UInt8], reason: String) {
        self.command = command
        self.bytes = bytes
        self.reason = reason
    }
}

extension CommandViolation: CustomStringConvertible {
    package var description: String {
        "forbidden command \(command): \(reason) [\(bytes.prefix(64).hex)]. A driver may send only its allow-list."
    }
}
