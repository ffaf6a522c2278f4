import PumpCore

/// What one session could not read reliably though the pump still has it, so that it is worth another try.
struct Unreadable: Hashable, Sendable {
    private var holes = 0
    /// Nil where a hole does not tell how many events it swallowed.
    private var events: Int? = 0

    var isEmpty: Bool { holes == 0 }

    /// What was written over is gone, and what the decoder does not know is stored as bytes: neither gets better by
    /// another try.
    mutating func note(_ gap: LogGap) {
        guard gap.reason == .failedCheck || gap.reason == .unread else { return }
        holes += 1
        guard let known = events, let missing = gap.missing, missing > 0 else {
            events = nil
            return
        }
        let (sum, overflow) = known.addingReportingOverflow(missing)
        events = overflow ? nil : sum
    }

    /// A whole sentence; nil where nothing is missing.
    func sentence(pump serial: String) -> String? {
        guard !isEmpty else { return nil }
        let what =
            switch events {
            case 1?: "1 event"
            case let events?: "\(events) events"
            case nil: "Part of the log"
            }
        return "\(what) of pump \(serial) could not be read reliably; everything else is stored."
    }

    static let remedy =
        "Leave the data cable in if you can: it is read again by itself. If you must go, pull it, note this line, and connect it at "
        + "the next visit. If it says this again then, call your support. " + PortState.keepIt
}
