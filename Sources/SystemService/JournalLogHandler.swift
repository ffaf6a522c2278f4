import Glibc
package import Logging
import PumpCore
import PumpLinks

/// One line a message for the journal: the level as the prefix that systemd reads (sd-daemon(3)), who speaks, the
/// message, and `key=value` for the rest, sorted.
///
/// Messages are constant sentences; what varies stands in the metadata, and what is of a patient stands there as a
/// `PatientValue`.
package struct JournalLogHandler: LogHandler {
    package enum Prefix: Sendable {
        /// `<6>`, for the journal.
        case priority
        /// `info: `, for a person at a terminal.
        case word
    }

    package var logLevel: Logger.Level
    package var metadata: Logger.Metadata = [:]
    package var metadataProvider: Logger.MetadataProvider?
    private let label: String
    private let prefix: Prefix
    private let write: @Sendable (String) -> Void

    package init(
        label: String, level: Logger.Level = .info, prefix: Prefix,
        write: @escaping @Sendable (String) -> Void = writeToStandardError
    ) {
        self.label = label
        self.prefix = prefix
        self.write = write
        logLevel = level
    }

    package subscript(metadataKey key: String) -> Logger.MetadataValue? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        var fields = metadata
        if let provided = metadataProvider?.get() { fields.merge(provided) { $1 } }
        if let own = event.metadata { fields.merge(own) { $1 } }
        if let error = event.error { fields["error"] = .string("\(error)") }
        var line = start(event.level) + (label.isEmpty ? "" : printable(label) + ": ")
        line += printable(event.message.description)
        for (key, value) in fields.sorted(by: { $0.key < $1.key }) {
            line += " " + printable(key) + "=" + quoted(Self.text(value))
        }
        write(line + "\n")
    }

    private func start(_ level: Logger.Level) -> String {
        switch prefix {
        case .priority: "<\(level.priority)>"
        case .word: "\(level): "
        }
    }

    private static func text(_ value: Logger.MetadataValue) -> String {
        switch value {
        case .string(let text): text
        case .stringConvertible(let value): value.description
        case .array(let values): "[" + values.map(text).joined(separator: ",") + "]"
        case .dictionary(let pairs):
            "{" + pairs.sorted { $0.key < $1.key }.map { $0.key + ":" + text($0.value) }.joined(separator: ",") + "}"
        }
    }
}

extension Logger.Level {
    /// The kernel's levels, which the journal shares.
    fileprivate var priority: Int {
        switch self {
        case .critical: 2
        case .error: 3
        case .warning: 4
        case .notice: 5
        case .info: 6
        case .debug, .trace: 7
        }
    }
}

extension JournalLogHandler.Prefix {
    /// For the journal where standard error is the stream that systemd named in `JOURNAL_STREAM` (device:inode).
    package init(environment: [String: String]) {
        var status = stat()
        guard let stream = environment["JOURNAL_STREAM"], unsafe fstat(STDERR_FILENO, &status) == 0,
            stream == "\(status.st_dev):\(status.st_ino)"
        else {
            self = .word
            return
        }
        self = .priority
    }
}

/// Writes a line in one piece, so that lines of several threads do not mix. A log that cannot be written must not stop
/// the daemon.
package func writeToStandardError(_ line: String) {
    var rest = Array(line.utf8)[...]
    while !rest.isEmpty {
        let count = unsafe rest.withUnsafeBytes { bytes in
            try? systemCall("write") { unsafe Glibc.write(STDERR_FILENO, bytes.baseAddress, bytes.count) }
        }
        guard let count, count > 0 else { return }
        rest = rest.dropFirst(count)
    }
}
