package import PumpCore
package import PumpLinks

/// What a port is doing, or what keeps it from doing it. Each state has a sentence that says what is the case and one
/// that says what to do.
package enum PortState: Hashable, Codable, Sendable {
    case absent
    case busy(holders: [PortHolder])
    case permissionDenied(group: String?)
    /// The link is open; the pump has not named itself yet.
    case connecting
    /// Another pump than the expected one, or no pump of this family. `why` is a whole sentence.
    case wrongDevice(why: String)
    case silent
    case reading(Reading)
    case caughtUp(pump: PumpIdentity, at: Instant)
    /// The pump is there and cannot be read; what the ledger has of it gets old.
    case stale(since: Instant, why: String)
    case quarantined(why: String, until: Instant)
    /// Anything else that keeps a download from its end. Both are whole sentences.
    case troubled(why: String, remedy: String)

    package struct Reading: Hashable, Codable, Sendable {
        package var pump: PumpIdentity
        /// In the family's own unit; nil before the session can tell.
        package var done: Int?
        package var total: Int?
        /// Everything new is stored; the nurse may unplug.
        package var mayUnplug: Bool

        package init(pump: PumpIdentity, done: Int? = nil, total: Int? = nil, mayUnplug: Bool = false) {
            self.pump = pump
            self.done = done
            self.total = total
            self.mayUnplug = mayUnplug
        }

        /// 0 to 100; nil before the session can tell how much there is.
        package var percent: Int? {
            guard let done, let total, total > 0 else { return nil }
            return min(100, max(0, done) * 100 / total)
        }
    }

    /// True where a person was told that the cable may be pulled.
    package var saysMayUnplug: Bool {
        switch self {
        case .caughtUp: true
        case .reading(let reading): reading.mayUnplug
        default: false
        }
    }

    /// One or two words for a table.
    package var name: String {
        switch self {
        case .absent: "absent"
        case .busy: "busy"
        case .permissionDenied: "permission denied"
        case .connecting: "connecting"
        case .wrongDevice: "wrong device"
        case .silent: "silent"
        case .reading: "reading"
        case .caughtUp: "caught up"
        case .stale: "stale"
        case .quarantined: "quarantined"
        case .troubled: "troubled"
        }
    }

    /// What is the case.
    package var message: String {
        switch self {
        case .absent: "No pump is connected here."
        case .busy(let holders): LinkFault.busy(place: "The port", holders: holders).message
        case .permissionDenied(let group): LinkFault.permissionDenied(place: "The port", group: group).message
        case .connecting: "A device is connected and is being asked who it is."
        case .wrongDevice(let why), .troubled(let why, _): why
        case .silent: "A device is connected, but no pump answers."
        case .reading(let reading): Self.message(reading)
        case .caughtUp(let pump, let at): "Everything in pump \(pump.serial) is stored, up to \(at)."
        case .stale(let since, let why):
            "The pump is stored up to \(since); what happened since is only in the pump. \(why)"
        case .quarantined(let why, let until): "\(why) The port rests until \(until)."
        }
    }

    /// What to do about it. It moves the data cable and nothing else: what the pump does is between it and the patient.
    package var remedy: String {
        switch self {
        case .absent:
            "To read a pump, connect its data cable here. Leave the pump as it is: it need not be switched on or off."
        case .busy(let holders): LinkFault.busy(place: "the port", holders: holders).remedy
        case .permissionDenied(let group): LinkFault.permissionDenied(place: "the port", group: group).remedy
        case .connecting:
            "Leave the data cable in: this takes up to half a minute, and this line changes by itself."
        case .wrongDevice:
            "Move only the data cable: pull it out of this pump and push it into the one that belongs here. Change nothing on "
                + "the patient. If this is the patient's pump, leave it as it is, and call your support: serial= in the link has "
                + "to name it."
        case .silent:
            "Look at the patient and the pump first, and do not switch the pump on or off for this screen. You may pull the data "
                + "cable: push it in firmly at both ends, or try another one; then call your support. \(Self.keepIt)"
        case .reading(let reading):
            reading.mayUnplug
                ? "You may unplug the data cable now; what is left is read the next time. \(Self.keepIt)"
                : "Leave the data cable in, and care for the patient as usual. If you must pull the cable, what is stored stays and "
                    + "the rest is read the next time. \(Self.keepIt)"
        case .caughtUp:
            "Nothing is left to do here. You may unplug the data cable at any time. Before the pump is cleared or returned, let it "
                + "be read once more."
        case .stale:
            "\(Self.lookFirst) If it runs normally, pull the data cable, wait five seconds and push it in again; then try another "
                + "cable; then call your support. \(Self.keepIt)"
        case .quarantined:
            "Leave the pump as it is, and pull the data cable. Check that it goes to the right pump, and connect it again, by "
                + "another cable if you can: it is tried at once. If this comes back, call your support."
        case .troubled(_, let remedy): remedy
        }
    }

    /// A pump that does not answer may have stopped: the patient comes before the record.
    static let lookFirst =
        "Look at the patient and the pump first. If it alarms or does not run, do what the patient needs, as you would without "
        + "this screen."
    /// What is not stored is in the pump alone.
    static let keepIt =
        "Do not clear or return the pump before all is read. If the patient needs another one, swap it at once, and keep this one."

    private static func message(_ reading: Reading) -> String {
        let older = reading.mayUnplug ? " Its newest events are stored; older ones are still being read." : ""
        guard let percent = reading.percent else { return "Pump \(reading.pump.serial) is being read.\(older)" }
        return "Pump \(reading.pump.serial) is being read: \(percent) %.\(older)"
    }
}

/// A port as `status` shows it.
package struct PortReport: Hashable, Codable, Sendable {
    package var port: String
    package var driver: String
    package var state: PortState
    /// When it came to this kind of state.
    package var since: Instant
    /// The pump that was read here last.
    package var pump: PumpIdentity?
    /// When the pump's newest records were last stored here, whatever was left below them.
    package var newestStoredAt: Instant?
    /// When a download here last came to its end.
    package var lastCompleteAt: Instant?
    /// When the next one begins by itself.
    package var nextReadAt: Instant?
    /// The last thing that went wrong, in a plain sentence.
    package var lastFault: String?

    package init(
        port: String, driver: String, state: PortState, since: Instant, pump: PumpIdentity? = nil,
        newestStoredAt: Instant? = nil, lastCompleteAt: Instant? = nil, nextReadAt: Instant? = nil,
        lastFault: String? = nil
    ) {
        self.port = port
        self.driver = driver
        self.state = state
        self.since = since
        self.pump = pump
        self.newestStoredAt = newestStoredAt
        self.lastCompleteAt = lastCompleteAt
        self.nextReadAt = nextReadAt
        self.lastFault = lastFault
    }
}
