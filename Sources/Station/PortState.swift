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
        case .caughtUp(let pump, let at): "Everything in pump \(pump.serial) was read and stored at \(at)."
        case .stale(let since, let why):
            "The pump is stored up to \(since); what happened since is only in the pump. \(why)"
        case .quarantined(let why, let until): "\(why) The port rests until \(until)."
        }
    }

    /// What to do about it.
    package var remedy: String {
        switch self {
        case .absent: "Connect the pump's data cable, and switch the pump on if it is off."
        case .busy(let holders): LinkFault.busy(place: "the port", holders: holders).remedy
        case .permissionDenied(let group): LinkFault.permissionDenied(place: "the port", group: group).remedy
        case .connecting: "Leave the data cable in: this takes up to half a minute, and this line changes by itself."
        case .wrongDevice:
            "Pull the data cable from this device and connect it to the pump that belongs here. Do not exchange the pump on the "
                + "patient. If this one is its replacement, call your support: serial= in the link has to name it."
        case .silent:
            "If the pump is running, leave it running; switch it on if it is off. Push the data cable in firmly at both ends. If "
                + "that does not help, try another cable; then call your support."
        case .reading(let reading):
            reading.mayUnplug
                ? "You may unplug the data cable now: what is left is read the next time. If you can, leave it in until all is read."
                : "Leave the data cable in and the pump switched on."
        case .caughtUp: "Nothing is left to do here. You may unplug the data cable at any time."
        case .stale:
            "Leave the pump running. Pull the data cable, wait five seconds and push it in again. If that does not help, try "
                + "another cable; then call your support."
        case .quarantined:
            "If the pump is running, leave it running. Pull the data cable. Whatever is connected next, by another cable if you "
                + "can, is tried at once."
        case .troubled(_, let remedy): remedy
        }
    }

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
