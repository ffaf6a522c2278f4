import Glibc

/// Why a link could not be opened, or ended. What a person reads names the place and what to do.
package enum LinkFault: Error, Hashable, Codable, Sendable {
    /// Nothing is there: the cable is out, or the pump's adapter has no power.
    case absent(place: String)
    /// Another program has it open.
    case busy(place: String, holders: [PortHolder])
    /// The group, where known, that may open it.
    case permissionDenied(place: String, group: String?)
    case notATerminal(place: String)
    /// It was there and went: the cable was pulled, or the other side closed.
    case gone(place: String)
    /// The device takes no bytes.
    case stuck(place: String)
    case unreachable(place: String, reason: String)
    /// Something is there that no pump can be. The reason begins with "it".
    case unusable(place: String, reason: String)
    case failed(place: String, SystemCallFailure)

    package var message: String {
        switch self {
        case .absent(let place): "\(place) is not there."
        case .busy(let place, let holders):
            holders.isEmpty
                ? "\(place) is in use by another program."
                : "\(place) is in use by \(holders.map(\.description).joined(separator: " and "))."
        case .permissionDenied(let place, let group):
            "\(place) may not be opened by this user" + (group.map { "; it belongs to the group \($0)." } ?? ".")
        case .notATerminal(let place): "\(place) is no serial port."
        case .gone(let place): "The connection at \(place) ended."
        case .stuck(let place): "The device at \(place) no longer listens."
        case .unreachable(let place, let reason): "\(place) cannot be reached: \(reason)."
        case .unusable(let place, let reason): "\(place) cannot be read as a pump: \(reason)."
        case .failed(let place, let failure): "\(place) does not work as a port should (\(failure))."
        }
    }

    package var remedy: String {
        switch self {
        case .absent: "Push the data cable in at both ends, and switch the pump on if it is off."
        case .busy(_, let holders):
            if let holder = holders.first {
                holder.name.hasPrefix("pumpledger")
                    ? "Leave the data cable in: another PumpLedger on this computer reads here. Call your support before you pull "
                        + "it; if the patient needs it, pull it."
                    : "Nothing is read here now. The data cable may stay in or be pulled; leave the pump as it is. Call your "
                        + "support: the program is \(holder.name), process \(holder.pid)."
            } else {
                "Nothing is read here now. The data cable may stay in or be pulled; leave the pump as it is. Call your support."
            }
        // Nobody is put into root's group for a cable.
        case .permissionDenied(_, let group?) where group != "root":
            "The data cable may stay in or be pulled; leave the pump as it is. Call your support and read them this: the user of "
                + "pumpledgerd has to be in the group \(group) (sudo usermod -aG \(group) USER), and pumpledgerd to be restarted."
        case .permissionDenied:
            "The data cable may stay in or be pulled; leave the pump as it is. Call your support: the program's udev rules are not "
                + "installed."
        case .notATerminal(let place): "Name the pump's serial port instead of \(place): it looks like /dev/ttyUSB0."
        case .gone: "Push the data cable in again; reading goes on where it stopped."
        case .stuck: "Pull the data cable, wait five seconds and push it in again."
        case .unreachable: "Check that the other side is switched on and that the address is right."
        case .unusable:
            "Unplug it and plug in a pump. If it is one, call your support and read them this line."
        case .failed: "Push the data cable in again, at another USB socket of this computer if need be."
        }
    }

    /// What a failed call means for the link at `place`.
    static func of(_ failure: SystemCallFailure, at place: String) -> LinkFault {
        switch failure.code {
        case ENOENT, ENOTDIR: .absent(place: place)
        // A tty whose device was pulled says EIO to whoever still holds it.
        case EIO, ENXIO, ENODEV, EPIPE, ECONNRESET: .gone(place: place)
        case EBUSY, EWOULDBLOCK: .busy(place: place, holders: PortHolder.holding(place))
        case EACCES, EPERM: .permissionDenied(place: place, group: groupName(of: place))
        case ENOTTY: .notATerminal(place: place)
        case ECONNREFUSED, EHOSTUNREACH, ENETUNREACH, ETIMEDOUT:
            .unreachable(place: place, reason: failure.reason.lowercased())
        default: .failed(place: place, failure)
        }
    }

    /// The group that owns a file, by name; its number where it has no name.
    package static func groupName(of path: String) -> String? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        var entry = group()
        var buffer = [CChar](repeating: 0, count: 4096)
        var found: UnsafeMutablePointer<group>?
        guard getgrgid_r(status.st_gid, &entry, &buffer, buffer.count, &found) == 0, found != nil,
            let name = entry.gr_name
        else { return "\(status.st_gid)" }
        return String(cString: name)
    }
}
