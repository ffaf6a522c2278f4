import PumpLinks

/// What stands in the way of a pump, in plain words, each with the one command that mends it.
package struct Diagnosis: Hashable, Sendable {
    package enum Severity: String, Sendable {
        /// Nothing is read while this lasts.
        case stops
        /// It works, and may not for long.
        case warns
        /// Worth knowing.
        case notes
    }

    package var id: String
    package var severity: Severity
    package var message: String
    /// A command to type; nil where there is none, and the message says what to do.
    package var command: String?

    /// Everything that is wrong, what stops first; nothing where all is well.
    package static func of(_ facts: HostFacts) -> [Diagnosis] {
        let all = facts.devices.flatMap { device($0, facts) } + programs(facts) + system(facts) + ledger(facts)
        return all.filter { $0.severity == .stops } + all.filter { $0.severity == .warns }
            + all.filter { $0.severity == .notes }
    }

    private static func device(_ device: HostFacts.Device, _ facts: HostFacts) -> [Diagnosis] {
        guard let driver = device.driver else {
            let pointer = device.adapter.map { "adapter=" + $0 } ?? "path=" + device.path
            return [
                Diagnosis(
                    id: "adapter-not-named", severity: .notes,
                    message:
                        "\(device.node) is an adapter (\(device.numbers ?? "of no number")) that any device may have, so "
                        + "nothing is sent to it. If a pump is behind it, name it.",
                    command: "pumpledgerd --link 'usb:driver=miva&\(pointer)'")
            ]
        }
        var found: [Diagnosis] = []
        if let problem = device.problem {
            found.append(
                Diagnosis(
                    id: "device-unusable", severity: .stops,
                    message: "\(device.node) is claimed by the driver \(driver) and cannot be read: \(problem).",
                    command: nil))
        }
        if !device.mayOpen {
            let group = device.group ?? "its group"
            found.append(
                Diagnosis(
                    id: "no-permission", severity: .stops,
                    message: "\(device.node) may not be opened by \(facts.user); it belongs to the group \(group).",
                    // The service is in its own group only; a node in another one has missed our rules.
                    command: group == "pumpledger" || facts.hasRules
                        ? "sudo usermod -aG \(group) \(facts.user)" : rulesCommand))
        }
        if let holder = device.holders.first {
            found.append(
                Diagnosis(
                    id: "port-held", severity: .stops,
                    message: "\(device.node) is held by \(holder.description); two readers steal each other's bytes.",
                    command: "sudo kill \(holder.pid)"))
        }
        return found
    }

    private static let rulesCommand =
        "pumpledger drivers udev | sudo tee /etc/udev/rules.d/70-pumpledger.rules >/dev/null && sudo udevadm control --reload && sudo udevadm trigger"

    private static func programs(_ facts: HostFacts) -> [Diagnosis] {
        var found: [Diagnosis] = []
        if let pid = facts.modemManager, !facts.hasRules {
            found.append(
                Diagnosis(
                    id: "modem-manager", severity: .warns,
                    message:
                        "ModemManager (process \(pid)) runs, and no rule keeps it off the pumps: it talks to every new "
                        + "serial port for half a minute.", command: rulesCommand))
        }
        if let brltty = facts.brltty, !isHarmless(brltty.version) {
            found.append(
                Diagnosis(
                    id: "brltty", severity: .warns,
                    message:
                        "brltty\(brltty.version.map { " " + $0 } ?? "") (process \(brltty.pid)) runs: before 6.5 it takes "
                        + "FTDI, CP210x and CH340 adapters for braille displays.",
                    command: "sudo systemctl mask --now brltty.service brltty-udev.service"))
        }
        return found
    }

    private static func isHarmless(_ version: String?) -> Bool {
        guard let parts = version?.split(separator: ".").map({ Int($0.prefix { $0.isNumber }) ?? 0 }) else {
            return false
        }
        return (parts.first ?? 0, parts.dropFirst().first ?? 0) >= (6, 5)
    }

    private static func system(_ facts: HostFacts) -> [Diagnosis] {
        var found: [Diagnosis] = []
        if !facts.runsUdev {
            found.append(
                Diagnosis(
                    id: "no-udev", severity: .warns,
                    message:
                        "No udev runs here, so a pump that is plugged in later is noticed only at a link with a path.",
                    command: "sudo systemctl start systemd-udevd"))
        } else if !facts.hasRules {
            found.append(
                Diagnosis(
                    id: "rules-missing", severity: .warns,
                    message:
                        "The udev rules of pumpledger are not installed: pumps belong to no group of its own, and other "
                        + "programs may take them.", command: rulesCommand))
        }
        if facts.clockIsSynchronised == false {
            found.append(
                Diagnosis(
                    id: "clock", severity: .warns,
                    message: "This machine's clock is not synchronised; the times of all events are measured by it.",
                    command: "sudo timedatectl set-ntp true"))
        }
        if !facts.daemonAnswers {
            found.append(
                Diagnosis(
                    id: "no-daemon", severity: .notes, message: "No daemon answers, so no pump is read by itself.",
                    command: "sudo systemctl enable --now pumpledgerd"))
        }
        return found
    }

    /// File systems of other machines, where locks and the write-ahead log's shared memory do not hold (sqlite.org/wal.html).
    private static let remote = ["nfs", "cifs", "smb", "9p", "sshfs", "fuse", "ceph", "gluster", "afs", "lustre"]

    private static func ledger(_ facts: HostFacts) -> [Diagnosis] {
        var found: [Diagnosis] = []
        if let system = facts.fileSystem, remote.contains(where: { system.hasPrefix($0) }) {
            found.append(
                Diagnosis(
                    id: "ledger-remote", severity: .stops,
                    message: "The ledger \(facts.ledger) is on \(system), where a lock does not hold between machines.",
                    command: "pumpledgerd --ledger /var/lib/pumpledger/ledger.db"))
        }
        if let system = facts.fileSystem, ["tmpfs", "ramfs", "overlay"].contains(system) {
            found.append(
                Diagnosis(
                    id: "ledger-volatile", severity: .warns,
                    message:
                        "The ledger \(facts.ledger) is on \(system), which does not outlive this machine's or this "
                        + "container's end.", command: "pumpledgerd --ledger /var/lib/pumpledger/ledger.db"))
        }
        if let holder = facts.ledgerHolders.first {
            let old = SQLiteRelease(facts.sqliteVersion).wantsOneWriter
            found.append(
                Diagnosis(
                    id: "ledger-held", severity: .warns,
                    message: "The ledger \(facts.ledger) is open in \(holder.description) too"
                        + (old
                            ? "; if both write, SQLite \(facts.sqliteVersion) can lose what was stored."
                            : "; what it changes, verify will find."),
                    command: "sudo kill \(holder.pid)"))
        }
        if let free = facts.freeMegabytes, free < 256 {
            found.append(
                Diagnosis(
                    id: "disk-full", severity: .warns,
                    message: "Only \(free) MB are free where the ledger is.", command: "df -h \(facts.ledger)"))
        }
        return found
    }
}
