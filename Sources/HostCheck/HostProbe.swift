import CUdev
import Foundation
package import PumpLinks
import Station

/// Looks at this machine, and changes nothing: no device is opened.
package enum HostProbe {
    /// - Parameter links: What the settings name; a device that none names, and no driver claims, is a stranger.
    package static func facts(
        links: [LinkSpec] = [], ledger: String, sqliteVersion: String, daemonAnswers: Bool
    ) -> HostFacts {
        var facts = HostFacts()
        let reader = ReadingUser.service(process: process(named: "pumpledgerd"))
        facts.user = reader?.name ?? NSUserName()
        facts.runsUdev = HotplugMonitor.isServed
        facts.hasRules = ["/etc/udev/rules.d", "/usr/lib/udev/rules.d", "/lib/udev/rules.d", "/run/udev/rules.d"]
            .contains { FileManager.default.fileExists(atPath: $0 + "/70-pumpledger.rules") }
        facts.daemonAnswers = daemonAnswers
        facts.devices = devices(links, reader)
        facts.modemManager = process(named: "ModemManager")
        facts.brltty = process(named: "brltty").map { ($0, packageVersion("brltty")) }
        facts.clockIsSynchronised = isClockSynchronised
        facts.sqliteVersion = sqliteVersion
        facts.ledger = ledger
        facts.ledgerHolders = PortHolder.holding(ledger).filter { !$0.name.hasPrefix("pumpledger") }
        let folder = nearestFolder(of: ledger)
        facts.fileSystem = fileSystem(of: folder)
        facts.freeMegabytes = freeMegabytes(at: folder)
        return facts
    }

    /// The links of the daemon's settings; none where they cannot be read, which the daemon says at its start.
    package static func links(inSettings path: String) -> [LinkSpec] {
        guard let bytes = FileManager.default.contents(atPath: path),
            let settings = try? JSONSerialization.jsonObject(with: bytes) as? [String: Any],
            let links = settings["links"] as? [String]
        else { return [] }
        return links.compactMap { try? LinkSpec($0) }
    }

    private static func devices(_ links: [LinkSpec], _ reader: ReadingUser?) -> [HostFacts.Device] {
        let rules = DeviceRules(links: links, takesClaimed: true)
        let plugged = (try? HotplugMonitor.devices()) ?? []
        var found = plugged.compactMap { device -> HostFacts.Device? in
            let driver = rules.link(for: device)?.driver
            let isAnybodys = DeviceRules.anybodysAdapters.contains(device.numbers ?? "")
            guard driver != nil || device.kind == .serialPort && isAnybodys else { return nil }
            return look(
                HostFacts.Device(
                    node: device.node, numbers: device.numbers, adapter: device.serial, path: device.path,
                    driver: driver,
                    problem: device.problem?.description), reader)
        }
        for case (.serial(let path), let driver) in links.map({ ($0.place, $0.driver) })
        where FileManager.default.fileExists(atPath: path) {
            found.append(look(HostFacts.Device(node: path, driver: driver), reader))
        }
        return found
    }

    private static func look(_ device: HostFacts.Device, _ reader: ReadingUser?) -> HostFacts.Device {
        var device = device
        device.mayOpen = reader?.mayReadAndWrite(device.node) ?? (access(device.node, R_OK | W_OK) == 0)
        device.group = LinkFault.groupName(of: device.node)
        device.holders = PortHolder.holding(device.node).filter { $0.name != "pumpledgerd" && !$0.isThisProcess }
        return device
    }

    private static func process(named name: String) -> Int32? {
        let all = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return all.compactMap { Int32($0) }.first { pid in
            (try? String(contentsOfFile: "/proc/\(pid)/comm", encoding: .utf8))?.hasPrefix(name) ?? false
        }
    }

    /// As the system's list of packages has it: a running program does not say.
    private static func packageVersion(_ name: String) -> String? {
        guard let list = try? String(contentsOfFile: "/var/lib/dpkg/status", encoding: .utf8),
            let start = list.range(of: "\nPackage: \(name)\n"),
            let end = list.range(of: "\n\n", range: start.upperBound..<list.endIndex)
        else { return nil }
        let entry = list[start.upperBound..<end.lowerBound]
        return entry.split(separator: "\n").first { $0.hasPrefix("Version: ") }.map { String($0.dropFirst(9)) }
    }

    /// adjtimex(2) says TIME_ERROR while nobody keeps the clock.
    private static var isClockSynchronised: Bool? {
        let answer = pumpledger_clock_is_synchronised()
        return answer < 0 ? nil : answer == 1
    }

    private static func nearestFolder(of path: String) -> String {
        var folder = URL(filePath: path).deletingLastPathComponent().path
        while folder != "/", !FileManager.default.fileExists(atPath: folder) {
            folder = URL(filePath: folder).deletingLastPathComponent().path
        }
        return folder
    }

    /// The kind of the mount with the longest path that leads to the folder.
    private static func fileSystem(of folder: String) -> String? {
        guard let mounts = try? String(contentsOfFile: "/proc/self/mounts", encoding: .utf8) else { return nil }
        let real = URL(filePath: folder).resolvingSymlinksInPath().path
        var best: (length: Int, kind: String)?
        for line in mounts.split(separator: "\n") {
            let fields = line.split(separator: " ")
            guard fields.count > 2 else { continue }
            let place = String(fields[1])
            let leads = place == "/" || real == place || real.hasPrefix(place + "/")
            if leads, place.count >= best?.length ?? 0 { best = (place.count, String(fields[2])) }
        }
        return best?.kind
    }

    private static func freeMegabytes(at folder: String) -> Int? {
        var status = statvfs()
        guard statvfs(folder, &status) == 0 else { return nil }
        let (bytes, overflow) = UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize))
        return overflow ? nil : Int(bytes >> 20)
    }
}
